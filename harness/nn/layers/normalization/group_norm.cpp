#include "nn/layers/normalization/group_norm.h"

#include <fmt/format.h>

#include <utility>

#include "gapbench/error.h"

namespace gapbench::nn {

std::unique_ptr<Layer> make_group_norm(std::string name, ImageShape shape, std::size_t groups) {
  if (groups == 0 || shape.channels % groups != 0) {
    throw Error(name,
                fmt::format("{} channels cannot be split into {} groups; the number of groups "
                            "must divide the channels",
                            shape.channels, groups));
  }
  return std::make_unique<Normalization>(std::move(name), shape, Normalization::Over::group,
                                         groups);
}

}  // namespace gapbench::nn
