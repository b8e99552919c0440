#include "compare/rows/point.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "compare/rows/grouping.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

using records::Record;
using train::Evaluation;
using Evaluations = std::vector<Evaluation>;

double mix(double a, double b, double t) { return t == 0 ? a : t == 1 ? b : a + t * (b - a); }

std::uint64_t mix(std::uint64_t a, std::uint64_t b, double t) {
  const double value = mix(static_cast<double>(a), static_cast<double>(b), t);
  return static_cast<std::uint64_t>(std::llround(value));
}

std::optional<double> mix(std::optional<double> a, std::optional<double> b, double t) {
  return a && b ? std::optional(mix(*a, *b, t)) : std::nullopt;
}

train::PartMetrics mix(const train::PartMetrics& a, const train::PartMetrics& b, double t) {
  return {mix(a.loss, b.loss, t), mix(a.accuracy, b.accuracy, t), a.examples};
}

std::optional<train::PartMetrics> mix(const std::optional<train::PartMetrics>& a,
                                      const std::optional<train::PartMetrics>& b, double t) {
  return a && b ? std::optional(mix(*a, *b, t)) : std::nullopt;
}

train::PassCounts mix(const train::PassCounts& a, const train::PassCounts& b, double t) {
  train::PassCounts mixed;
  for (const auto& [name, count] : train::pass_counts) mixed.*count = mix(a.*count, b.*count, t);
  return mixed;
}

train::Cost mix(const train::Cost& a, const train::Cost& b, double t) {
  train::Cost c;
  for (const auto& [name, bucket] : train::cost_buckets) {
    c.*bucket = {mix((a.*bucket).wall_seconds, (b.*bucket).wall_seconds, t),
                 mix((a.*bucket).cpu_seconds, (b.*bucket).cpu_seconds, t)};
  }
  c.train_passes = mix(a.train_passes, b.train_passes, t);
  c.probe_passes = mix(a.probe_passes, b.probe_passes, t);
  c.peak_memory_bytes = std::max(a.peak_memory_bytes, b.peak_memory_bytes);
  return c;
}

std::vector<train::ProbeValue> mix(const std::vector<train::ProbeValue>& a,
                                   const std::vector<train::ProbeValue>& b, double t) {
  std::vector<train::ProbeValue> mixed;
  for (const auto& x : a) {
    for (const auto& y : b) {
      if (x.probe != y.probe || x.metric != y.metric || x.unit != y.unit) continue;
      mixed.push_back({x.probe, x.metric, mix(x.value, y.value, t), x.unit});
    }
  }
  return mixed;
}

double cost_of(const Evaluation& e, At at) {
  if (at == At::equal_samples) return e.cost.gradient_samples();
  if (at == At::equal_flops) return e.cost.train_passes.flops;
  return e.cost.train.wall_seconds;
}

/// The level that this trial can reach: others are held to the least able one.
double reach(const Evaluations& history, At at) {
  if (at != At::equal_train_loss) return cost_of(history.back(), at);
  double least = std::numeric_limits<double>::infinity();
  for (const Evaluation& e : history) least = std::min(least, e.train.loss);
  return least;
}

/// The first moment at which `value` has gone from before `level` to it. Every trial reaches it:
/// the level is one that all do.
template <class OfEvaluation>
Evaluation first_at(const Evaluations& history, double level, bool falling,
                    const OfEvaluation& value) {
  for (std::size_t i = 0; i < history.size(); ++i) {
    const double here = value(history[i]);
    if (falling ? !(here <= level) : !(here >= level)) continue;
    if (i == 0) return history[0];
    const double before = value(history[i - 1]);
    const bool known = std::isfinite(before) && before != here;
    return known ? between(history[i - 1], history[i], (level - before) / (here - before))
                 : history[i];
  }
  return history.back();
}

Evaluation at_level(const Evaluations& history, At at, double level) {
  if (at == At::equal_train_loss) {
    return first_at(history, level, true, [](const Evaluation& e) { return e.train.loss; });
  }
  return first_at(history, level, false, [at](const Evaluation& e) { return cost_of(e, at); });
}

bool better(const train::PartMetrics& a, const train::PartMetrics& b) {
  if (a.accuracy && b.accuracy) return *a.accuracy > *b.accuracy;
  return a.loss < b.loss;
}

/// The earliest of equals; nothing without a validation part.
const Evaluation* best_validated(const Evaluations& history) {
  const Evaluation* best = nullptr;
  for (const Evaluation& e : history) {
    if (!e.validation) continue;
    if (best == nullptr || better(*e.validation, *best->validation)) best = &e;
  }
  return best;
}

void place(const Evaluation& e, Record& record) {
  record.outcome.final = e;
  record.outcome.cost = e.cost;
}

