#include "compare/rows/point.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "compare/rows/row_settings.h"
#include "compare/rows/timing.h"
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

/// The level that this trial can reach: others are held to the least able one.
double reach(const Evaluations& history, At at) {
  if (at != At::equal_train_loss) return cost_of(history.back(), at);
  double least = std::numeric_limits<double>::infinity();
  for (const Evaluation& e : history) least = std::min(least, e.train.loss);
  return least;
}

/// The first pair of evaluations between which `value` has gone to `level`, equal ones where it did
/// on an evaluation. Nothing where it never does.
template <class OfEvaluation>
std::optional<std::pair<std::size_t, std::size_t>> passing(const Evaluations& history, double level,
                                                           bool falling,
                                                           const OfEvaluation& value) {
  for (std::size_t i = 0; i < history.size(); ++i) {
    const double here = value(history[i]);
    if (falling ? !(here <= level) : !(here >= level)) continue;
    const bool known = i > 0 && std::isfinite(value(history[i - 1])) && here != level;
    return std::pair(known ? i - 1 : i, i);
  }
  return std::nullopt;
}

double train_loss(const Evaluation& e) { return e.train.loss; }

/// Interpolated in log loss; the later one where a loss is not above 0.
Evaluation inside(const Bracket& bracket, double level) {
  const double before = train_loss(bracket.before);
  const double after = train_loss(bracket.after);
  if (before == after || !(after > 0)) return bracket.after;
  return between(bracket.before, bracket.after,
                 std::log(before / level) / std::log(before / after));
}

