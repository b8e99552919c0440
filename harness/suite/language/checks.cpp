#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/nearest.h"
#include "suite/language/grid.h"
#include "suite/language/parts.h"
#include "suite/language/rows.h"
#include "suite/trials/trial_file.h"

namespace gapbench::suite {
namespace {

void check_baseline(const std::string& baseline, const Parts& parts, Place place,
                    Mistakes& mistakes) {
  if (baseline.empty() || parts.methods.empty()) return;
  std::vector<std::string> names;
  std::vector<std::string> variants;
  for (const RowOfSuite& row : rows_of(parts)) {
    if (row.name == baseline) return;
    names.push_back(row.name);
    if (row.method->name == baseline || row.method->base == baseline) variants.push_back(row.name);
  }
  mistakes.add(
      place,
      variants.empty()
          ? fmt::format("baseline \"{}\" is no method{}", baseline, did_you_mean(baseline, names))
          : fmt::format("baseline \"{}\" is {}; choose one of {}", baseline,
                        parts.rows.empty() ? "a grid" : "several rows", fmt::join(variants, ", ")));
}

void check_batches(const Parts& parts, Mistakes& mistakes) {
  const bool any_before = !mistakes.none();
  for (const Method& method : parts.methods) {
    // The default size says nothing when "batch" may only have been misspelled.
    if (!method.batch_given && any_before) continue;
    for (const DataBlock& data : parts.datasets) {
      const std::size_t batch = method.settings_on(data.settings.set.name).batch;
      if (data.settings.train == 0 || batch <= data.settings.train) continue;
      mistakes.add(method.batch_place,
                   fmt::format("batch {} is larger than the training set: {} has train {}", batch,
                               data.settings.set.name, data.settings.train));
    }
  }
}

void check_method_twins(const Parts& parts, Mistakes& mistakes) {
  std::map<std::string, std::string> first;
  for (const Method& method : parts.methods) {
    // Twins among what is tried, and on one data set, show as equal trials.
    if (!method.candidates.empty() || !method.on.empty()) continue;
    train::TrialSettings alone;
    static_cast<train::MethodSettings&>(alone) = method.settings;
    const auto [at, is_new] = first.emplace(identity_text(alone), method.name);
    if (is_new) continue;
    mistakes.add(method.place,
                 at->second == method.name
                     ? fmt::format("the name \"{}\" stands for two methods", method.name)
                     : fmt::format("method \"{}\" has the same settings as \"{}\"", method.name,
                                   at->second));
  }
}

/// One data set, network or problem that may stand in the suite only once.
struct Part {
  train::TrialSettings settings;
  std::string name;
  Place place;
};

void check_twins(const std::vector<Part>& parts, Mistakes& mistakes) {
  std::map<std::string, std::string> first;
  for (const Part& part : parts) {
    if (first.emplace(identity_text(part.settings), part.name).second) continue;
    mistakes.add(part.place, fmt::format("{} given twice with the same settings", part.name));
  }
}

std::vector<Part> choice_parts(const std::vector<ChoiceBlock>& blocks) {
  std::vector<Part> parts;
  for (const ChoiceBlock& block : blocks) {
    parts.push_back({{}, block.choice.name, block.place});
    parts.back().settings.problem = block.choice;
  }
  return parts;
}

std::vector<Part> data_parts(const std::vector<DataBlock>& blocks) {
  std::vector<Part> parts;
  for (const DataBlock& block : blocks) {
    parts.push_back({{}, block.settings.set.name, block.place});
    parts.back().settings.data = block.settings;
  }
  return parts;
}

void check_combination(const Node& root, Mistakes& mistakes) {
  const auto given = [&](const char* key) {
    const Node* node = root.find(key);
    return node != nullptr && !(node->is_list() && node->items.empty());
  };
  if (!given("datasets") && !given("problems")) {
    mistakes.add(root.place, "no datasets and no problems: the suite has no trials");
  } else if (given("datasets") && !given("networks")) {
    mistakes.add(place_of(root, "datasets"), "data sets need networks: missing key \"networks\"");
  } else if (given("networks") && !given("datasets")) {
    mistakes.add(place_of(root, "networks"), "networks need data sets: missing key \"datasets\"");
  }
}

/// Draws of the training set are compared by the mean of their seeds: each should have as many.
void check_draws(const Parts& parts, Mistakes& mistakes) {
  for (const DataBlock& data : parts.datasets) {
    const std::uint64_t each = data.settings.seeds_per_draw;
    if (each < 2) continue;
    std::map<std::uint64_t, std::size_t> seeds;
    for (const std::uint64_t seed : parts.seeds) ++seeds[train::draw_of(seed, each)];
    const auto partial =
        std::ranges::find_if(seeds, [&](const auto& draw) { return draw.second != each; });
    if (partial == seeds.end()) continue;
    mistakes.add(
        data.place,
        fmt::format("with split_seed: {0} the seeds {1} to {2} share a draw, and {3} of them "
                    "{4} given; begin seeds at 1 more than a multiple of {5} and give "
                    "whole draws",
                    train::draws_text(each), (partial->first - 1) * each + 1, partial->first * each,
                    partial->second, partial->second == 1 ? "is" : "are", each));
  }
}

void check_size(const Node& root, const Parts& parts, Mistakes& mistakes) {
  const std::size_t problems =
      parts.datasets.size() * parts.networks.size() + parts.problems.size();
  const std::size_t runs = parts.methods.size() * parts.seeds.size();
  const bool fits = problems <= most_trials && runs <= most_trials;
  if (fits && problems * runs <= most_trials) return;
  mistakes.refuse(root.place,
                  fmt::format("{} methods x {} seeds x {} problems; a suite may have at most {} "
                              "trials",
                              parts.methods.size(), parts.seeds.size(), problems, most_trials));
}

}  // namespace

void check_networks(const Parts& parts, const Catalog& catalog, Mistakes& mistakes) {
  for (const ChoiceBlock& network : parts.networks) {
    for (const DataBlock& data : parts.datasets) {
      const std::string misfit = catalog.misfit(network.choice, data.settings.set.name);
      if (misfit.empty()) continue;
      mistakes.add(network.place,
                   fmt::format("does not fit {}: {}", data.settings.set.name, misfit));
    }
  }
}

void check_on(const Parts& parts, Mistakes& mistakes) {
  std::vector<std::string> names;
  for (const DataBlock& data : parts.datasets) names.push_back(data.settings.set.name);
  for (const ChoiceBlock& problem : parts.problems) names.push_back(problem.choice.name);
  for (const Method& method : parts.methods) {
    for (const MethodOn& on : method.on) {
      if (std::find(names.begin(), names.end(), on.where) != names.end()) continue;
      mistakes.add(on.place, fmt::format("no data set or problem \"{}\"{}", on.where,
                                         did_you_mean(on.where, names)));
    }
  }
}

void check_predictive(const Node& root, const Parts& parts, const train::TrialSettings& common,
                      Mistakes& mistakes) {
  const bool any_posterior = std::ranges::any_of(parts.methods, [](const Method& method) {
    return method.settings.posterior && !method.settings.posterior->is_none();
  });
  if (common.keep.predictions && !common.predictive && !any_posterior) {
    mistakes.add(
        place_of(root, "record"),
        "predictions are kept where they are scored; give evaluate: {predictive: true}, too");
  }
  const auto refuse = [&](const std::string& name, Place place) {
    mistakes.add(place, fmt::format("evaluate.shift is of images, and {} has none", name));
  };
  for (const DataBlock& data : parts.datasets) {
    if (data.regression && !common.shifts.empty()) refuse(data.settings.set.name, data.place);
  }
  for (const ChoiceBlock& problem : parts.problems) {
    if (!common.shifts.empty()) refuse(problem.choice.name, problem.place);
  }
  for (const DataBlock& data : parts.datasets) {
    if (!data.regression || data.settings.deviation) continue;
    const bool scored = std::ranges::any_of(parts.methods, [&](const Method& method) {
      const auto& posterior = method.settings_on(data.settings.set.name).posterior;
      // One that is fitted may know a deviation of its own.
      return posterior && !posterior->is_none() ? posterior->is_own() : common.predictive;
    });
    if (!scored) continue;
    mistakes.add(data.place, fmt::format("predictions are scored by their likelihood; give {} the "
                                         "deviation of its targets' noise, as in deviation: 0.3",
                                         data.settings.set.name));
  }
}

void check_tuning(const Node& root, const Parts& parts, const TuneSettings* tune,
                  Mistakes& mistakes) {
  if (tune == nullptr) return;
  const bool any = std::any_of(parts.methods.begin(), parts.methods.end(),
                               [](const Method& method) { return !method.candidates.empty(); });
  if (!any) {  // or none that could be read
    if (mistakes.none()) {
      mistakes.add(place_of(root, "tune"), "no method has a tune block: nothing to tune");
    }
    return;
  }
  std::size_t configurations = 0;
  for (const Method& method : parts.methods) {
    configurations += method.tuned_as.empty() ? method.candidates.size() : 0;
  }
  const std::size_t problems =
      parts.datasets.size() * parts.networks.size() + parts.problems.size();
  std::vector<std::uint64_t> seeds = tune->seeds;
  seeds.insert(seeds.end(), tune->ties.begin(), tune->ties.end());
  if (configurations * seeds.size() > most_trials / std::max<std::size_t>(problems, 1)) {
    mistakes.refuse(place_of(root, "tune"),
                    fmt::format("{} configurations x {} seeds x {} problems; a suite may have at "
                                "most {} tuning trials",
                                configurations, seeds.size(), problems, most_trials));
  }
  for (const std::uint64_t seed : seeds) {
    if (std::find(parts.seeds.begin(), parts.seeds.end(), seed) == parts.seeds.end()) continue;
    mistakes.add(
        place_of(root, "tune"),
        fmt::format("seed {} would choose settings and count; give tune seeds of its own", seed));
  }
  for (const DataBlock& data : parts.datasets) {
    if (data.settings.test_fraction) {
      mistakes.add(
          data.place,
          fmt::format("tuning trials of {} have seeds, and with split: seed parts, of their "
                      "own: settings would be chosen on test examples of the trials that "
                      "count; name a split by its number, or tune nothing",
                      data.settings.set.name));
    }
    if (data.settings.validation > 0) continue;
    mistakes.add(data.place, fmt::format("tuning is judged on a validation part; give {} one, as "
                                         "in validation: 5000",
                                         data.settings.set.name));
  }
}

void check_parts(const Node& root, const Parts& parts, const std::string& baseline,
                 const TuneSettings* tune, Mistakes& mistakes) {
  check_baseline(baseline, parts, place_of(root, "baseline"), mistakes);
  check_combination(root, mistakes);
  check_size(root, parts, mistakes);
  check_batches(parts, mistakes);
  check_draws(parts, mistakes);
  check_on(parts, mistakes);
  check_sources(parts, mistakes);
  check_tuning(root, parts, tune, mistakes);
  if (!mistakes.none()) return;  // settings that were not understood look alike
  check_method_twins(parts, mistakes);
  check_twins(data_parts(parts.datasets), mistakes);
  check_twins(choice_parts(parts.networks), mistakes);
  check_twins(choice_parts(parts.problems), mistakes);
}

}  // namespace gapbench::suite
