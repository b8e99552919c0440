#include "compare/sections/batch_sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compare/sections/cells.h"

namespace gapbench::compare {
namespace {

/// "31.2", "412", "3.10 k".
std::string count_text(double value) {
  if (std::isinf(value)) return "∞";
  if (value == 0) return "0";
  return to_text(Statistic{value, 0, 1}, value < 1000 ? Style::three_digits : Style::prefixed);
}

std::string with_interval(double value, const std::optional<Interval>& interval) {
  if (!interval) return count_text(value);
  return fmt::format("{} [{}, {}]", count_text(value), count_text(interval->low),
                     count_text(interval->high));
}

/// What was chosen at this size: "optimizer.learning_rate=0.1 (2/3); optimizer.learning_rate=0.2 (1/3)".
std::string settings_of(const BatchSize& size) {
  std::vector<std::string> parts;
  std::size_t seeds = 0;
  for (const auto& [row, count] : size.chosen) seeds += count;
  for (const auto& [row, count] : size.chosen) {
    std::vector<std::string> values;
    for (const std::string& key : size.tuned) {
      const auto found = row->settings.find(key);
      if (found == row->settings.end()) continue;
      values.push_back(fmt::format("{}={}", key, gapbench::to_text(found->second)));
    }
    const std::string share = count == seeds ? "" : fmt::format(" ({}/{})", count, seeds);
    parts.push_back(fmt::format("{}{}", fmt::join(values, ", "), share));
  }
  std::string text = fmt::format("{}", fmt::join(parts, "; "));
  return size.at_an_end.empty() ? text : text + " *";
}

std::string regime_cell(const BatchCurve& curve, const BatchSize& size) {
  if (!curve.fit || !curve.fit->critical_interval || !size.mean) return "–";
  return regime_text(regimes_at(static_cast<double>(size.batch), *curve.fit->critical_interval));
}

Table table_of(const Section& section, const Target& target, const BatchCurve& curve) {
  Table table(fmt::format("{}, {}: steps to a {} of {:g} against batch size", section.title,
                          curve.method, target.metric, target.value));
  Cells batches, counts, missed, steps, examples, curves, best, regimes;
  for (const BatchSize& size : curve.sizes) {
    const auto batch = static_cast<double>(size.batch);
    const auto n = static_cast<double>(size.steps.size());
    batches.push_back(ordered(std::to_string(size.batch), batch));
    counts.push_back(ordered(std::to_string(size.steps.size()), n));
    missed.push_back(ordered(std::to_string(size.missed()), static_cast<double>(size.missed())));
    const std::string spread =
        size.deviation ? fmt::format(" ×÷ {:.2f}", *size.deviation) : std::string();
    steps.push_back(size.mean ? ordered(count_text(*size.mean) + spread, size.mean) : Cell("–"));
    examples.push_back(size.mean ? ordered(count_text(*size.mean * batch), *size.mean * batch)
                                 : Cell("–"));
    curves.push_back(
        curve.fit ? ordered(count_text(curve_at(*curve.fit, batch)), curve_at(*curve.fit, batch))
                  : Cell("–"));
    best.emplace_back(settings_of(size));
    regimes.emplace_back(regime_cell(curve, size));
  }
  table.add(fmt::format("{}, batch", curve.method), std::move(batches));
  table.add("n", std::move(counts));
  table.add("Missed", std::move(missed));
  table.add("Steps", std::move(steps));
  table.add("Curve", std::move(curves));
  table.add("Examples", std::move(examples));
  table.add("Regime", std::move(regimes));
  const bool any_tuned =
      std::ranges::any_of(curve.sizes, [](const BatchSize& s) { return !s.tuned.empty(); });
  if (any_tuned) table.add("Best settings", std::move(best));
  return table;
}

/// What these sizes cannot show is not said to be absent.
std::string open_ends(const BatchScaling& fit) {
  if (!fit.critical_interval) return "";
  std::string text;
  if (std::isinf(fit.critical_interval->high)) {
    text +=
        " Perfect scaling alone is not excluded: no plateau is in sight at these sizes, which does "
        "not say that there is none.";
  }
  if (fit.critical_interval->low == 0) {
    text +=
        " A plateau alone is not excluded: no perfect scaling is in sight at these sizes, which "
        "does not say that there is none at smaller ones.";
  }
  return text;
}

std::string fit_text(const BatchCurve& curve) {
  if (!curve.fit) {
    return "No curve: fewer than three batch sizes at which all seeds got there.";
  }
  const BatchScaling& fit = *curve.fit;
  return fmt::format(
      "Steps = S (1 + B* / B) with B* = {} examples, S = {} steps, S B* = {} examples; the curve "
      "misses no point by more than a factor of {:.2f}.{}",
      with_interval(fit.critical, fit.critical_interval),
      with_interval(fit.least_steps, fit.least_steps_interval),
      with_interval(fit.least_examples, fit.least_examples_interval), fit.misfit, open_ends(fit));
}

std::string ends_text(const BatchCurve& curve) {
  std::vector<std::string> parts;
  for (const BatchSize& size : curve.sizes) {
    for (const std::string& end : size.at_an_end) {
      parts.push_back(fmt::format("batch {}, {}", size.batch, end));
    }
  }
  if (parts.empty()) return "";
  return fmt::format(
      "* The best of the settings tried is the last on one side, so that fewer steps may be "
      "possible: {}.",
      fmt::join(parts, "; "));
}

}  // namespace

std::string regime_text(const Regimes& regimes) {
  std::vector<std::string> words;
  if (regimes.perfect) words.emplace_back("perfect scaling");
  if (regimes.diminishing) words.emplace_back("diminishing returns");
  if (regimes.maximal) words.emplace_back("maximal data parallelism");
  return words.size() == 3 ? "any" : fmt::format("{}", fmt::join(words, " or "));
}

std::string batch_sizes_legend() {
  return "Steps against batch size: of the settings tried at a size, those count for a seed that "
         "took the fewest steps (median) with the other seeds, so that none chooses for itself, "
         "unless it is the only one. Steps: geometric mean over seeds ×÷ the factor of one sample "
         "deviation; a size at which one missed is in no curve. Intervals are 95 % profile "
         "intervals over the sizes. Twice the batch saves nearly half the steps in perfect scaling "
         "(-d log steps / d log B is at least 0.9, B at most B* / 9) and hardly any in maximal "
         "data "
         "parallelism (at most 0.1, B at least 9 B*); a regime is named where the whole interval "
         "of B* says so.";
}

Page batch_sizes(const Section& section, const Target& target, const CostsToTarget& costs) {
  Page page;
  for (const BatchCurve& curve : batch_curves(section, costs)) {
    page.push_back(table_of(section, target, curve));
    page.push_back(Text(fit_text(curve)));
    const std::string ends = ends_text(curve);
    if (!ends.empty()) page.push_back(Text(ends));
  }
  return page;
}

}  // namespace gapbench::compare
