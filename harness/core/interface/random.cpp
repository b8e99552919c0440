#include "gapbench/random.h"

#include <Random123/philox.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

namespace gapbench {
namespace {

std::array<std::uint64_t, 4> philox(const std::array<std::uint64_t, 2>& key,
                                    const std::array<std::uint64_t, 4>& counter) noexcept {
  const r123::Philox4x64 generator;
  const r123::Philox4x64::ctr_type c{{counter[0], counter[1], counter[2], counter[3]}};
  const r123::Philox4x64::key_type k{{key[0], key[1]}};
  const auto out = generator(c, k);
  return {out[0], out[1], out[2], out[3]};
}

// FNV-1a, 64 bit: purposes are a handful of short words, and a compile-time table would name them
// twice.
std::uint64_t hash(std::string_view text) noexcept {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return h;
}

constexpr std::uint64_t draw_domain = 0;
constexpr std::uint64_t key_domain = 1;

constexpr std::size_t pairs = 128;  // made together: loops over them become vector code

// sqrt(-2 log u) with u = (h + 1/2) 2^-31, h the upper 31 bits: f32, no branch. The polynomial is
// that of Cephes (Moshier 1989, logf.c), right to 1e-7 of log u.
float radius_of(std::uint32_t bits) noexcept {
  const float u = (static_cast<float>(static_cast<std::int32_t>(bits >> 1)) + 0.5F) * 0x1p-31F;
  const auto whole = std::bit_cast<std::int32_t>(u);
  constexpr std::int32_t root_half = 0x3f3504f3;  // of sqrt(1/2): m = u 2^-e lies around 1
  const std::int32_t e = (whole - root_half) >> 23;
  const float m = std::bit_cast<float>(whole - e * (1 << 23)) - 1;
  const float m2 = m * m;
  float p = 7.0376836292e-2F;
  for (const float c : {-1.1514610310e-1F, 1.1676998740e-1F, -1.2420140846e-1F, 1.4249322787e-1F,
                        -1.6668057665e-1F, 2.0000714765e-1F, -2.4999993993e-1F, 3.3333331174e-1F}) {
    p = p * m + c;
  }
  constexpr float log_two = 0.69314718F;
  const float log_u = m + (p * m - 0.5F) * m2 + static_cast<float>(e) * log_two;
  return std::sqrt(std::max(0.0F, -2 * log_u));
}

struct Direction {
  float cosine;
  float sine;
};

// Of the angle 2 pi bits / 2^32: the nearest quarter turn and a rest within an eighth, whose
// polynomials are those of Cephes (Moshier 1989, sinf.c).
Direction direction_of(std::uint32_t bits) noexcept {
  const std::uint32_t quarter = (bits + 0x20000000U) >> 30;
  const auto rest = static_cast<std::int32_t>(bits - (quarter << 30));
  const float t = static_cast<float>(rest) * (std::numbers::pi_v<float> * 0x1p-31F);
  const float t2 = t * t;
  const float s =
      ((-1.9515295891e-4F * t2 + 8.3321608736e-3F) * t2 - 1.6666654611e-1F) * t2 * t + t;
  const float c =
      ((2.443315711809948e-5F * t2 - 1.388731625493765e-3F) * t2 + 4.166664568298827e-2F) * t2 *
          t2 -
      0.5F * t2 + 1;
  const bool swapped = (quarter & 1U) != 0;
  const float x = swapped ? s : c;
  const float y = swapped ? c : s;
  return {(quarter + 1) & 2U ? -x : x, quarter & 2U ? -y : y};
}

}  // namespace

Random Random::at(std::string_view purpose, std::uint64_t a, std::uint64_t b) const noexcept {
  const auto words = philox(key_, {hash(purpose), a, b, key_domain});
  Random derived(words[0]);
  derived.key_[1] = words[1];
  return derived;
}

std::uint64_t Random::bits() noexcept {
  const std::uint64_t place = drawn_ % 4;
  if (place == 0) block_ = philox(key_, {drawn_ / 4, 0, 0, draw_domain});
  ++drawn_;
  return block_[place];
}

double Random::uniform() noexcept { return static_cast<double>(bits() >> 11) * 0x1p-53; }

std::uint64_t Random::below(std::uint64_t bound) noexcept {
  // Values under 2^64 mod bound are redrawn, so that every remainder has equally many sources.
  const std::uint64_t redraw_below = (0 - bound) % bound;
  std::uint64_t value = bits();
  while (value < redraw_below) value = bits();
  return value % bound;
}

double Random::normal() noexcept {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

void Random::normal(std::span<float> out, double deviation) noexcept {
  for (float& x : out) x = static_cast<float>(deviation * normal());
}

void Random::normals(std::span<float> out) noexcept {
  const r123::Philox4x32 generator;
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const r123::Philox4x32::key_type key{{low(key_[0]), high(key_[0])}};
  std::array<std::uint32_t, pairs> radii{};
  std::array<std::uint32_t, pairs> angles{};
  std::array<float, 2 * pairs> made{};
  for (std::size_t first = 0; first < out.size(); first += made.size()) {
    const std::size_t wanted = std::min(made.size(), out.size() - first);
    for (std::size_t i = 0; 2 * i < wanted; i += 2, ++normal_blocks_) {
      const auto four =
          generator(r123::Philox4x32::ctr_type{{low(normal_blocks_), high(normal_blocks_),
                                                low(key_[1]), high(key_[1])}},
                    key);
      radii[i] = four[0];
      angles[i] = four[1];
      radii[i + 1] = four[2];
      angles[i + 1] = four[3];
    }
    for (std::size_t i = 0; i < pairs; ++i) {
      const float radius = radius_of(radii[i]);
      const Direction direction = direction_of(angles[i]);
      made[2 * i] = radius * direction.cosine;
      made[2 * i + 1] = radius * direction.sine;
    }
    std::copy_n(made.begin(), wanted, out.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

void Random::shuffle(std::span<std::uint32_t> items) noexcept {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
}

}  // namespace gapbench
