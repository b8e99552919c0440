// Places where what flows may be multiplied by noise.
#pragma once

#include <cstddef>
#include <string>

namespace gapbench {

/// A named place in a problem where what flows may be multiplied by noise.
struct NoiseSite {
  std::string name;      ///< "hidden1"; unique within a problem
  std::size_t size = 0;  ///< entries of one example; of an image by row, column, channel
};

}  // namespace gapbench
