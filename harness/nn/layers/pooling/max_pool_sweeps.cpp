#include "nn/layers/pooling/max_pool_sweeps.h"

#include <algorithm>

#include "nn/layers/isa.h"
#include "nn/layers/lanes.h"

// What is done to a window is a struct whose call is inlined: a closure might be compiled by
// itself, for the least x86-64 level.

namespace gapbench::nn::sweep {
namespace {

constexpr std::size_t group = sizeof(Lanes) / sizeof(float);  // channels side by side

using Places [[gnu::vector_size(64)]] = std::int32_t;

[[gnu::always_inline]] inline Places load(const std::int32_t* from) {
  Places x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

template <class T>
struct FindMaxima {
  const Windows& w;
  const T* x;
  T* y;
  std::int32_t* place;

  [[gnu::always_inline]] void operator()(const Window& window) const {
    std::size_t c = 0;
    for (; c + group <= w.input.channels; c += group) find_group(window, c);
    for (; c < w.input.channels; ++c) find_one(window, c);
  }

 private:
  [[gnu::always_inline]] void find_group(const Window& window, std::size_t c) const {
    Lanes best = {};
    Places where = {};
    bool begins = true;
    for_each_pixel(w, window, [&](std::int32_t k, std::size_t at) {
      const Lanes pixel = nn::load(x + at + c);
      const Places here = Places{} + k;
      const auto larger = pixel > best;
      best = begins ? pixel : larger ? pixel : best;
      where = begins ? here : larger ? here : where;
      begins = false;
    });
    nn::store(best, y + window.output + c);
    std::memcpy(place + window.output + c, &where, sizeof where);
  }

  [[gnu::always_inline]] void find_one(const Window& window, std::size_t c) const {
    T* const best = y + window.output + c;
    bool begins = true;
    for_each_pixel(w, window, [&](std::int32_t k, std::size_t at) {
      if (!begins && !(widen(x[at + c]) > widen(*best))) return;
      *best = x[at + c];
      place[window.output + c] = k;
      begins = false;
    });
  }
};

template <class T>
struct TakeMaxima {
  const Windows& w;
  const std::int32_t* place;
  const T* from;
  T* to;

  [[gnu::always_inline]] void operator()(const Window& window) const {
    const std::int32_t* const where = place + window.output;
    T* const out = to + window.output;
    std::size_t c = 0;
    for (; c + group <= w.input.channels; c += group) {
      const Places places = load(where + c);
      Lanes taken = {};
      for_each_pixel(w, window, [&](std::int32_t k, std::size_t at) {
        taken = places == Places{} + k ? nn::load(from + at + c) : taken;
      });
      nn::store(taken, out + c);
    }
    for (; c < w.input.channels; ++c) {
      for_each_pixel(w, window, [&](std::int32_t k, std::size_t at) {
        if (where[c] == k) out[c] = from[at + c];
      });
    }
  }
};

/// Overlap: pixels lie in several windows, whose numbers are summed.
template <class T, bool Overlap>
struct SpreadMaxima {
  const Windows& w;
  const std::int32_t* place;
  const T* from;
  T* to;

  [[gnu::always_inline]] void operator()(const Window& window) const {
    const std::int32_t* const where = place + window.output;
    const T* const given = from + window.output;
    std::size_t c = 0;
    for (; c + group <= w.input.channels; c += group) {
      const Places places = load(where + c);
      const Lanes numbers = nn::load(given + c);
      for_each_pixel(w, window, [&](std::int32_t k, std::size_t at) {
        Lanes pixel = places == Places{} + k ? numbers : Lanes{};
        if constexpr (Overlap) pixel += nn::load(to + at + c);
        nn::store(pixel, to + at + c);
      });
    }
    for (; c < w.input.channels; ++c) {
      for_each_pixel(w, window, [&](std::int32_t k, std::size_t at) {
        const float before = Overlap ? widen(to[at + c]) : 0.0F;
        to[at + c] = narrow<T>(before + (where[c] == k ? widen(given[c]) : 0.0F));
      });
    }
  }
};

template <class T>
[[gnu::always_inline]] inline void do_spread_maxima(const Windows& w, std::size_t images,
                                                    const std::int32_t* place, const T* from,
                                                    T* to) {
  if (!w.tile()) std::fill_n(to, images * w.input.size(), T{});
  if (w.overlap()) {
    for_each_window(w, images, SpreadMaxima<T, true>{w, place, from, to});
  } else {
    for_each_window(w, images, SpreadMaxima<T, false>{w, place, from, to});
  }
}

}  // namespace

GAPBENCH_FOR_EACH_ISA
void max_pool(const Windows& w, std::size_t images, const float* x, float* y, std::int32_t* place) {
  for_each_window(w, images, FindMaxima<float>{w, x, y, place});
}
GAPBENCH_FOR_EACH_ISA
void max_pool(const Windows& w, std::size_t images, const Bf16* x, Bf16* y, std::int32_t* place) {
  for_each_window(w, images, FindMaxima<Bf16>{w, x, y, place});
}

GAPBENCH_FOR_EACH_ISA
void take_maxima(const Windows& w, std::size_t images, const std::int32_t* place, const float* from,
                 float* to) {
  for_each_window(w, images, TakeMaxima<float>{w, place, from, to});
}
GAPBENCH_FOR_EACH_ISA
void take_maxima(const Windows& w, std::size_t images, const std::int32_t* place, const Bf16* from,
                 Bf16* to) {
  for_each_window(w, images, TakeMaxima<Bf16>{w, place, from, to});
}

GAPBENCH_FOR_EACH_ISA
void spread_maxima(const Windows& w, std::size_t images, const std::int32_t* place,
                   const float* from, float* to) {
  do_spread_maxima(w, images, place, from, to);
}
GAPBENCH_FOR_EACH_ISA
void spread_maxima(const Windows& w, std::size_t images, const std::int32_t* place,
                   const Bf16* from, Bf16* to) {
  do_spread_maxima(w, images, place, from, to);
}

}  // namespace gapbench::nn::sweep
