// The loops of max pooling, compiled once for each x86-64 level.
//
// Arrays are of `images` inputs or outputs of the windows, channels last. `place` holds for each
// output the number of the pixel in its window where the maximum was found.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nn/bf16.h"
#include "nn/layers/pooling/windows.h"

namespace gapbench::nn::sweep {

/// y = the maximum of each window of x, place = where. The first of equals counts, and a NaN only
/// where it stands first.
void max_pool(const Windows& windows, std::size_t images, const float* x, float* y,
              std::int32_t* place);
void max_pool(const Windows& windows, std::size_t images, const Bf16* x, Bf16* y,
              std::int32_t* place);

/// to = what stands in `from` at the places.
void take_maxima(const Windows& windows, std::size_t images, const std::int32_t* place,
                 const float* from, float* to);
void take_maxima(const Windows& windows, std::size_t images, const std::int32_t* place,
                 const Bf16* from, Bf16* to);

/// The adjoint: to = 0 but at the places, where each number of `from` is added.
void spread_maxima(const Windows& windows, std::size_t images, const std::int32_t* place,
                   const float* from, float* to);
void spread_maxima(const Windows& windows, std::size_t images, const std::int32_t* place,
                   const Bf16* from, Bf16* to);

}  // namespace gapbench::nn::sweep
