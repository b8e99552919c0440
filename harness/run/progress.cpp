#include "run/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <variant>

#include "records/text.h"

namespace gapbench::run {
namespace {

/// All settings but the rates and strengths of optimizers and regularizers, and how they were
/// chosen: a step takes as long with any of them.
std::string what_takes_time(const records::Record& record) {
  std::string text = records::problem_text(record);
  for (const auto& [key, value] : record.settings) {
    const std::string_view family = std::string_view(key).substr(0, key.find('.'));
    if (family == "tune" || family == "tuning") continue;
    const bool is_method = family == "optimizer" || family == "regularizer";
    if (is_method && std::holds_alternative<double>(value)) continue;
    text += fmt::format("\n{}={}", key, gapbench::to_text(value));
  }
  return text;
}

/// How a trial ended, in the few words that fit a line.
std::string result_text(const train::Outcome& outcome) {
  if (outcome.status != train::Status::ok) {
    return fmt::format("at step {} of {}: {}", outcome.step, outcome.steps, outcome.reason);
  }
  if (!outcome.final) return "";
  const train::Evaluation& final = *outcome.final;
  const bool tested = final.test.has_value();
  const train::PartMetrics& part = tested ? *final.test : final.train;
  const char* name = tested ? "test" : "train";
  const std::string quality = part.accuracy
                                  ? fmt::format("{} acc {:.1f} %", name, 100 * *part.accuracy)
                                  : fmt::format("{} loss {:.4g}", name, part.loss);
  return fmt::format("{}  train {}", quality,
                     records::duration_text(outcome.cost.train.wall_seconds));
}

/// Of a running task by its own report; `known`: from others, or negative. First steps are slow, so
/// until a tenth of the steps is done the two are mixed.
double whole_length(const Running& r, double known) {
  const auto steps = static_cast<double>(r.steps);
  const auto done = static_cast<double>(r.step - r.first);
  const double own = r.seconds / done * steps;
  const double weight = known < 0 ? 1 : std::min(1.0, 10 * done / steps);
  return weight * own + (1 - weight) * known;
}

}  // namespace

Forecast::Names Forecast::names_of(const records::Record& record) {
  return {what_takes_time(record), records::problem_text(record), ""};
}

Forecast::Forecast(std::span<const records::Record> tasks,
                   std::span<const records::Record> earlier) {
  for (const records::Record& task : tasks) names_.push_back(names_of(task));
  for (const records::Record& record : earlier) {
    if (record.outcome.status != train::Status::ok) continue;
    for (const std::string& name : names_of(record)) {
      earlier_[name].add(record.outcome.cost.total.wall_seconds);
    }
  }
}

void Forecast::finished(std::size_t task, double seconds) {
  for (const std::string& name : names_[task]) now_[name].add(seconds);
}

double Forecast::expected(std::size_t task) const {
  for (const std::string& name : names_[task]) {
    for (const Means* means : {&now_, &earlier_}) {
      const auto found = means->find(name);
      if (found != means->end()) return found->second.mean();
    }
  }
  return -1;
}

double Forecast::remaining(std::span<const Running> running, std::span<const std::size_t> waiting,
                           std::size_t slots) const {
  double sum = 0;
  double reported = 0;  // whole lengths of running tasks by their own report
  double reports = 0;
  for (const Running& r : running) {
    const double known = expected(r.task);
    if (r.step > r.first && r.steps > 0) {
      const double whole = whole_length(r, known);
      sum += whole * static_cast<double>(r.steps - r.step) / static_cast<double>(r.steps);
      reported += whole;
      reports += 1;
    } else if (known >= 0) {
      sum += std::max(0.0, known - r.seconds);
    } else {
      return -1;
    }
  }
  for (const std::size_t task : waiting) {
    const double known = expected(task);
    if (known < 0 && reports == 0) return -1;
    sum += known >= 0 ? known : reported / reports;
  }
  const std::size_t side_by_side =
      std::max<std::size_t>(1, std::min(slots, running.size() + waiting.size()));
  return sum / static_cast<double>(side_by_side);
}

Progress::Progress(std::span<const records::Record> tasks, std::span<const records::Record> earlier,
                   std::size_t slots, bool quiet)
    : tasks_(tasks),
      slots_(slots),
      quiet_(quiet),
      bar_(!quiet && isatty(STDOUT_FILENO) != 0),
      forecast_(tasks, earlier) {
  for (std::size_t i = 0; i < tasks.size(); ++i) waiting_.push_back(i);
}

void Progress::started(std::size_t task) {
  std::erase(waiting_, task);
  Running running;
  running.task = task;
  running_.push_back(running);
  draw();
}

std::string Progress::eta() const {
  if (waiting_.empty() && running_.empty()) return "";
  const double seconds = forecast_.remaining(running_, waiting_, slots_);
  return seconds < 0 ? "" : "  ETA " + records::duration_text(seconds);
}

void Progress::finished(std::size_t task, const records::Record& record, double seconds) {
  std::erase_if(running_, [task](const Running& r) { return r.task == task; });
  std::erase(waiting_, task);
  const bool ended = record.outcome.status != train::Status::interrupted;
  // A trial that went on from a checkpoint took longer than this run has seen of it.
  const double whole = std::max(seconds, record.outcome.cost.total.wall_seconds);
  if (ended && seconds > 0) forecast_.finished(task, whole);
  ++done_;
  if (quiet_) return;
  clear();
  const auto width = std::to_string(tasks_.size()).size();
  fmt::print("[{:>{}}/{}] {} {}  {}{}\n", done_, width, tasks_.size(),
             train::to_text(record.outcome.status), records::trial_text(record),
             result_text(record.outcome), ended ? eta() : "");
  std::fflush(stdout);
  draw();
}

void Progress::tick(std::span<const Running> running) {
  running_.assign(running.begin(), running.end());
  draw();
}

void Progress::clear() {
  if (!bar_) return;
  fmt::print("\r\033[K");
  std::fflush(stdout);
}

void Progress::draw() {
  if (!bar_) return;
  double done = static_cast<double>(done_);
  for (const Running& r : running_) {
    if (r.steps > 0) done += static_cast<double>(r.step) / static_cast<double>(r.steps);
  }
  constexpr int cells = 30;
  const double share = done / static_cast<double>(std::max<std::size_t>(1, tasks_.size()));
  const int full = std::clamp(static_cast<int>(share * cells), 0, cells);
  fmt::print("\r\033[K[{:#<{}}{:->{}}] {}/{}  {} running{}", "", full, "", cells - full, done_,
             tasks_.size(), running_.size(), eta());
  std::fflush(stdout);
}

}  // namespace gapbench::run
