#include "compare/rows/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/nearest.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

using records::Record;
using train::Evaluation;
using train::PartMetrics;

/// Of one metric; nothing where the evaluation has it not.
struct Metric {
  const char* name;
  bool is_loss;
  std::optional<double> (*of)(const Evaluation&);
};

std::optional<double> loss_of(const std::optional<PartMetrics>& part) {
  return part ? std::optional(part->loss) : std::nullopt;
}

std::optional<double> accuracy_of(const std::optional<PartMetrics>& part) {
  return part ? part->accuracy : std::nullopt;
}

constexpr Metric metrics[] = {
    {"train_accuracy", false, [](const Evaluation& e) { return e.train.accuracy; }},
    {"validation_accuracy", false, [](const Evaluation& e) { return accuracy_of(e.validation); }},
    {"test_accuracy", false, [](const Evaluation& e) { return accuracy_of(e.test); }},
    {"train_loss", true, [](const Evaluation& e) { return std::optional(e.train.loss); }},
    {"validation_loss", true, [](const Evaluation& e) { return loss_of(e.validation); }},
    {"test_loss", true, [](const Evaluation& e) { return loss_of(e.test); }},
};

const Metric* find(const std::string& name) {
  const auto* found =
      std::ranges::find_if(metrics, [&](const Metric& m) { return name == m.name; });
  return found == std::end(metrics) ? nullptr : found;
}

/// How far the value is, growing towards the target.
double progress(double value, bool is_loss) {
  if (!is_loss) return value;
  return value <= 0 ? std::numeric_limits<double>::infinity() : -std::log(value);
}

bool has(const std::vector<Evaluation>& history, const Metric& metric) {
  return std::ranges::any_of(history,
                             [&](const Evaluation& e) { return metric.of(e).has_value(); });
}

}  // namespace

Target parse_target(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const Metric* metric = find(name);
  if (metric == nullptr) {
    std::vector<std::string> names;
    for (const Metric& m : metrics) names.emplace_back(m.name);
    throw Error("to", fmt::format("no metric \"{}\", as in test_accuracy=0.6{}", name,
                                  did_you_mean(name, names)));
  }
  const std::string number = equals == std::string::npos ? "" : text.substr(equals + 1);
  double value = 0;
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool is_number = code == std::errc() && end == number.data() + number.size();
  const bool fits = metric->is_loss ? value > 0 && std::isfinite(value) : value > 0 && value <= 1;
  if (!is_number || !fits) {
    throw Error("to",
                fmt::format("{} of \"{}\"; must be {}, as in {}", name, number,
                            metric->is_loss ? "a loss above 0" : "a fraction above 0, at most 1",
                            metric->is_loss ? name + "=0.5" : name + "=0.6"));
  }
  return {name, value};
}

std::string unit_of(At cost) {
  if (cost == At::equal_flops) return "FLOPs";
  if (cost == At::equal_steps) return "steps";
  return cost == At::equal_seconds ? "s of training" : "gradient samples";
}

std::optional<double> cost_to(const std::vector<Evaluation>& history, const Target& target) {
  const Metric& metric = *find(target.metric);
  const double level = progress(target.value, metric.is_loss);
  std::optional<double> before;
  double paid = 0;
  for (const Evaluation& e : history) {
    const auto value = metric.of(e);
    if (!value) continue;
    const double here = progress(*value, metric.is_loss);
    const double cost = cost_of(e, target.cost);
    if (here >= level) {
      if (!before || !std::isfinite(*before) || !std::isfinite(here)) return cost;
      return paid + (level - *before) / (here - *before) * (cost - paid);
    }
    before = here;
    paid = cost;
  }
  return std::nullopt;
}

CostsToTarget costs_to(const Aggregate& all, const Target& target,
                       std::vector<records::BrokenRecord>& broken) {
  const Metric& metric = *find(target.metric);
  CostsToTarget costs;
  bool any = false;
  const auto add = [&](const Record* record) {
    const records::History history = records::read_history(record->folder);
    const bool known = has(history.evaluations, metric);
    any = any || known;
    const bool is_ok = record->outcome.status == train::Status::ok;
    if (is_ok && (!history.broken.empty() || !known)) {
      const std::string why = history.broken.empty() ? "its history has none" : history.broken;
      broken.push_back(
          {record->folder, fmt::format("its cost to a {} is unknown: {}", target.metric, why)});
      return;
    }
    costs[record] = cost_to(history.evaluations, target);
  };
  for (const Section& section : all.sections) {
    for (const Row& row : section.rows) {
      for (const auto* list : {&row.ok, &row.failed}) std::ranges::for_each(*list, add);
    }
  }
  if (!any) throw Error("to", fmt::format("no trial has a {} in its history", target.metric));
  return costs;
}

}  // namespace gapbench::compare
