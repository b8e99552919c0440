#include "suite/load.h"

#include <fmt/format.h>

#include <iterator>

#include "suite/language/claims.h"
#include "suite/language/looks.h"
#include "suite/language/parts.h"
#include "suite/language/published.h"
#include "suite/language/rows.h"
#include "suite/language/slurm.h"
#include "suite/language/tune.h"
#include "suite/yaml/overrides.h"
#include "suite/yaml/parse.h"

namespace gapbench::suite {
namespace {

constexpr std::size_t longest_suite_name = 100;
constexpr double most_threads = 4096;

bool is_suite_name(const std::string& name) {
  bool after_letter = false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!letter && !(c == '-' && after_letter)) return false;
    after_letter = letter;
  }
  return after_letter && name.size() <= longest_suite_name;
}

std::string read_name(Block& block) {
  const auto name = block.text("name", true);
  if (name && !is_suite_name(*name)) {
    block.mistakes().add(block.place_of("name"),
                         fmt::format("name \"{}\" must be lower-case words joined by dashes, as in "
                                     "cifar-smoke",
                                     *name));
  }
  return name.value_or("");
}

/// The keys of a suite that concern every trial alike.
struct Header {
  Suite suite;
  std::vector<std::uint64_t> seeds;
  train::TrialSettings common;
  std::optional<TuneSettings> tune;
};

Header read_header(const Node& root, const Catalog& catalog, Mistakes& mistakes) {
  Block block(root, "suite", mistakes);
  Header header;
  header.suite.name = read_name(block);
  header.suite.description = block.text("description", false).value_or("");
  header.suite.baseline = block.text("baseline", false).value_or("");
  header.suite.threads =
      block.whole(option::integer("threads", "").at_least(1).at_most(most_threads).by_default(1.0));
  if (const Node* node = block.required("seeds", "as in [1, 2] or {first: 1, count: 5}")) {
    header.suite.looks = read_looks(*node, mistakes);
    header.seeds =
        header.suite.looks.at.empty() ? read_seeds(*node, mistakes) : seeds_of(header.suite.looks);
  }
  if (const Node* node = block.optional("evaluate")) {
    read_evaluate(*node, header.common, mistakes);
  }
  if (const Node* node = block.optional("probes")) {
    header.common.probes = read_probes(*node, catalog, mistakes);
  }
  header.common.keep = read_keep(block);
  if (const Node* node = block.optional("tune")) header.tune = read_tune(*node, mistakes);
  if (const Node* node = block.optional("slurm")) header.suite.slurm = read_slurm(*node, mistakes);
  block.required("methods", "a mapping of names to blocks");
  for (const char* key : {"datasets", "networks", "problems", "budget", "schedule", "grid",
                          "published", "claims", "metric", "rows"}) {
    block.optional(key);
  }
  block.done();
  header.common.suite = header.suite.name;
  header.common.threads = header.suite.threads.value_or(header.common.threads);
  return header;
}

train::TrialSettings with_method(train::TrialSettings settings, const std::string& name,
                                 const train::MethodSettings& method) {
  settings.method = name;
  static_cast<train::MethodSettings&>(settings) = method;
  return settings;
}

/// What training and validation part together make: validation comes first in the split, so that
/// this is the same examples.
void join_validation(train::DataSettings& data) {
  if (data.train > 0) data.train += data.validation;
  data.validation = 0;
}

/// Makes the trials of one method after the other, those of tuning apart.
class TrialMaker {
 public:
  TrialMaker(const Parts& parts, const TuneSettings& tune) : parts_(parts), tune_(tune) {}

  void add(const train::TrialSettings& problem) {
    const std::string& where = problem.problem ? problem.problem->name : problem.data.set.name;
    const std::size_t first_search = searches_.size();
    for (const Method& method : parts_.methods) {
      train::TrialSettings settings = counting(problem, method.name, method.settings_on(where));
      std::optional<std::size_t> search;
      if (!method.candidates.empty()) {
        search = searches_.size();
        searches_.push_back(search_of(method, problem));
        settings = searches_.back().candidates.front().settings;
      }
      for (const std::uint64_t seed : parts_.seeds) {
        settings.seed = seed;
        final_.push_back({settings, "", {}, search});
      }
    }
    link_searches(first_search);
  }

  void finish(Suite& suite) {
    suite.trials = std::move(tuning_);
    suite.trials.insert(suite.trials.end(), std::make_move_iterator(final_.begin()),
                        std::make_move_iterator(final_.end()));
    suite.searches = std::move(searches_);
    suite.tune = tune_;
  }

