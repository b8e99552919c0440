#include "suite/language/methods.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "suite/language/fields.h"
#include "suite/language/forms.h"
#include "suite/language/grid.h"
#include "suite/language/posterior.h"
#include "suite/language/tune.h"
#include "suite/language/tuned_as.h"

namespace gapbench::suite {
namespace {

using train::Length;

constexpr double largest_batch = 1e9;

const char* unit_text(Length::Unit unit) {
  return unit == Length::Unit::epochs ? "epochs" : "steps";
}

class MethodReader {
 public:
  MethodReader(const Catalog& catalog, Place missing_budget, Mistakes& mistakes)
      : catalog_(catalog), missing_budget_(missing_budget), mistakes_(mistakes) {}

  /// The same for every candidate of a `tune` block.
  void read_tuned(const Variant& variant, const Node& tune, const TuneSettings& settings,
                  Method& method) {
    for (const Variant& candidate : candidates(variant.tree, tune, settings, mistakes_)) {
      std::vector<Axis> axes = variant.axes;
      axes.insert(axes.end(), candidate.axes.begin(), candidate.axes.end());
      Method tried;
      tried.name = method.name;
      tried.base = method.base;
      tried.place = method.place;
      read(candidate.tree, tried);
      std::vector<Axis> own = candidate.axes;
      std::sort(own.begin(), own.end(),
                [](const Axis& a, const Axis& b) { return a.path < b.path; });
      tried.candidates = std::move(method.candidates);
      tried.candidates.push_back({variant_name(method.base, axes), std::move(own), tried.settings});
      if (tried.candidates.size() > 1) tried.settings = tried.candidates.front().settings;
      method = std::move(tried);
    }
    if (method.settings.sources.empty()) return;
    mistakes_.add(tune.place, fmt::format("method \"{}\" follows another trial and cannot be tuned",
                                          method.base));
  }

  /// The same with what an `on` block changes for a data set or problem: {cifar100: {batch: 64}}.
  void read_on(const Node& tree, const Node& on, Method& method) {
    if (!on.is_block()) {
      mistakes_.add(on.place, must_be("on", "a block of data sets", on));
      return;
    }
    for (const Entry& entry : on.entries) {
      const auto changed = changed_tree(tree, entry);
      if (!changed) continue;
      Method there;
      there.base = method.base;
      there.place = method.place;
      read(*changed, there);
      method.on.push_back({entry.key, entry.place, std::move(there.settings)});
    }
  }

  /// `method` has its names and place; the rest is filled in.
  void read(const Node& tree, Method& method) {
    Block block(tree, fmt::format("method \"{}\"", method.base), mistakes_);
    block.optional("extends");  // valid, and already followed
    block.optional("tune");     // valid, and taken out before
    block.optional("on");
    if (const Node* node = block.required("optimizer")) {
      const Node named = as_named_block(*node);
      Block optimizer(named, "optimizer", mistakes_);
      if (const auto choice = read_choice(optimizer, Role::optimizer, catalog_)) {
        method.settings.optimizer = *choice;
        follow_sources(method.settings.optimizer, Role::optimizer, named, method);
      }
    }
    if (const Node* node = block.optional("regularizers")) read_regularizers(*node, method);
    read_start(block, method);
    read_batch(block, tree, method);
    method.settings.running_statistics = read_running_statistics(block);
    method.settings.sampling = read_sampling(block);
    method.settings.batch_growth = read_batch_growth(block);
    method.settings.until_loss = read_until(block);
    if (const Node* node = block.optional("posterior")) {
      method.settings.posterior =
          read_posterior(*node, method.settings.optimizer, catalog_, mistakes_);
    }
    read_lengths(block, method.settings);
    require_growth_in_time(block, method.settings);
    block.done();
  }

