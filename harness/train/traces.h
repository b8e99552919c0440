// How the draws of a chain mix, by functions of them.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "train/mixing.h"
#include "train/outcome.h"
#include "train/part_sums.h"

namespace gapbench::train {

/// `probe` of what Traces reports.
inline constexpr const char* mixing_name = "mixing";

/// The values of some functions at each draw that is predicted with: the mean loss of the training
/// examples that are scored, the squared length of the parameters, and the loss of up to 16 test
/// examples (validation, or training, where there are none), equally spaced. Parameters themselves are
/// not looked at: networks have symmetries, and two draws far apart may be one function.
class Traces {
 public:
  /// After each draw w has gone through the parts; some part has examples.
  void add(std::span<const float> w, std::span<const std::optional<PartSums>> parts);

  /// Appends ess_min and ess_median over the functions (bulk_effective_sample_size) and r_hat_max
  /// (rank_normalized_split_r_hat; left out where it is infinite). Of fewer than 8 draws nothing; of
  /// functions that stay the same the effective sample sizes are not asked, and of draws that are all
  /// alike both are 1.
  void report(std::vector<ProbeValue>& values) const;

 private:
  std::vector<std::vector<double>> functions_;  ///< [functions][draws]
};

}  // namespace gapbench::train