Evaluation at_cost(const Evaluations& history, At at, double level) {
  const auto cost = [at](const Evaluation& e) { return cost_of(e, at); };
  const auto found = passing(history, level, false, cost);
  if (!found) return history.back();
  const Evaluation& a = history[found->first];
  const Evaluation& b = history[found->second];
  return found->first == found->second ? b : between(a, b, (level - cost(a)) / (cost(b) - cost(a)));
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

std::string level_note(At at, double level, bool asked) {
  switch (at) {
    case At::equal_train_loss:
      return fmt::format("All rows here at train loss {:.4g}, {}.", level,
                         asked ? "as asked" : "the smallest that every finished trial reached");
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
    case At::equal_steps:
      return fmt::format("All rows here after {:.6g} steps, which every finished trial made.",
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

/// The level of a section: what all of its trials reached.
double level_of(const std::vector<Traced>& trials, At at) {
  const bool falling = at == At::equal_train_loss;
  double level =
      falling ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  for (const Traced& t : trials) {
    const double own = reach(t.history, at);
    level = falling ? std::max(level, own) : std::min(level, own);
  }
  return level;
}

/// Why the trial has no such point; empty where it has.
std::string why_unplaced(const records::History& history, At at, std::optional<double> level) {
  if (!history.broken.empty()) return history.broken;
  if (history.evaluations.empty()) return "history.jsonl is empty";
  if (at == At::best_validation && !best_validated(history.evaluations)) {
    return "has no validation part, so no best-validation point";
  }
  const double least = level ? reach(history.evaluations, at) : 0;
  if (level && !(least <= *level)) {
    return fmt::format("never reached train loss {:.4g}; its smallest is {:.4g}", *level, least);
  }
  return "";
}

void require_level(At at, std::optional<double> level) {
  if (!level) return;
  if (at != At::equal_train_loss) {
    throw Error("level", "is a train loss: give it with --at equal-train-loss");
  }
  if (!(*level > 0) || !std::isfinite(*level)) {
    throw Error("level", fmt::format("{} asked; must be a train loss above 0", *level));
  }
}

/// Equal seconds are equal only on one machine that had nothing else to do.
void require_timed(const records::Records& records, const std::vector<Traced>& trials) {
  Row row;
  for (const Traced& t : trials) row.ok.push_back(&records.good[t.place]);
  const std::string why = why_not_timed({&row});
  if (why.empty()) return;
  throw Error("equal seconds",
              fmt::format("the seconds on {} cannot be compared, {}; ask for equal "
                          "samples or flops",
                          problem_name(*row.ok.front()), why));
}

/// Reads the histories; a trial that cannot be placed is struck out with the reason.
std::map<std::string, std::vector<Traced>> trace(records::Records& records, At at,
                                                 std::optional<double> level,
                                                 const std::vector<std::string>& rows,
                                                 std::vector<bool>& struck) {
  std::map<std::string, std::vector<Traced>> sections;
  for (std::size_t i = 0; i < records.good.size(); ++i) {
    const Record& record = records.good[i];
    if (record.outcome.status != train::Status::ok) continue;
    records::History history = records::read_history(record.folder);
    const std::string reason = why_unplaced(history, at, level);
    if (reason.empty()) {
      sections[problem_key(record, rows)].push_back({i, std::move(history.evaluations)});
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

double cost_of(const Evaluation& e, At at) {
  if (at == At::equal_samples) return e.cost.gradient_samples();
  if (at == At::equal_flops) return e.cost.train_passes.flops;
  if (at == At::equal_steps) return static_cast<double>(e.step);
  return e.cost.train.wall_seconds;
}

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

double Bracket::ratio() const {
  if (before.step == after.step) return 1;
  return after.train.loss > 0 ? before.train.loss / after.train.loss
                              : std::numeric_limits<double>::infinity();
}

AtPoint at_point(records::Records records, At at, std::optional<double> level,
                 const std::vector<std::string>& rows) {
  require_level(at, level);
  AtPoint result;
  if (at == At::final) {
    result.records = std::move(records);
    return result;
  }
  std::vector<bool> struck(records.good.size(), false);
  auto sections = trace(records, at, level, row_settings(records, rows), struck);
  if (sections.empty() && std::find(struck.begin(), struck.end(), true) != struck.end()) {
    throw Error("reported point", fmt::format("no finished trial has one; {}: {}",
                                              records.broken.back().folder.generic_string(),
                                              records.broken.back().reason));
  }
  if (at == At::equal_seconds) {
    for (const auto& [key, trials] : sections) require_timed(records, trials);
  }
  for (const auto& [key, trials] : sections) {
    const double here = level.value_or(needs_level(at) ? level_of(trials, at) : 0);
    for (const Traced& t : trials) {
      Record& record = records.good[t.place];
      if (at == At::equal_train_loss) {
        const auto found = passing(t.history, here, true, train_loss).value();
        Bracket bracket{t.history[found.first], t.history[found.second]};
        place(inside(bracket, here), record);
        result.brackets.emplace(record.folder, std::move(bracket));
      } else {
        place(needs_level(at) ? at_cost(t.history, at, here) : *best_validated(t.history), record);
      }
    }
    if (needs_level(at)) result.notes[key] = level_note(at, here, level.has_value());
  }
  strike(struck, records.good);
  result.records = std::move(records);
  return result;
}

std::string describe(At at) {
  const std::string schedule =
      " A trial that went on had not come to the end of its learning-rate schedule there.";
  const std::string levels =
      " All numbers, costs too, are those at that point, linear between evaluations." + schedule;
  switch (at) {
    case At::final:
      return "Reported are the parameters after the last step, not a best point on the way.";
    case At::best_validation:
      return "Reported is the evaluation with the best validation accuracy (else validation loss) "
             "of each trial; test numbers had no say in it. Costs are those up to there.";
    case At::equal_train_loss:
      return "Reported is where each trial's train loss first reached the smallest one that all "
             "trials of the same data set and network reached, or the one asked for. All numbers, "
             "costs too, are interpolated between evaluations in the logarithm of the train loss; "
             "intervals of differences hold for either end of the two brackets, and a row is not "
             "shown (–) where an evaluation and the next are more than a factor of 2 of train loss "
             "apart." +
             schedule;
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
    case At::equal_steps:
      return "Reported is quality at equal steps: after those that all trials of the same data set "
             "and network made." +
             levels;
  }
  assert(false);
  return "";
}

}  // namespace gapbench::compare
