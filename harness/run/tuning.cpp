#include "run/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/flat_settings.h"
#include "records/record.h"
#include "records/record_json.h"
#include "records/record_writer.h"
#include "suite/trials/trial_file.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

suite::Score score_of(const records::Record& record, const suite::TuneSettings& tune) {
  const auto& final = record.outcome.final;
  const std::string who = record.folder.string();
  if (!final || !final->validation) {
    throw Error(who, "has no validation part to choose settings by");
  }
  const auto& accuracy = final->validation->accuracy;
  if (!tune.by_loss && !accuracy) {
    throw Error(who, "has no accuracy to choose settings by; tune by: validation_loss");
  }
  if (tune.fitted && !final->train.accuracy) {
    throw Error(who, "has no train accuracy; leave out fitted of tune");
  }
  return {tune.by_loss ? final->validation->loss : -*accuracy, final->train.accuracy};
}

/// Diverged by its own numbers, a configuration is out; everything else may go well next time.
suite::Tried tried_in(const fs::path& folder, const std::string& identity,
                      const suite::TuneSettings& tune) {
  const records::FolderState state = records::inspect(folder, identity);
  if (!state.finished) return {std::nullopt, state.why.empty() ? "not run" : state.why};
  if (state.status == train::Status::diverged) return {};
  const records::Record record = records::read_record(folder);
  if (state.status == train::Status::ok) return {score_of(record, tune), ""};
  return {std::nullopt, fmt::format("{}: {}", train::to_text(state.status), record.outcome.reason)};
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
double shown(const suite::Score& score, bool by_loss) {
  return by_loss ? score.value : -score.value;
}

/// "the best of 8", "the best of 3 that have fitted, of 8", "the best of 8, none of which has
/// fitted".
std::string best_of(const suite::TuneSettings& tune, const suite::Choice& choice) {
  const std::string all = choice.failed > 0 ? fmt::format("{} without {} that failed",
                                                          choice.scores.size(), choice.failed)
                                            : fmt::format("{}", choice.scores.size());
  if (!tune.fitted) return fmt::format("the best of {}", all);
  if (choice.fitted == 0) return fmt::format("the best of {}, none of which has fitted", all);
  return fmt::format("the best of {} that have fitted, of {}", choice.fitted, all);
}

std::string ties_of(const suite::Choice& choice) {
  if (choice.tied.empty()) return "";
  return fmt::format(", from which the tuning seeds do not tell {}", choice.tied.size());
}

/// What failed of its trials stands only where something has.
records::Json candidate_json(const suite::Suite& suite, const suite::Candidate& candidate,
                             const std::optional<suite::Score>& score,
                             const std::vector<suite::Tried>& tried) {
  records::Json json{{"method", candidate.name}, {"score", nullptr}, {"train_accuracy", nullptr}};
  if (score) {
    json["score"] = shown(*score, suite.tune.by_loss);
    if (score->train_accuracy) json["train_accuracy"] = *score->train_accuracy;
  }
  for (const std::size_t trial : candidate.trials) {
    const std::string& failed = tried.at(trial).failed;
    if (failed.empty()) continue;
    json["failed"].push_back({{"seed", suite.trials.at(trial).settings.seed}, {"reason", failed}});
  }
  return json;
}

}  // namespace

std::vector<suite::Tried> tuning_results(const suite::Suite& tuning, const fs::path& results) {
  std::vector<suite::Tried> tried;
  for (const suite::Trial& trial : tuning.trials) {
    tried.push_back(tried_in(results / trial.folder, trial.identity, tuning.tune));
  }
  return tried;
}

std::string failures_text(const suite::Suite& tuning, const std::vector<suite::Tried>& tried) {
  constexpr std::size_t shown = 10;
  std::size_t failed = 0;
  std::string text;
  for (std::size_t i = 0; i < tried.size(); ++i) {
    if (tried[i].failed.empty() || ++failed > shown) continue;
    const train::TrialSettings& settings = tuning.trials[i].settings;
    text += fmt::format("  {} {} {} seed {}: {}\n", part(tuning.trials[i].folder, 2),
                        part(tuning.trials[i].folder, 3), settings.method, settings.seed,
                        tried[i].failed);
  }
  if (failed > shown) text += fmt::format("  and {} more\n", failed - shown);
  if (failed == 0) return "";
  return fmt::format(
             "{} of {} tuning trials failed for reasons that say nothing of their settings:\n",
             failed, tried.size()) +
         text;
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
    text += fmt::format("{}{}, {}{} (validation {})\n", head, best, best_of(suite.tune, choice),
                        ties_of(choice),
                        suite.tune.by_loss ? fmt::format("loss {:.4g}", value)
                                           : fmt::format("accuracy {:.2f} %", 100 * value));
  }
  return text;
}

void update_effort(const suite::Trial& trial, const fs::path& folder) {
  if (!records::is_finished(folder, trial.identity)) return;
  records::Record record = records::read_record(folder);
  const OptionMap before = record.settings;
  const OptionMap planned = records::flat_settings(trial.settings);
  const auto is_effort = [](const auto& setting) { return setting.first.starts_with("tune."); };
  std::erase_if(record.settings, is_effort);
  std::copy_if(planned.begin(), planned.end(),
               std::inserter(record.settings, record.settings.end()), is_effort);
  if (record.settings == before) return;
  write_file_atomically(folder / "trial.yaml", suite::write_trial(trial.settings));
  records::write_summary(folder, record);
}

std::string tuning_note(const suite::Suite& suite, const std::vector<suite::Choice>& choices,
                        const std::vector<suite::Tried>& tried) {
  const std::vector<fs::path> where = places(suite);
  records::Json searches = records::Json::array();
  for (std::size_t s = 0; s < choices.size(); ++s) {
    const suite::Search& search = suite.searches[s];
    records::Json candidates = records::Json::array();
    for (std::size_t c = 0; c < search.candidates.size(); ++c) {
      candidates.push_back(
          candidate_json(suite, search.candidates[c], choices[s].scores[c], tried));
    }
    records::Json note{{"dataset", part(where[s], 1)},
                       {"network", part(where[s], 2)},
                       {"method", search.method},
                       {"chosen", search.candidates[choices[s].best].name}};
    if (!search.as.empty()) note["as"] = search.as;
    if (!choices[s].tied.empty()) note["tied"] = choices[s].tied.size();
    note["candidates"] = std::move(candidates);
    searches.push_back(std::move(note));
  }
  records::Json json{
      {"schema", records::record_schema},
      {"score", suite.tune.by_loss ? "validation_loss" : "validation_accuracy"},
      {"seeds", suite.tune.seeds},
      {"refit", suite.tune.refit},
      {"fitted", suite.tune.fitted ? records::Json(*suite.tune.fitted) : records::Json(nullptr)},
      {"searches", std::move(searches)}};
  if (!suite.tune.ties.empty()) json["ties"] = suite.tune.ties;
  return json.dump(2) + "\n";
}

void write_tuning_note(const fs::path& folder, const suite::Suite& suite,
                       const std::vector<suite::Choice>& choices,
                       const std::vector<suite::Tried>& tried) {
  write_file_atomically(folder / tuning_file, tuning_note(suite, choices, tried));
}

}  // namespace gapbench::run
