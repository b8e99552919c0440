#include "run/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/file.h"
#include "gapbench/error.h"
#include "run/flat_settings.h"
#include "run/record.h"
#include "run/record_json.h"
#include "run/record_writer.h"
#include "suite/trial_file.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

double score_of(const Record& record, bool by_loss) {
  const auto& final = record.outcome.final;
  const std::string who = record.folder.string();
  if (!final || !final->validation) {
    throw Error(who, "has no validation part to choose settings by");
  }
  if (by_loss) return final->validation->loss;
  if (!final->validation->accuracy) {
    throw Error(who, "has no accuracy to choose settings by; tune by: validation_loss");
  }
  return -*final->validation->accuracy;
}

/// <suite>/<dataset>/<network>/<method>/seed-<k> of the trials that wait for each search.
std::vector<fs::path> places(const suite::Suite& suite) {
  std::vector<fs::path> found(suite.searches.size());
  for (const suite::Trial& trial : suite.trials) {
    if (trial.search) found[*trial.search] = trial.folder;
  }
  return found;
}

std::string part(const fs::path& folder, int place) {
  auto at = folder.begin();
  std::advance(at, place);
  return at->string();
}

/// The validation accuracy or loss behind a score.
double shown(double score, bool by_loss) { return by_loss ? score : -score; }

}  // namespace

std::vector<std::optional<double>> validation_scores(const suite::Suite& tuning,
                                                     const fs::path& results) {
  std::vector<std::optional<double>> scores;
  for (const suite::Trial& trial : tuning.trials) {
    const fs::path folder = results / trial.folder;
    const FolderState state = inspect(folder, trial.identity);
    const bool good = state.finished && state.status == train::Status::ok;
    scores.push_back(good ? std::optional(score_of(read_record(folder), tuning.tune.by_loss))
                          : std::nullopt);
  }
  return scores;
}

std::string choices_text(const suite::Suite& suite, const std::vector<suite::Choice>& choices) {
  const std::vector<fs::path> where = places(suite);
  std::string text;
  for (std::size_t s = 0; s < choices.size(); ++s) {
    const suite::Search& search = suite.searches[s];
    const suite::Choice& choice = choices[s];
    const std::string head =
        fmt::format("{} {} {}: ", part(where[s], 1), part(where[s], 2), search.method);
    const std::string& best = search.candidates[choice.best].name;
    if (!search.as.empty()) {
      text += fmt::format("{}{}, as {}\n", head, best, search.as);
      continue;
    }
    if (!choice.any_finished) {
      text += fmt::format("{}none of {} ended well; {} goes on, so that its failure is a row\n",
                          head, choice.scores.size(), best);
      continue;
    }
    const double value = shown(*choice.scores[choice.best], suite.tune.by_loss);
    text += suite.tune.by_loss
                ? fmt::format("{}{}, the best of {} (validation loss {:.4g})\n", head, best,
                              choice.scores.size(), value)
                : fmt::format("{}{}, the best of {} (validation accuracy {:.2f} %)\n", head, best,
                              choice.scores.size(), 100 * value);
  }
  return text;
}

void update_effort(const suite::Trial& trial, const fs::path& folder) {
  if (!is_finished(folder, trial.identity)) return;
  Record record = read_record(folder);
  const OptionMap before = record.settings;
  const OptionMap planned = flat_settings(trial.settings);
  const auto is_effort = [](const auto& setting) { return setting.first.starts_with("tune."); };
  std::erase_if(record.settings, is_effort);
  std::copy_if(planned.begin(), planned.end(),
               std::inserter(record.settings, record.settings.end()), is_effort);
  if (record.settings == before) return;
  write_file_atomically(folder / "trial.yaml", suite::write_trial(trial.settings));
  write_summary(folder, record);
}

void write_tuning_note(const fs::path& folder, const suite::Suite& suite,
                       const std::vector<suite::Choice>& choices) {
  const std::vector<fs::path> where = places(suite);
  Json searches = Json::array();
  for (std::size_t s = 0; s < choices.size(); ++s) {
    const suite::Search& search = suite.searches[s];
    Json candidates = Json::array();
    for (std::size_t c = 0; c < search.candidates.size(); ++c) {
      const auto& score = choices[s].scores[c];
      candidates.push_back(
          {{"method", search.candidates[c].name},
           {"score", score ? Json(shown(*score, suite.tune.by_loss)) : Json(nullptr)}});
    }
    Json note{{"dataset", part(where[s], 1)},
              {"network", part(where[s], 2)},
              {"method", search.method},
              {"chosen", search.candidates[choices[s].best].name}};
    if (!search.as.empty()) note["as"] = search.as;
    note["candidates"] = std::move(candidates);
    searches.push_back(std::move(note));
  }
  const Json json{{"schema", record_schema},
                  {"score", suite.tune.by_loss ? "validation_loss" : "validation_accuracy"},
                  {"seeds", suite.tune.seeds},
                  {"refit", suite.tune.refit},
                  {"searches", std::move(searches)}};
  write_file_atomically(folder / "tuning.json", json.dump(2) + "\n");
}

}  // namespace gapbench::run
