#include "gapbench/random.h"

#include <Random123/philox.h>

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

void Random::shuffle(std::span<std::uint32_t> items) noexcept {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
}

}  // namespace gapbench