 private:
  std::optional<Node> changed_tree(Node tree, const Entry& changes) {
    if (!changes.value.is_block()) {
      mistakes_.add(changes.value.place, fmt::format("on.{} must be a block of paths, got {}",
                                                     changes.key, shown(changes.value)));
      return std::nullopt;
    }
    const auto refuse_list = [&]() -> std::optional<Node> {
      mistakes_.add(changes.value.place,
                    fmt::format("on.{} holds a list; give one value", changes.key));
      return std::nullopt;
    };
    for (const Entry& change : changes.value.entries) {
      if (change.value.is_list() && !is_list_by_nature(change.key)) return refuse_list();
      Node one = list_node(change.value.place);
      one.items.push_back(change.value);
      if (is_method_path(change.key) && put_alternatives(tree, change.key, one)) continue;
      mistakes_.add(change.place,
                    fmt::format("path \"{}\" leads nowhere; a path of the method, as in "
                                "optimizer.learning_rate",
                                change.key));
      return std::nullopt;
    }
    std::vector<Variant> variants = expand(tree, mistakes_);
    if (variants.size() != 1) return refuse_list();
    return std::move(variants.front().tree);
  }

  void read_regularizers(const Node& list, Method& method) {
    std::set<std::string> names;
    if (!require_list(list, "regularizers", mistakes_)) return;
    for (const Node& item : list.items) {
      const Node named = as_named_block(item);
      Block block(named, "regularizer", mistakes_);
      const auto choice = read_choice(block, Role::regularizer, catalog_);
      if (!choice) continue;
      if (!names.insert(choice->name).second) {
        mistakes_.add(item.place, fmt::format("regularizer \"{}\" given twice", choice->name));
      }
      method.settings.regularizers.push_back(*choice);
      follow_sources(*choice, Role::regularizer, named, method);
    }
  }

  /// `start: METHOD`, the end of that method's trial in place of the problem's own start point.
  void read_start(Block& block, Method& method) {
    const auto start = block.text("start", false);
    if (!start) return;
    method.settings.start = *start;
    method.settings.sources.push_back({"", *start, "", "", train::Hands::start});
    method.source_places.push_back(block.place_of("start"));
  }

  void follow_sources(const train::Choice& choice, Role role, const Node& node, Method& method) {
    for (SourceUse& use : sources_of(choice, role, node, catalog_)) {
      method.settings.sources.push_back(std::move(use.source));
      method.source_places.push_back(use.place);
    }
  }

  /// `batch: all`, the whole training part.
  static bool takes_all(const Block& block, const Node& tree) {
    const Node* batch = block.has("batch") ? tree.find("batch") : nullptr;
    return batch != nullptr && batch->is_scalar() && !batch->quoted && batch->text == "all";
  }

  void read_batch(Block& block, const Node& tree, Method& method) {
    block.rename("method");  // an inherited mistake is the same mistake
    if (takes_all(block, tree)) {
      block.optional("batch");
      method.batch_given = true;
      method.batch_place = block.place_of("batch");
      method.settings.batch = 0;
      const auto size = option::integer("micro_batch", "").at_least(0).at_most(largest_batch);
      method.settings.micro_batch = block.whole(size.by_default(0.0)).value_or(0);
      return;
    }
    const auto size = [](const char* name) {
      return option::integer(name, "").at_most(largest_batch).by_default(0.0);
    };
    const auto batch = block.whole(size("batch").at_least(1));
    const auto micro_batch = block.whole(size("micro_batch").at_least(0));
    method.batch_given = batch.has_value();
    method.batch_place = block.has("batch") ? block.place_of("batch") : method.place;
    method.settings.batch = batch.value_or(method.settings.batch);
    method.settings.micro_batch = micro_batch.value_or(0);
    const bool comparable = batch || !block.has("batch");
    if (comparable && method.settings.micro_batch > method.settings.batch) {
      mistakes_.add(block.place_of("micro_batch"),
                    fmt::format("micro_batch {} is larger than batch {}",
                                method.settings.micro_batch, method.settings.batch));
    }
  }

  void require_growth_in_time(const Block& block, const train::MethodSettings& settings) {
    if (!settings.batch_growth || settings.batch_growth->epochs.empty()) return;
    const auto place = block.place_of("batch_growth");
    if (settings.batch == 0) {
      mistakes_.add(place, "batch_growth needs a batch that can grow, got batch all");
    }
    const std::uint64_t last = settings.batch_growth->epochs.back();
    const train::Length& budget = settings.budget;
    if (budget.unit == train::Length::Unit::epochs && budget.count > 0 &&
        static_cast<double>(last) >= budget.count) {
      mistakes_.add(place,
                    fmt::format("batch_growth: epoch {} is not within the budget, epochs 0 to {}",
                                last, budget.count - 1));
    }
  }

