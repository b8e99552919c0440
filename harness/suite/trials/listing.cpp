#include "suite/trials/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "suite/trials/labels.h"

namespace gapbench::suite {
namespace {

using Row = std::vector<std::string>;

struct Column {
  const char* title;
  bool is_number;
};

std::string flops_text(double flops) { return fmt::format("{:.2e}", flops); }
std::string seconds_text(double seconds) {
  return fmt::format("{:.{}f}", seconds, seconds < 10 ? 1 : 0);
}

std::string aligned(const std::vector<Column>& columns, const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::size_t width = std::string_view(columns[c].title).size();
    for (const Row& row : rows) width = std::max(width, row[c].size());
    widths.push_back(width);
  }
  std::string text;
  const auto add_line = [&](const auto& cell) {
    std::string line;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      line += c == 0 ? "" : "  ";
      line += columns[c].is_number ? fmt::format("{:>{}}", cell(c), widths[c])
                                   : fmt::format("{:<{}}", cell(c), widths[c]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add_line([&](std::size_t c) { return std::string(columns[c].title); });
  for (const Row& row : rows) add_line([&](std::size_t c) { return row[c]; });
  return text;
}

Row estimate_cells(const std::optional<train::Estimate>& estimate) {
  if (!estimate) return {"?", "?", "?", "?"};
  return {fmt::format("{}", estimate->steps), fmt::format("{}", estimate->dimension),
          flops_text(estimate->train_flops), seconds_text(estimate->wall_seconds)};
}

/// "sgd", or "sgd (best of 8)" while its settings are still to be chosen.
std::string method_text(const Suite& suite, const Trial& trial) {
  const std::string& method = trial.settings.method;
  if (!trial.search) return method;
  return fmt::format("{} (best of {})", method, suite.searches[*trial.search].candidates.size());
}

std::string count_text(const Suite& suite) {
  const std::size_t trials = suite.trials.size();
  std::size_t tuning = 0;
  for (const Trial& trial : suite.trials) tuning += trial.settings.tuning ? 1U : 0U;
  const std::string of_them = tuning > 0 ? fmt::format(" ({} of them tuning)", tuning) : "";
  return fmt::format("{} trial{}{}", trials, trials == 1 ? "" : "s", of_them);
}

std::string summary(const Suite& suite,
                    const std::vector<std::optional<train::Estimate>>& estimates,
                    std::size_t jobs) {
  std::string text = count_text(suite);
  if (estimates.empty()) return text;
  double flops = 0;
  double seconds = 0;
  std::size_t unknown = 0;
  for (const auto& estimate : estimates) {
    flops += estimate ? estimate->train_flops : 0;
    seconds += estimate ? estimate->wall_seconds : 0;
    unknown += estimate ? 0U : 1U;
  }
  text +=
      fmt::format(", {} FLOPs of training, about {} s with {} job{}", flops_text(flops),
                  seconds_text(seconds / static_cast<double>(jobs)), jobs, jobs == 1 ? "" : "s");
  if (unknown > 0) text += fmt::format(" ({} not estimated)", unknown);
  return text;
}

}  // namespace

std::string listing(const Suite& suite,
                    const std::vector<std::optional<train::Estimate>>& estimates,
                    std::size_t jobs) {
  assert(estimates.empty() || estimates.size() == suite.trials.size());
  assert(jobs > 0);
  std::vector<Column> columns = {
      {"method", false}, {"data", false}, {"network", false}, {"seed", true}};
  if (!estimates.empty()) {
    columns.insert(columns.end(),
                   {{"steps", true}, {"parameters", true}, {"FLOPs", true}, {"seconds", true}});
  }
  const bool sealed = !suite.trials.empty() && !suite.trials[0].folder.empty();
  if (sealed) columns.push_back({"folder", false});
  const std::vector<ProblemLabel> labels = problem_labels(suite);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < suite.trials.size(); ++i) {
    const Trial& trial = suite.trials[i];
    Row row = {method_text(suite, trial), labels[i].data, labels[i].network,
               fmt::format("{}", trial.settings.seed)};
    if (!estimates.empty()) {
      const Row cells = estimate_cells(estimates[i]);
      row.insert(row.end(), cells.begin(), cells.end());
    }
    if (sealed) row.push_back(trial.folder.string());
    rows.push_back(std::move(row));
  }
  return aligned(columns, rows) + summary(suite, estimates, jobs) + "\n";
}

}  // namespace gapbench::suite
