#include "suite/language/data_block.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/label_noise.h"

namespace gapbench::suite {

namespace {

/// `seed` or `seed/4`.
std::optional<std::uint64_t> per_draw(const Node& node) {
  if (!node.is_scalar() || node.quoted) return std::nullopt;
  return train::seeds_per_draw_of(node.text);
}

}  // namespace

std::uint64_t read_seeds_per_draw(Block& block) {
  const Node* node = block.has("split_seed") ? block.optional("split_seed") : nullptr;
  return node == nullptr ? 0 : per_draw(*node).value_or(0);
}

std::optional<double> read_test_fraction(Block& block) {
  if (!block.has("test_fraction")) return std::nullopt;
  return block.real(option::real("test_fraction", "").above(0).below(1));
}

std::vector<std::size_t> read_unseen(Block& block) {
  const Node* list = block.has("unseen") ? block.optional("unseen") : nullptr;
  std::vector<std::size_t> classes;
  if (list == nullptr || !require_list(*list, "unseen", block.mistakes())) return classes;
  if (list->items.empty()) block.mistakes().add(list->place, "unseen must not be empty");
  for (const Node& item : list->items) {
    const auto given = unsigned_of(item);
    if (!given) {
      block.mistakes().add(item.place,
                           fmt::format("a class must be a whole number >= 0, got {}", shown(item)));
    } else if (std::ranges::count(classes, *given) > 0) {
      block.mistakes().add(item.place, fmt::format("unseen class {} given twice", *given));
    } else {
      classes.push_back(*given);
    }
  }
  std::ranges::sort(classes);
  return classes;
}

std::optional<double> read_deviation(Block& block) {
  if (!block.has("deviation")) return std::nullopt;
  return block.real(option::real("deviation", "").above(0));
}

void read_label_noise(Block& block, train::DataSettings& data) {
  const auto& [noise, seed] = data::label_options;
  const std::uint64_t drawn_by = block.whole(seed).value_or(0);
  const auto own = data.set.options.find(noise.name);
  const bool has_own = own != data.set.options.end();
  if (!has_own) data.label_noise = block.real(noise).value_or(0);
  const bool drawn = has_own ? own->second != OptionValue(0.0) : data.label_noise > 0;
  data.label_seed = drawn ? drawn_by : 0;  // where it decides nothing it must not tell trials apart
}

namespace {

void refuse_label_noise(Block& block, const std::string& set) {
  for (const OptionSpec& spec : data::label_options) {
    if (!block.has(spec.name)) continue;
    block.mistakes().add(
        block.place_of(spec.name),
        fmt::format("{} is a regression set and has no labels; leave {} out", set, spec.name));
  }
}

constexpr double usual_test_fraction = 0.1;

/// Of `split: seed`, of a set whose parts can be drawn: how many seeds share a draw; of others it is a
/// key like any.
std::uint64_t test_part_per_draw(const Node& node, const Catalog& catalog) {
  const Node* split = node.is_block() ? node.find("split") : nullptr;
  const Node* name = node.is_block() ? node.find("name") : nullptr;
  if (split == nullptr || name == nullptr || !name->is_scalar()) return 0;
  try {
    const bool may_be = catalog.find(Role::dataset, name->text).redrawable;
    return may_be ? per_draw(*split).value_or(0) : 0;
  } catch (const Error&) {  // the name is a mistake of its own
    return 0;
  }
}

void read_drawn_parts(Block& block, std::uint64_t seeds_per_draw, train::DataSettings& data) {
  const auto fraction = read_test_fraction(block);
  if (seeds_per_draw == 0 && block.has("test_fraction")) {
    block.mistakes().add(block.place_of("test_fraction"),
                         "test_fraction is of a test part that is drawn; give split: seed, too");
  }
  if (seeds_per_draw == 0) return;
  if (block.has("split_seed") && data.seeds_per_draw != seeds_per_draw) {
    block.mistakes().add(block.place_of("split_seed"),
                         "split: seed lets each seed draw all parts; leave split_seed out");
  }
  data.seeds_per_draw = seeds_per_draw;
  data.split_seed = 0;
  data.test_fraction = fraction.value_or(usual_test_fraction);
  data.set.options.erase("split");
}

}  // namespace

std::optional<DataBlock> read_data(const Node& given, const Catalog& catalog, Mistakes& mistakes) {
  const std::uint64_t test_part = test_part_per_draw(given, catalog);
  Node node = given;
  if (test_part > 0) node.remove("split");  // which is no number then
  Block block(node, "data set", mistakes);
  const auto set = read_choice(block, Role::dataset, catalog, true);
  DataBlock data;
  data.place = node.place;
  data.settings.train = block.whole(count_option("train")).value_or(0);
  data.settings.validation = block.whole(count_option("validation")).value_or(0);
  data.settings.test = block.whole(count_option("test")).value_or(0);
  data.settings.seeds_per_draw = read_seeds_per_draw(block);
  if (data.settings.seeds_per_draw == 0) {
    data.settings.split_seed = block.whole(count_option("split_seed")).value_or(0);
  }
  data.settings.augment = block.flag("augment").value_or(false);
  data.settings.deviation = read_deviation(block);
  data.settings.unseen = read_unseen(block);
  if (!set) return std::nullopt;
  data.regression = catalog.find(Role::dataset, set->name).regression;
  if (data.settings.deviation && !data.regression) {
    mistakes.add(block.place_of("deviation"),
                 fmt::format("deviation is of the noise of a regression's targets; {} has classes",
                             set->name));
  }
  if (data.regression && block.has("unseen")) {
    mistakes.add(block.place_of("unseen"),
                 fmt::format("unseen is of classes, and {} has none", set->name));
  }
  data.settings.set = *set;
  if (catalog.find(Role::dataset, set->name).redrawable) {
    read_drawn_parts(block, test_part, data.settings);
  }
  if (data.regression) refuse_label_noise(block, set->name);
  read_label_noise(block, data.settings);
  block.done();
  return data;
}

}  // namespace gapbench::suite