  void read_lengths(Block& block, train::MethodSettings& settings) {
    if (const Node* node = block.optional("budget")) {
      const bool may_be_zero = !settings.start.empty();  // then there is something to evaluate
      settings.budget = read_length(*node, "budget", may_be_zero, mistakes_).value_or(Length{});
    } else if (!block.has("budget")) {
      mistakes_.add(missing_budget_,
                    "missing key \"budget\"; give it for the suite or in every method");
    }
    const Node* node = block.optional("schedule");
    if (node == nullptr) return;
    settings.schedule = read_schedule(*node, mistakes_).value_or(train::ScheduleSettings{});
    const Length& warmup = settings.schedule.warmup;
    const Length& budget = settings.budget;
    if (budget.count > 0 && warmup.unit == budget.unit && warmup.count > budget.count) {
      mistakes_.add(node->find("warmup")->place,
                    fmt::format("a warm-up of {} {} is longer than the budget of {}", warmup.count,
                                unit_text(warmup.unit), budget.count));
    } else if (const double left = (1 - settings.schedule.cooldown) * budget.count;
               settings.schedule.kind == train::ScheduleSettings::Kind::trapezoid &&
               warmup.unit == budget.unit && warmup.count > left * (1 + 1e-12)) {
      mistakes_.add(
          node->place,
          fmt::format("a cool-down of {} of the budget leaves {:.6g} {}, and the warm-up "
                      "takes {}",
                      settings.schedule.cooldown, left, unit_text(warmup.unit), warmup.count));
    }
  }

  const Catalog& catalog_;
  Place missing_budget_;
  Mistakes& mistakes_;
};

/// Takes a key out of a method; `none` is as if it were not there, for a method that inherits one.
std::optional<Node> take(Node& method, const char* key) {
  const Node* found = method.find(key);
  if (found == nullptr) return std::nullopt;
  std::optional<Node> value = *found;
  if (found->is_scalar() && found->text == "none") value.reset();
  method.remove(key);
  return value;
}

}  // namespace

const train::MethodSettings& Method::settings_on(const std::string& where) const {
  const auto at = std::find_if(on.begin(), on.end(),
                               [&](const MethodOn& other) { return other.where == where; });
  return at == on.end() ? settings : at->settings;
}

std::vector<Method> read_methods(const std::vector<MethodTree>& trees, const Catalog& catalog,
                                 Place missing_budget, const TuneSettings* tune,
                                 Mistakes& mistakes) {
  std::vector<Method> methods;
  MethodReader reader(catalog, missing_budget, mistakes);
  TuneBlocks blocks;
  for (const MethodTree& method : trees) {
    Node tree = method.tree;
    blocks[method.name] = take(tree, "tune");
  }
  for (const MethodTree& method : trees) {
    Node tree = method.tree;
    tree.remove("tune");
    const auto& [tuned, as] = tuned_by(blocks[method.name], blocks, mistakes);
    const std::optional<Node> on = take(tree, "on");
    if (tuned && on) {
      mistakes.add(on->place,
                   fmt::format("method \"{}\" is tuned, which chooses for each data set; "
                               "it takes no \"on\"",
                               method.name));
    }
    if (tuned && tune == nullptr) {
      mistakes.add(
          tuned->place,
          "a method is tuned: missing key \"tune\" of the suite, as in tune: {seeds: [101]}");
    }
    const std::vector<Variant> variants = expand(tree, mistakes);
    if (methods.size() + variants.size() > most_trials) {
      mistakes.refuse(method.place, fmt::format("the methods of the suite and their grids are more "
                                                "than {}",
                                                most_trials));
    }
    for (const Variant& variant : variants) {
      Method read;
      read.name = variant_name(method.name, variant.axes);
      read.base = method.name;
      read.place = method.place;
      if (tuned && tune != nullptr) {
        reader.read_tuned(variant, *tuned, *tune, read);
        read.tuned_as = as;
        read.tune_place = tuned->place;
      } else {
        reader.read(variant.tree, read);
        if (on) reader.read_on(variant.tree, *on, read);
      }
      methods.push_back(std::move(read));
    }
  }
  if (mistakes.none()) match_candidates(methods, mistakes);
  return methods;
}

}  // namespace gapbench::suite
