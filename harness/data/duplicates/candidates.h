// Training images worth a closer look.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/duplicates/alignment.h"
#include "data/duplicates/descriptor.h"
#include "data/sets/set.h"

namespace gapbench::data::duplicates {

struct Candidate {
  std::uint32_t train = 0;
  std::vector<Transform> starts;  ///< the views with the largest products, most first
};

/// Descriptors of all training images, in their place. Const: several threads at a time.
class Candidates {
 public:
  Candidates(const Shape& shape, const ImagePart& train);

  /// The `count` training images with the largest product of descriptors in any of 98 views (those
  /// of Describer, mirrored or not), most first, the earlier of equals. `plain` and `flipped` are
  /// the test image's brightness. Cost: 98 products of length 64 a training image, about 15 ms for
  /// 50,000.
  std::vector<Candidate> nearest(std::span<const float> plain, std::span<const float> flipped,
                                 std::size_t count) const;

 private:
  Describer describer_;
  std::vector<Descriptor> train_;
};

}  // namespace gapbench::data::duplicates
