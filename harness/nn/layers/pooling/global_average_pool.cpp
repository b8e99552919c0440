#include "nn/layers/pooling/global_average_pool.h"

namespace gapbench::nn {

std::unique_ptr<Layer> make_global_average_pool(ImageShape input) {
  return std::make_unique<AveragePool>(
      Windows{.input = input, .height = input.height, .width = input.width, .stride = 1});
}

}  // namespace gapbench::nn
