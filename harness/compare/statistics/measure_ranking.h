// Whether a measure of trained networks ranks their gaps: rank correlations, conditional information,
// sign errors.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace gapbench::compare {

/// One trained network of a grid: its level on every axis (0, 1, ... ; as many as all others have), what
/// the measure says, and the gap. Numbers are finite.
struct Ranked {
  std::vector<std::size_t> at;
  double measure = 0;
  double gap = 0;
};

/// Kendall's tau-b, over all pairs:
///
///   (concordant - discordant) / sqrt((pairs - ties of the measure) (pairs - ties of the gap))
///
/// Nothing where one of the two is the same for all. Kendall 1945, "The treatment of ties in ranking
/// problems". O(n^2).
std::optional<double> kendall_tau(std::span<const Ranked> networks);

/// For each axis the mean, over all settings of the others, of
///
///   sum_{i < j} sign(measure_i - measure_j) sign(gap_i - gap_j) / pairs
///
/// over the networks that differ on this axis alone: nothing where no two do. Jiang et al. 2020,
/// "Fantastic generalization measures and where to find them": a measure that ranks one
/// axis for the sake of all is found out.
std::vector<std::optional<double>> granulated(std::span<const Ranked> networks);

/// Their mean over the axes that have one (Psi); nothing where none has.
std::optional<double> mean_of(std::span<const std::optional<double>> by_axis);

/// min over sets S of at most two axes of I(V_measure; V_gap | U_S) / H(V_gap | U_S), in [0, 1]: V the
/// signs (-, 0 or +) of the differences of an ordered pair of two different networks, U_S the levels
/// of both on the axes of S. What the measure tells of the gap's order that no two axes tell already.
/// Jiang et al. 2020. A set S that
/// leaves nothing to be told is passed over; nothing where all do. O(n^2 axes^2).
std::optional<double> conditional_information(std::span<const Ranked> networks);

/// Of pairs that differ on one axis: (1 - sign(measure difference) sign(gap difference)) / 2, ties 1/2,
/// weighted by how surely the gaps differ, mean over each environment (an axis and two of its levels).
/// Weight max(0, 1 - 2 exp(-2 n (gap difference / 2)^2))^2 where the gaps are of errors over n test
/// examples (Hoeffding's inequality), else 1. Dziugaite et al. 2020, "In search of robust measures of
/// generalization": the largest over environments is what a robust measure keeps low.
struct SignErrors {
  double largest = 0;
  double ninetieth = 0;  ///< percentile over environments
  double mean = 0;
  std::size_t environments = 0;
};
/// Nothing where no environment has weight.
std::optional<SignErrors> sign_errors(std::span<const Ranked> networks,
                                      std::optional<double> test_examples);

}  // namespace gapbench::compare
