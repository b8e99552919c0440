#include "compare/findings/recovery.h"

#include <fmt/format.h>

#include <cmath>

#include "compare/findings/verdict.h"
#include "compare/rows/by_seed.h"
#include "compare/rows/timing.h"
#include "compare/statistics/ratio.h"
#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

/// What is nearer to 0 than `surely_lost` half widths of its interval.
std::string doubt(const Interval& loss) {
  if (loss.covers(0)) return "which covers 0: nothing was lost for certain";
  const double t = (loss.low + loss.high) / loss.width();
  return fmt::format(
      "{:.3g} times its half width from 0, and not {:.4g}: too near for a ratio to be known",
      std::abs(t), surely_lost);
}

/// Over the seeds that all three have a number for.
Recovery recovery_of(const BySeed& row, const BySeed& large, const BySeed& small, Better better,
                     double confidence) {
  std::vector<double> method_values;
  std::vector<double> large_values;
  std::vector<double> small_values;
  for (const auto& [seed, value] : row) {
    if (!large.contains(seed) || !small.contains(seed)) continue;
    method_values.push_back(value);
    large_values.push_back(large.at(seed));
    small_values.push_back(small.at(seed));
  }
  Recovery result = recovery(method_values, large_values, small_values, confidence);
  if (!result.value) return result;
  const double without = summary(large_values).mean;
  const double full = summary(small_values).mean;
  if (!is_worse(full, without, better)) return result;
  result.value.reset();
  result.interval.reset();
  result.why = fmt::format(
      "undefined: the small batch is worse than the large one ({:.4g} against {:.4g}), nothing was "
      "lost",
      full, without);
  return result;
}

/// What is known only between two evaluations is no surer than the worst of their ends.
void widen(const Recovery& end, Recovery& result) {
  if (!result.value) return;
  if (!end.value) {
    result.value.reset();
    result.interval.reset();
    result.why = "at one end of the brackets " + end.why;
  } else if (result.interval && end.interval) {
    result.interval = hull(*result.interval, *end.interval);
  }
}

}  // namespace

Recovery recovery(std::span<const double> method, std::span<const double> large_batch,
                  std::span<const double> small_batch, double confidence) {
  const std::vector<double> gained = differences(method, large_batch);
  const std::vector<double> lost = differences(small_batch, large_batch);
  Recovery result;
  result.n = lost.size();
  const auto interval = t_interval(lost, confidence);
  if (!interval) {
    result.why = fmt::format("undefined: needs two seeds in common, has {}", lost.size());
    return result;
  }
  const std::string loss =
      fmt::format("small batch - large batch is {} ({})", signed_text(summary(lost).mean),
                  interval_text(*interval, confidence));
  const double distance = std::abs(interval->low + interval->high);
  if (interval->covers(0) || !(distance > surely_lost * interval->width())) {
    result.why = fmt::format("undefined: {}, {}", loss, doubt(*interval));
    return result;
  }
  result.value = summary(gained).mean / summary(lost).mean;
  result.interval = ratio_interval(gained, lost, confidence);
  result.why =
      fmt::format("defined: {}, more than {:.4g} times its half width from 0", loss, surely_lost);
  return result;
}

bool is_worse(double a, double b, Better better) {
  return (better == Better::higher && a < b) || (better == Better::lower && a > b);
}

Recovery recovery(const Row& row, const Row& large, const Row& small, const Column& metric,
                  double confidence) {
  const std::string untimed = metric.timed ? why_not_timed({&row, &large, &small}) : "";
  if (!untimed.empty()) {
    Recovery none;
    none.failed = failed_seeds({&row, &large, &small});
    none.why = fmt::format("undefined: the seconds cannot be compared, {}", untimed);
    return none;
  }
  const auto at = [&](End of_row, End of_large, End of_small) {
    const auto of_draws =
        by_draw({by_seed(row, metric.measure, of_row), by_seed(large, metric.measure, of_large),
                 by_seed(small, metric.measure, of_small)},
                row.seeds_per_draw);
    return recovery_of(of_draws[0], of_draws[1], of_draws[2], metric.better, confidence);
  };
  Recovery result = at(End::point, End::point, End::point);
  if (!row.brackets.empty()) {
    for (const Ends& ends : bracket_ends) {
      for (const End of_small : {End::before, End::after}) {
        widen(at(ends.method, ends.baseline, of_small), result);
      }
    }
  }
  result.failed = failed_seeds({&row, &large, &small});
  return result;
}

}  // namespace gapbench::compare
