#include "data/augmentation.h"

#include "gapbench/random.h"

namespace gapbench::data {

Placement placement(std::uint64_t augmentation_seed, std::uint64_t epoch,
                    std::uint32_t index) noexcept {
  constexpr std::uint64_t offsets = 2 * crop_padding + 1;
  Random random = Random(augmentation_seed).at("augmentation", epoch, index);
  const auto offset = [&] { return static_cast<int>(random.below(offsets)) - crop_padding; };
  const int down = offset();
  const int right = offset();
  return {down, right, random.below(2) == 1};
}

}  // namespace gapbench::data
