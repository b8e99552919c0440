#include "compare/findings/verdict.h"

#include <fmt/format.h>

#include <cmath>

#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

Effect effect(std::span<const double> differences, double confidence) {
  if (differences.empty()) return {};
  return {summary(differences), t_interval(differences, confidence), has_spread(differences)};
}

void widen(std::optional<Interval>& interval, const std::optional<Interval>& end) {
  if (interval && end) interval = hull(*interval, *end);
}

std::string share_number(double value) {
  return std::abs(value) < 99.995 ? fmt::format("{:.2f}", value) : fmt::format("{:.3g}", value);
}

std::string place(const Transfer& t) {
  const double share = t.options.share;
  switch (t.share.zone) {
    case Zone::reproduces:
      return fmt::format("the whole interval lies above {:.4g}", share);
    case Zone::weaker:
      return fmt::format("the interval lies above 0 and below {:.4g}", share);
    case Zone::share_open:
      return fmt::format("the interval lies above 0 and reaches from below {0:.4g} to above it",
                         share);
    case Zone::at_most:
      return fmt::format("the interval covers 0 and lies below {:.4g}", share);
    case Zone::reverses:
      return "the interval lies below 0";
    case Zone::cannot_tell:
      break;
  }
  return fmt::format("the interval covers 0 and reaches {:.4g}", share);
}

std::string reason(const Transfer& t) {
  switch (t.share.gap) {
    case Gap::too_few_seeds:
      return "a verdict needs 3 seeds in common with the baseline on both";
    case Gap::no_spread:
      return "all differences on one of them are equal, so their error is unknown";
    case Gap::no_finding:
      return "the first interval covers 0, so there is no finding to carry over";
    case Gap::none:
      break;
  }
  return fmt::format("carried share {}: {}", share_text(t.share), place(t));
}

}  // namespace

std::string signed_text(double value) { return value == 0 ? "0" : fmt::format("{:+.4g}", value); }

std::string percent_text(double share) { return fmt::format("{:.4g} %", 100 * share); }

std::string interval_text(const Interval& interval, double confidence) {
  return fmt::format("{} interval {} to {}", percent_text(confidence), signed_text(interval.low),
                     signed_text(interval.high));
}

std::string seeds_text(std::size_t n, std::size_t failed) {
  return failed == 0 ? std::to_string(n) : fmt::format("{}, {} failed", n, failed);
}

std::string share_text(const CarriedShare& share) {
  if (!share.value) return "–";
  return fmt::format("{} [{}, {}]", share_number(*share.value), share_number(share.interval->low),
                     share_number(share.interval->high));
}

Transfer transfer(std::span<const double> differences_a, std::span<const double> differences_b,
                  const CarriedShareOptions& options) {
  Transfer result;
  result.options = options;
  result.share = carried_share(differences_a, differences_b, options);
  result.a = effect(differences_a, options.confidence);
  result.b = effect(differences_b, options.confidence);
  return result;
}

void widen(Transfer& t, const Transfer& end) {
  widen(t.a.interval, end.a.interval);
  widen(t.b.interval, end.b.interval);
  widen(t.share.lost, end.share.lost);
  if (t.share.gap != Gap::none) return;
  if (end.share.gap != Gap::none) {
    t.share.gap = end.share.gap;
    t.share.value.reset();
    t.share.interval.reset();
    t.share.zone = Zone::cannot_tell;
    return;
  }
  widen(t.share.interval, end.share.interval);
  t.share.zone = zone_of(*t.share.interval, t.options.share);
}

std::string effect_text(const Effect& effect, double confidence) {
  const std::string seeds = seeds_text(effect.differences.n, effect.failed);
  if (effect.differences.n == 0) return fmt::format("unknown (n = {})", seeds);
  const std::string mean = signed_text(effect.differences.mean);
  if (!effect.interval) return fmt::format("{} (n = {})", mean, seeds);
  return fmt::format("{} ({}, n = {})", mean, interval_text(*effect.interval, confidence), seeds);
}

std::string explain(const Transfer& t, const std::string& a, const std::string& b) {
  return fmt::format("{}: {} on {}, {} on {}; {}", t.word(), effect_text(t.a, t.options.confidence),
                     a, effect_text(t.b, t.options.confidence), b, reason(t));
}

}  // namespace gapbench::compare
