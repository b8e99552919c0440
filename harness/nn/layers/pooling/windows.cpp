#include "nn/layers/pooling/windows.h"

#include <fmt/format.h>

#include <algorithm>

#include "gapbench/error.h"

namespace gapbench::nn {

void check(const std::string& where, const Windows& w) {
  if (std::min({w.input.size(), w.height, w.width, w.stride}) == 0) {
    throw Error(where, "extents, window and stride must be at least 1, got 0");
  }
  if (w.padding >= std::min(w.height, w.width)) {
    throw Error(where, fmt::format("padding must be smaller than a window's side, got {} for {}x{}",
                                   w.padding, w.height, w.width));
  }
  if (w.input.height < w.height || w.input.width < w.width) {
    throw Error(where, fmt::format("a {}x{} window needs an input at least that large, got {}x{}",
                                   w.height, w.width, w.input.height, w.input.width));
  }
}

}  // namespace gapbench::nn
