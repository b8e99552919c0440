#include "suite/load.h"

#include <fmt/format.h>

#include "suite/overrides.h"
#include "suite/parse.h"
#include "suite/parts.h"
#include "suite/published.h"

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
    header.seeds = read_seeds(*node, mistakes);
  }
  if (const Node* node = block.optional("evaluate")) {
    header.common.evaluate_every = read_evaluate(*node, mistakes);
  }
  if (const Node* node = block.optional("probes")) {
    header.common.probes = read_probes(*node, catalog, mistakes);
  }
  block.required("methods", "a mapping of names to blocks");
  for (const char* key :
       {"datasets", "networks", "problems", "budget", "schedule", "grid", "published"}) {
    block.optional(key);
  }
  block.done();
  header.common.suite = header.suite.name;
  header.common.threads = header.suite.threads.value_or(header.common.threads);
  return header;
}

void add_trials(const Parts& parts, const train::TrialSettings& common, Suite& suite) {
  for (const Method& method : parts.methods) {
    for (const std::uint64_t seed : parts.seeds) {
      train::TrialSettings settings = common;
      settings.method = method.name;
      settings.optimizer = method.settings.optimizer;
      settings.regularizers = method.settings.regularizers;
      settings.batch = method.settings.batch;
      settings.micro_batch = method.settings.micro_batch;
      settings.budget = method.settings.budget;
      settings.schedule = method.settings.schedule;
      settings.seed = seed;
      suite.trials.push_back({std::move(settings), "", {}});
    }
  }
}

void make_trials(const Parts& parts, train::TrialSettings common, Suite& suite) {
  for (const DataBlock& data : parts.datasets) {
    for (const ChoiceBlock& network : parts.networks) {
      common.data = data.settings;
      common.network = network.choice;
      add_trials(parts, common, suite);
    }
  }
  common.data = {};
  common.network = {};
  for (const ChoiceBlock& problem : parts.problems) {
    common.problem = problem.choice;
    add_trials(parts, common, suite);
  }
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
  Parts parts = read_parts(root, catalog, mistakes);
  parts.seeds = header.seeds;
  check_parts(root, parts, header.suite.baseline, mistakes);
  if (const Node* node = root.find("published");
      node != nullptr && node->kind != Node::Kind::null) {
    header.suite.published = read_published(*node, parts, mistakes);
  }
  mistakes.raise();
  make_trials(parts, header.common, header.suite);
  header.suite.source = source.file;
  return std::move(header.suite);
}

}  // namespace gapbench::suite
