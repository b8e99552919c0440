#include "compare/findings/verdict.h"

#include <fmt/format.h>

#include <cmath>

#include "compare/statistics/paired_t.h"
#include "compare/statistics/ratio.h"
#include "compare/statistics/sample.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

constexpr std::size_t least_pairs = 3;

/// "+1.234", "-0.05678", "0".
std::string signed_text(double value) { return value == 0 ? "0" : fmt::format("{:+.4g}", value); }

std::string interval_text(const Interval& interval, double confidence) {
  return fmt::format("{:.4g} % interval {} to {}", 100 * confidence, signed_text(interval.low),
                     signed_text(interval.high));
}

Effect effect(std::span<const double> differences, double confidence) {
  if (differences.empty()) return {};
  return {summary(differences), t_interval(differences, confidence), has_spread(differences)};
}

bool same_sign(double x, double y) { return (x > 0) == (y > 0); }

Rule rule_of(const Transfer& t) {
  const Statistic& a = t.a.differences;
  const Statistic& b = t.b.differences;
  if (a.n < least_pairs || b.n < least_pairs) return Rule::too_few_seeds;
  if (!t.a.spread || !t.b.spread) return Rule::no_spread;
  if (t.a.interval->covers(0)) return Rule::no_finding;
  if (!t.b.interval->covers(0)) {
    return same_sign(a.mean, b.mean) ? Rule::same_side : Rule::opposite_sides;
  }
  return Rule::undecided;
}

/// Whether the whole interval on B is nearer to 0 than the margin.
bool much_smaller(const Transfer& t) {
  const double margin = t.options.margin_fraction * std::abs(t.a.differences.mean);
  return t.b.interval->low > -margin && t.b.interval->high < margin;
}

std::string size_note(const Transfer& t) {
  if (!much_smaller(t)) return "";
  return fmt::format(", though on the second it is less than {:.4g} times as large",
                     t.options.margin_fraction);
}

std::string test_text(const Transfer& t) {
  return fmt::format(
      "two one-sided tests of the second against ±{:.4g}, {:.4g} times the first, "
      "give p = {:.3g}",
      t.margin, t.options.margin_fraction, *t.equivalence_p);
}

std::string reason(const Transfer& t) {
  switch (t.rule) {
    case Rule::too_few_seeds:
      return fmt::format("a verdict needs {} seeds in common with the baseline on both",
                         least_pairs);
    case Rule::no_spread:
      return "all differences on one of them are equal, so their error is unknown";
    case Rule::no_finding:
      return "the first interval covers 0, so there is no finding to carry over";
    case Rule::same_side:
      return "both intervals exclude 0 on the same side" + size_note(t);
    case Rule::opposite_sides:
      return "the intervals exclude 0 on opposite sides" + size_note(t);
    case Rule::absent:
      return fmt::format("the second interval covers 0, and {}: evidence of absence", test_text(t));
    case Rule::undecided:
      return fmt::format("the second interval covers 0, and {}: no evidence of absence either",
                         test_text(t));
  }
  return "";
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
  if (interval->covers(0)) {
    result.why = fmt::format("undefined: {}, which covers 0: nothing was lost for certain", loss);
    return result;
  }
  result.value = summary(gained).mean / summary(lost).mean;
  result.interval = ratio_interval(gained, lost, confidence);
  result.why = fmt::format("defined: {}, which excludes 0", loss);
  return result;
}

std::string to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::reproduces:
      return "reproduces";
    case Verdict::reverses:
      return "reverses";
    case Verdict::does_not_carry_over:
      return "does not carry over";
    case Verdict::cannot_tell:
      return "cannot tell";
  }
  return "";
}

Verdict verdict_of(Rule rule) {
  switch (rule) {
    case Rule::same_side:
      return Verdict::reproduces;
    case Rule::opposite_sides:
      return Verdict::reverses;
    case Rule::absent:
      return Verdict::does_not_carry_over;
    case Rule::too_few_seeds:
    case Rule::no_spread:
    case Rule::no_finding:
    case Rule::undecided:
      break;
  }
  return Verdict::cannot_tell;
}

Transfer transfer(std::span<const double> differences_a, std::span<const double> differences_b,
                  const TransferOptions& options) {
  if (!(options.margin_fraction > 0 && options.margin_fraction <= 1)) {
    throw Error("transfer", fmt::format("margin fraction {} is not above 0 and at most 1",
                                        options.margin_fraction));
  }
  require_level("transfer", options.confidence);
  require_finite("transfer: first data set", differences_a);
  require_finite("transfer: second data set", differences_b);
  Transfer result;
  result.options = options;
  result.a = effect(differences_a, options.confidence);
  result.b = effect(differences_b, options.confidence);
  result.rule = rule_of(result);
  if (result.rule != Rule::undecided) return result;
  result.margin = options.margin_fraction * std::abs(result.a.differences.mean);
  result.equivalence_p = equivalence_p(differences_b, result.margin);
  if (*result.equivalence_p < 1 - options.confidence) result.rule = Rule::absent;
  return result;
}

std::string effect_text(const Effect& effect, double confidence) {
  const std::string mean = signed_text(effect.differences.mean);
  if (effect.differences.n == 0) return "unknown (n = 0)";
  if (!effect.interval) return fmt::format("{} (n = {})", mean, effect.differences.n);
  return fmt::format("{} ({}, n = {})", mean, interval_text(*effect.interval, confidence),
                     effect.differences.n);
}

std::string explain(const Transfer& t, const std::string& a, const std::string& b) {
  return fmt::format("{}: {} on {}, {} on {}; {}", to_text(t.verdict()),
                     effect_text(t.a, t.options.confidence), a,
                     effect_text(t.b, t.options.confidence), b, reason(t));
}

}  // namespace gapbench::compare
