#include "suite/trials/labels.h"

#include <fmt/format.h>

#include <map>

#include "core/hash.h"
#include "suite/language/grid.h"
#include "suite/trials/trial_tree.h"
#include "suite/yaml/emit.h"

namespace gapbench::suite {
namespace {

/// What a label may show: name, settings and options side by side; "all" for a part left whole.
Node label_tree(Node tree) {
  Node options = *tree.find("options");
  for (const char* key : {"options", "revision", "checksum"}) tree.remove(key);
  for (const char* part : {"train", "test"}) {
    Node* size = tree.find(part);
    if (size != nullptr && size->text == "0") size->text = "all";
  }
  if (Node* unseen = tree.find("unseen")) {  // one word: a label shows no lists
    std::string classes;
    for (const Node& c : unseen->items) classes += (classes.empty() ? "" : "+") + c.text;
    *unseen = text_node(classes);
  }
  for (Entry& option : options.entries) tree.entries.push_back(std::move(option));
  return tree;
}

/// Labels for trees of which many are equal.
class Labels {
 public:
  void add(const Node& tree) {
    const auto [at, is_new] = places_.emplace(emit_yaml(tree), distinct_.size());
    if (is_new) distinct_.push_back(tree);
    use_.push_back(at->second);
  }
  std::vector<std::string> all() const {
    const std::vector<std::string> labels = distinguish(distinct_);
    std::vector<std::string> result;
    for (const std::size_t place : use_) result.push_back(labels[place]);
    return result;
  }

 private:
  std::map<std::string, std::size_t> places_;
  std::vector<Node> distinct_;
  std::vector<std::size_t> use_;
};

/// The labels of the trials of tuning, or of those that count: the two may split one data set in
/// different ways, which is nothing to tell data sets apart by.
std::vector<ProblemLabel> labels_of(const Suite& suite, bool tuning) {
  Labels data;
  Labels networks;
  Labels problems;
  for (const Trial& trial : suite.trials) {
    const train::TrialSettings& settings = trial.settings;
    if (settings.tuning != tuning) continue;
    if (settings.problem) {
      problems.add(label_tree(choice_tree(*settings.problem)));
    } else {
      data.add(label_tree(data_tree(settings.data)));
      networks.add(label_tree(choice_tree(settings.network)));
    }
  }
  const auto data_names = data.all();
  const auto network_names = networks.all();
  const auto problem_names = problems.all();
  std::vector<ProblemLabel> labels;
  std::size_t next_data = 0;
  std::size_t next_problem = 0;
  for (const Trial& trial : suite.trials) {
    if (trial.settings.tuning != tuning) continue;
    if (trial.settings.problem) {
      labels.push_back({problem_names[next_problem++], "analytic"});
    } else {
      labels.push_back({data_names[next_data], network_names[next_data]});
      ++next_data;
    }
  }
  return labels;
}

}  // namespace

std::vector<ProblemLabel> problem_labels(const Suite& suite) {
  const std::vector<ProblemLabel> tuning = labels_of(suite, true);
  const std::vector<ProblemLabel> final = labels_of(suite, false);
  std::vector<ProblemLabel> labels;
  auto next_tuning = tuning.begin();
  auto next_final = final.begin();
  for (const Trial& trial : suite.trials) {
    labels.push_back(trial.settings.tuning ? *next_tuning++ : *next_final++);
  }
  return labels;
}

std::string folder_name(const std::string& name) {
  constexpr std::size_t longest = 120;
  constexpr std::size_t shown_hash = 8;
  if (name.size() <= longest) return name;
  return fmt::format("{}~{}", name.substr(0, longest),
                     hash_bytes(Digest::sha256, name).substr(0, shown_hash));
}

std::string method_folder(const std::string& method) {
  std::string name;
  for (const char c : method) {
    if (c != ']') name += c == '[' ? '@' : c;
  }
  return folder_name(name);
}

}  // namespace gapbench::suite