 private:
  /// Of one problem: which search takes over from which.
  void link_searches(std::size_t first) {
    for (std::size_t s = first; s < searches_.size(); ++s) {
      for (std::size_t other = first; other < searches_.size(); ++other) {
        if (searches_[other].method == searches_[s].as) searches_[s].as_search = other;
      }
    }
  }

  Search search_of(const Method& method, const train::TrialSettings& problem) {
    Search search{method.name, {}, method.tuned_as, 0};
    for (const MethodCandidate& tried : method.candidates) {
      Candidate candidate{tried.name, counting(problem, method.name, tried.settings), {}};
      candidate.settings.effort = {method.candidates.size(),
                                   method.candidates.size() * tune_.seeds.size()};
      const bool tried_here = method.tuned_as.empty();
      for (const std::uint64_t seed : tried_here ? tune_.seeds : std::vector<std::uint64_t>{}) {
        candidate.trials.push_back(tuning_.size());
        tuning_.push_back(
            {tuning_trial(with_method(problem, tried.name, tried.settings), seed), "", {}, {}});
      }
      search.candidates.push_back(std::move(candidate));
    }
    return search;
  }

  /// The settings of trials that count: where they are fitted again, all on the same examples.
  train::TrialSettings counting(const train::TrialSettings& problem, const std::string& name,
                                const train::MethodSettings& method) const {
    train::TrialSettings settings = with_method(problem, name, method);
    if (tune_.refit) join_validation(settings.data);
    return settings;
  }

  /// Only the end of a tuning trial counts: it is not looked at in between.
  static train::TrialSettings tuning_trial(train::TrialSettings settings, std::uint64_t seed) {
    settings.tuning = true;
    settings.seed = seed;
    settings.evaluate_every.reset();
    settings.evaluate_losses.clear();
    settings.predictive = false;
    settings.shifts.clear();
    settings.posterior.reset();
    settings.probes.clear();
    return settings;
  }

  const Parts& parts_;
  const TuneSettings& tune_;
  std::vector<Trial> tuning_;
  std::vector<Trial> final_;
  std::vector<Search> searches_;
};

void make_trials(const Parts& parts, train::TrialSettings common, const TuneSettings& tune,
                 Suite& suite) {
  TrialMaker maker(parts, tune);
  for (const DataBlock& data : parts.datasets) {
    for (const ChoiceBlock& network : parts.networks) {
      common.data = data.settings;
      common.network = network.choice;
      maker.add(common);
    }
  }
  common.data = {};
  common.network = {};
  for (const ChoiceBlock& problem : parts.problems) {
    common.problem = problem.choice;
    maker.add(common);
  }
  maker.finish(suite);
}

}  // namespace

Suite read_suite(const std::string& text, const Source& source, const Catalog& catalog) {
  Mistakes mistakes(source);
  Node root = parse_yaml(text, 0, mistakes);
  apply_overrides(root, mistakes);
  if (root.kind == Node::Kind::null) mistakes.refuse({1, 0}, "holds nothing; a suite is a block");
  if (!root.is_block()) {
    mistakes.refuse(root.place, fmt::format("a suite is a block of keys, got {}", shown(root)));
  }
  Header header = read_header(root, catalog, mistakes);
  const TuneSettings* tune = header.tune ? &*header.tune : nullptr;
  Parts parts = read_parts(root, catalog, tune, mistakes);
  parts.seeds = header.seeds;
  parts.rows = read_rows(root, parts, mistakes);
  check_parts(root, parts, header.suite.baseline, tune, mistakes);
  check_networks(parts, catalog, mistakes);
  check_predictive(root, parts, header.common, mistakes);
  if (const Node* node = root.find("published");
      node != nullptr && node->kind != Node::Kind::null) {
    header.suite.published = read_published(*node, parts, mistakes);
  }
  header.suite.rows = parts.rows;
  header.suite.metric = read_metric(root, mistakes);
  if (const Node* node = root.find("claims"); node != nullptr && node->kind != Node::Kind::null) {
    header.suite.claims =
        read_claims(*node, parts, header.suite.baseline, header.suite.metric, mistakes);
  }
  if (!header.suite.looks.at.empty() && header.suite.claims.empty()) {
    mistakes.add(root.find("seeds")->place,
                 "seeds: looks add seeds until claims are decided, and the suite has no claims:");
  }
  mistakes.raise();
  make_trials(parts, header.common, header.tune.value_or(TuneSettings{}), header.suite);
  header.suite.source = source.file;
  header.suite.notes = mistakes.notes();
  return std::move(header.suite);
}

}  // namespace gapbench::suite
