// How the number of steps to a target falls with the batch size.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "compare/statistics/interval.h"

namespace gapbench::compare {

/// Of one batch size: the geometric mean over seeds.
struct StepsAtBatch {
  double batch = 0;
  double steps = 0;
};

struct BatchScaling {
  /// 0 where a constant fits best, infinite where perfect scaling does.
  double critical = 0;        ///< B*, where both regimes cost the same
  double least_steps = 0;     ///< S, of a batch that is as large as it may be; 0: none in sight
  double least_examples = 0;  ///< S B*, of a batch of no size; 0: none in sight
  double misfit = 1;          ///< the largest factor between a point and the curve
  /// 95 % profile intervals; nothing for two batch sizes. An end that is 0 or infinite is not known
  /// from these sizes.
  std::optional<Interval> critical_interval{}, least_steps_interval{}, least_examples_interval{};
};

/// Two asymptotes, steps S and examples S B*, in the order of growing batches
///
///   steps(B) = S (1 + B* / B),   log steps = log S + log(1 + B* / B) + e,   e ~ N(0, sigma^2)
///
/// by least squares in logarithms (McCandlish, Kaplan, Amodei et al. 2018, "An empirical model of
/// large-batch training", whose (S - S_min) (E - E_min) = S_min E_min this is). The intervals hold the
/// values for which the sum of squares, least over what else is free, is at most
///
///   (least sum of squares) (1 + F / (k - 2)),   F the quantile of F with 1 and k - 2 degrees of
///
/// freedom, k the number of batch sizes (Beale 1960, "Confidence regions in non-linear estimation"):
/// what the curve misses counts as error. They go through to 0 or infinity where
/// one asymptote alone is not excluded. The curve is followed over B* from e^-8 of the smallest
/// size to e^8 of the largest, in steps of 3 percent, and at both limits.
/// Throws Error for sizes and steps that are not above 0 and finite, for fewer than two sizes, for
/// one that stands twice, and for a confidence outside (0, 1).
BatchScaling batch_scaling(std::span<const StepsAtBatch> points, double confidence = 0.95);

/// Of the curve: 0 B*, infinite ones, and batches of any size are allowed.
double curve_at(const BatchScaling& fit, double batch);

/// What more examples a step do to the number of steps, -d log steps / d log B = B* / (B* + B).
enum class Regime {
  perfect,      ///< at least 0.9: twice the batch, nearly half the steps
  diminishing,  ///< between
  maximal,      ///< at most 0.1: hardly fewer
};

/// Which of them the batch may be in, for any B* of the interval.
struct Regimes {
  bool perfect = false, diminishing = false, maximal = false;
};
Regimes regimes_at(double batch, const Interval& critical);

}  // namespace gapbench::compare
