#include "nn/layers/normalization/batch_norm.h"

#include <utility>

namespace gapbench::nn {

std::unique_ptr<Layer> make_batch_norm(std::string name, ImageShape shape, std::size_t ghost) {
  return std::make_unique<Normalization>(std::move(name), shape, Normalization::Over::batch,
                                         shape.channels, ghost);
}

}  // namespace gapbench::nn