std::string level_note(At at, double level) {
  switch (at) {
    case At::equal_train_loss:
      return fmt::format(
          "All rows here at train loss {:.4g}, the smallest that every finished "
          "trial reached.",
          level);
    case At::equal_samples:
      return fmt::format(
          "All rows here after {:.6g} gradient samples, which every finished trial "
          "spent.",
          level);
    case At::equal_flops:
      return fmt::format(
          "All rows here after {:.4g} FLOPs of training, which every finished trial "
          "spent.",
          level);
    case At::equal_seconds:
      return fmt::format(
          "All rows here after {:.4g} s of training, which every finished trial "
          "spent.",
          level);
    case At::final:
    case At::best_validation:
      break;
  }
  return "";
}

bool needs_level(At at) { return at != At::final && at != At::best_validation; }

/// One finished trial with what its history says.
struct Traced {
  std::size_t place;  ///< in the records
  Evaluations history;
};

/// Reads the histories; a trial that cannot be placed is struck out with the reason.
std::map<std::string, std::vector<Traced>> trace(records::Records& records, At at,
                                                 std::vector<bool>& struck) {
  std::map<std::string, std::vector<Traced>> sections;
  for (std::size_t i = 0; i < records.good.size(); ++i) {
    const Record& record = records.good[i];
    if (record.outcome.status != train::Status::ok) continue;
    records::History history = records::read_history(record.folder);
    std::string reason = history.broken;
    if (reason.empty() && history.evaluations.empty()) reason = "history.jsonl is empty";
    if (reason.empty() && at == At::best_validation && !best_validated(history.evaluations)) {
      reason = "has no validation part, so no best-validation point";
    }
    if (reason.empty()) {
      sections[problem_key(record)].push_back({i, std::move(history.evaluations)});
    } else {
      records.broken.push_back({record.folder, reason});
      struck[i] = true;
    }
  }
  return sections;
}

void strike(const std::vector<bool>& struck, std::vector<Record>& records) {
  std::vector<Record> kept;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!struck[i]) kept.push_back(std::move(records[i]));
  }
  records = std::move(kept);
}

}  // namespace

Evaluation between(const Evaluation& a, const Evaluation& b, double t) {
  Evaluation e;
  e.step = mix(a.step, b.step, t);
  e.epoch = mix(a.epoch, b.epoch, t);
  e.train = mix(a.train, b.train, t);
  e.validation = mix(a.validation, b.validation, t);
  e.test = mix(a.test, b.test, t);
  e.objective = mix(a.objective, b.objective, t);
  e.schedule = mix(a.schedule, b.schedule, t);
  e.probes = mix(a.probes, b.probes, t);
  e.cost = mix(a.cost, b.cost, t);
  return e;
}

AtPoint at_point(records::Records records, At at) {
  AtPoint result;
  if (at == At::final) {
    result.records = std::move(records);
    return result;
  }
  std::vector<bool> struck(records.good.size(), false);
  const auto sections = trace(records, at, struck);
  if (sections.empty() && std::find(struck.begin(), struck.end(), true) != struck.end()) {
    throw Error("reported point", fmt::format("no finished trial has one; {}: {}",
                                              records.broken.back().folder.generic_string(),
                                              records.broken.back().reason));
  }
  for (const auto& [key, trials] : sections) {
    const bool falling = at == At::equal_train_loss;
    double level = falling ? -std::numeric_limits<double>::infinity()
                           : std::numeric_limits<double>::infinity();
    for (const Traced& t : trials) {
      const double own = reach(t.history, at);
      level = falling ? std::max(level, own) : std::min(level, own);
    }
    for (const Traced& t : trials) {
      place(needs_level(at) ? at_level(t.history, at, level) : *best_validated(t.history),
            records.good[t.place]);
    }
    if (needs_level(at)) result.notes[key] = level_note(at, level);
  }
  strike(struck, records.good);
  result.records = std::move(records);
  return result;
}

std::string describe(At at) {
  const std::string levels =
      " All numbers, costs too, are those at that point, linear between evaluations. A trial that "
      "went on had not come to the end of its learning-rate schedule there.";
  switch (at) {
    case At::final:
      return "Reported are the parameters after the last step, not a best point on the way.";
    case At::best_validation:
      return "Reported is the evaluation with the best validation accuracy (else validation loss) "
             "of each trial; test numbers had no say in it. Costs are those up to there.";
    case At::equal_train_loss:
      return "Reported is where each trial's train loss first reached the smallest one that all "
             "trials of the same data set and network reached." +
             levels;
    case At::equal_samples:
      return "Reported is quality at equal cost: at the gradient samples that all trials of the "
             "same data set and network spent." +
             levels;
    case At::equal_flops:
      return "Reported is quality at equal cost: at the FLOPs of training that all trials of the "
             "same data set and network spent." +
             levels;
    case At::equal_seconds:
      return "Reported is quality at equal cost: at the wall seconds of training that all trials "
             "of "
             "the same data set and network spent." +
             levels;
  }
  assert(false);
  return "";
}

}  // namespace gapbench::compare
