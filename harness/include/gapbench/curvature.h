// The Fisher information, in blocks that are diagonal in a basis of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gapbench/export.h"
#include "gapbench/head.h"
#include "gapbench/micro_batch.h"
#include "gapbench/options.h"

namespace gapbench {

/// The mean Fisher information F of the parameters [first, first + rows x columns), diagonal in an
/// orthonormal basis: F = V diag(eigenvalues) V^T, V = left (x) right.
struct CurvatureBlock {
  std::size_t first = 0;
  std::size_t rows = 0;
  std::size_t columns = 0;
  /// Entry (i, j) of the block is parameter first + i columns + j; where the last column is a bias
  /// it lies behind all others, as KroneckerLayer has it.
  bool bias = false;
  std::vector<double> eigenvalues{};  ///< [rows, columns], >= 0: what rounding put below is 0
  std::vector<float> left{};          ///< [rows, rows]; empty: the identity
  std::vector<float> right{};         ///< [columns, columns]; empty: the identity
};

/// Whose labels the gradients are taken of that the Fisher information is the second moment of.
///
///   exact      in expectation under the model: the generalized Gauss-Newton matrix
///   sampled    one label an example drawn from the model; classes only
///   empirical  the true labels. No curvature where the model fits them: a known bias
enum class Fisher : std::uint8_t { exact, sampled, empirical };

namespace option {
inline constexpr OptionSpec fisher =
    choice("fisher", "exact|sampled|empirical",
           "labels in expectation, drawn from the model, or the true ones")
        .by_default("exact");
inline constexpr OptionSpec largest_factor =
    integer("largest", "rows of a factor; layers with larger ones are left out")
        .at_least(1)
        .by_default(2304);
}  // namespace option

/// As option::fisher says.
GAPBENCH_API Fisher fisher_of(const Options& o);
/// Throws Error unless the loss is a likelihood, and for sampled labels of a regression. `what`
/// begins the words: "weighs the loss against a prior".
GAPBENCH_API void require_fisher(const std::string& owner, std::string_view what, const Head& loss,
                                 Fisher fisher);
/// Calls f(head) for the heads whose gradients' second moments, summed, are the Fisher: the width of
/// the outputs for exact, else one. Labels are MicroBatch::sampled_labels(purpose).
GAPBENCH_API void for_each_column(MicroBatch& m, Fisher fisher, std::string_view purpose,
                                  const std::function<void(const Head&)>& f);
/// Writes A and G of these kronecker_layers(), G summed over the columns: A, G of the first, A, G of
/// the second ... Cost: 1 forward, the first time, and a backward for each column; the factors' sums
/// as often. Memory: one layer's G beside.
GAPBENCH_API void fisher_factors(MicroBatch& m, Fisher fisher, std::string_view purpose,
                                 std::span<const std::size_t> layers, std::span<float> out);

}  // namespace gapbench
