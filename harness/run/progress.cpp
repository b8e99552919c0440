#include "run/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "records/text.h"
#include "run/say.h"

namespace gapbench::run {
namespace {

/// "train 99.9 % test 36.7 % gap 63.1"; "train loss 0.2 test loss 0.5 gap 0.3"; of a tuning trial the
/// validation part in place of the test part.
std::string quality_text(const train::Evaluation& e) {
  const bool tested = e.test.has_value();
  const std::optional<train::PartMetrics>& other = tested ? e.test : e.validation;
  const char* name = tested ? "test" : "validation";
  if (!e.train.accuracy) {
    const std::string text = fmt::format("train loss {:.4g}", e.train.loss);
    if (!other) return text;
    return fmt::format("{} {} loss {:.4g} gap {:.4g}", text, name, other->loss,
                       other->loss - e.train.loss);
  }
  const std::string text = fmt::format("train {:.1f} %", 100 * *e.train.accuracy);
  if (!other || !other->accuracy) return text;
  return fmt::format("{} {} {:.1f} % gap {:.1f}", text, name, 100 * *other->accuracy,
                     100 * (*e.train.accuracy - *other->accuracy));
}

/// How a trial ended, in the few words that fit a line.
std::string result_text(const train::Outcome& outcome) {
  if (outcome.status != train::Status::ok) {
    return fmt::format("at step {} of {}: {}", outcome.step, outcome.steps,
                       records::plain(outcome.reason));
  }
  if (!outcome.final) return "";
  return fmt::format("{}  in {}", quality_text(*outcome.final),
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

/// Of the terminal; what terminals have had for decades where it does not tell.
std::size_t terminal_width() {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

/// A bar is redrawn in place, which a terminal that calls itself dumb cannot.
bool can_draw() {
  const char* kind = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && (kind == nullptr || std::string_view(kind) != "dumb");
}

}  // namespace

Forecast::Forecast(std::span<const records::Record> tasks,
                   std::span<const records::Record> earlier) {
  for (const records::Record& task : tasks) names_.push_back(records::alike(task));
  for (const records::Record& record : earlier) {
    if (record.outcome.status != train::Status::ok) continue;
    for (const std::string& name : records::alike(record)) {
      earlier_.add(name, record.outcome.cost.total.wall_seconds);
    }
  }
}

void Forecast::finished(std::size_t task, double seconds) {
  for (const std::string& name : names_[task]) now_.add(name, seconds);
}

double Forecast::expected(std::size_t task) const {
  for (const std::string& name : names_[task]) {
    for (const records::Durations* durations : {&now_, &earlier_}) {
      if (const auto mean = durations->of(name)) return *mean;
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
      bar_(!quiet && can_draw()),
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
  done_ += ended ? 1 : 0;
  failed_ += ended && record.outcome.status != train::Status::ok ? 1 : 0;
  if (quiet_) return;
  clear();
  const auto width = std::to_string(tasks_.size()).size();
  say("[{:>{}}/{}] {} {}  {}{}\n", done_, width, tasks_.size(),
      train::to_text(record.outcome.status), records::trial_text(record),
      result_text(record.outcome), ended ? eta() : "");
  draw();
}

void Progress::tick(std::span<const Running> running) {
  running_.assign(running.begin(), running.end());
  draw();
}

void Progress::clear() {
  if (!bar_) return;
  say("\r\033[K");
}

void Progress::draw() {
  if (bar_) say("\r\033[K{}", bar(terminal_width()));
}

std::string Progress::bar(std::size_t width) const {
  double done = static_cast<double>(done_);
  for (const Running& r : running_) {
    if (r.steps > 0) done += static_cast<double>(r.step) / static_cast<double>(r.steps);
  }
  const std::string failed = failed_ > 0 ? fmt::format(", {} not ok", failed_) : "";
  const std::string text =
      fmt::format(" {}/{}{}  {} running{}", done_, tasks_.size(), failed, running_.size(), eta());
  constexpr std::size_t most = 30;
  constexpr std::size_t frame = 2;
  // One column stays free: in the last one a terminal would begin another line.
  if (width < text.size() + frame + 2) {
    return text.substr(1, width > 1 ? width - 1 : 0);
  }
  const std::size_t cells = std::min(most, width - 1 - frame - text.size());
  const double share = done / static_cast<double>(std::max<std::size_t>(1, tasks_.size()));
  const auto full =
      static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(cells));
  return fmt::format("[{}{}]{}", std::string(full, '#'), std::string(cells - full, '-'), text);
}

}  // namespace gapbench::run
