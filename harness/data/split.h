// Which official records make up the training, validation and test part.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/data.h"

namespace gapbench::data {

/// Official record numbers of the three parts, in the order of the parts' indices.
class Split {
 public:
  /// Training records permuted by a key of split_seed: first `validation`, then `train`. Test: the
  /// first `test` official test records, in their order; where the request has a test_fraction, that
  /// share of the training records, by a permutation of all. Throws Error when a part is larger than
  /// what is there, or the training part would be empty.
  Split(const Request& request, std::size_t train_records, std::size_t test_records);

  /// For parts that were cut from some of the records alone: number i of the constructor's training
  /// or test records is `train[i]` or `test[i]` in truth.
  void rename(std::span<const std::uint32_t> train, std::span<const std::uint32_t> test) noexcept;

  std::span<const std::uint32_t> records(Part part) const noexcept {
    return parts_[static_cast<std::size_t>(part)];
  }

 private:
  std::array<std::vector<std::uint32_t>, 3> parts_;  // by Part
};

}  // namespace gapbench::data
