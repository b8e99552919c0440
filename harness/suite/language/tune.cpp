#include "suite/language/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "core/nearest.h"
#include "gapbench/random.h"
#include "suite/language/fields.h"

namespace gapbench::suite {
namespace {

constexpr double most_draws = 10'000;

/// One line of a `tune` block: the values of a list, or a range to draw from.
struct Line {
  std::string path;
  Place place;
  Node values;  ///< a list
  bool is_range = false;
  double low = 0;
  double high = 0;

  /// Whether values can be taken from it. An inherited mistake is counted once, where it was met first.
  bool is_sound() const {
    return is_range ? 0 < low && low < high : values.is_list() && !values.items.empty();
  }
};

std::optional<double> positive(const Node& node) {
  if (!node.is_scalar()) return std::nullopt;
  const OptionValue value = value_of(node);
  const auto* real = std::get_if<double>(&value);
  const auto* whole = std::get_if<std::int64_t>(&value);
  const double number = real != nullptr    ? *real
                        : whole != nullptr ? static_cast<double>(*whole)
                                           : 0;
  if (!(number > 0) || !std::isfinite(number)) return std::nullopt;
  return number;
}

void read_range(const Node& node, Line& line, Mistakes& mistakes) {
  Block block(node, "tune." + line.path, mistakes);
  const Node* bounds = block.required("log_uniform", "as in {log_uniform: [0.01, 1]}");
  block.done();
  line.is_range = true;
  if (bounds == nullptr) return;
  const bool two = bounds->is_list() && bounds->items.size() == 2;
  const auto low = two ? positive(bounds->items[0]) : std::nullopt;
  const auto high = two ? positive(bounds->items[1]) : std::nullopt;
  if (low && high && *low < *high) {
    line.low = *low;
    line.high = *high;
    return;
  }
  mistakes.add(
      bounds->place,
      fmt::format("tune.{}: log_uniform must be [low, high] with 0 < low < high", line.path));
}

std::vector<Line> read_lines(const Node& tune, Mistakes& mistakes) {
  std::vector<Line> lines;
  for (const Entry& entry : tune.entries) {
    if (entry.key == "draws") continue;
    Line line{entry.key, entry.place, entry.value, false, 0, 0};
    if (!is_method_path(entry.key)) {
      mistakes.add(entry.place, fmt::format("unknown tune path \"{}\"; a path of the method, as in "
                                            "optimizer.learning_rate",
                                            entry.key));
    } else if (entry.value.is_block()) {
      read_range(entry.value, line, mistakes);
    } else if (!entry.value.is_list() || entry.value.items.empty()) {
      mistakes.add(entry.value.place,
                   fmt::format("tune.{} must be a list of values or {{log_uniform: [low, high]}}, "
                               "got {}",
                               entry.key, shown(entry.value)));
    }
    lines.push_back(std::move(line));
  }
  if (lines.empty()) mistakes.add(tune.place, "tune holds no path: nothing to choose");
  return lines;
}

/// Three digits are enough to tell runs apart, and short enough for a name.
double rounded(double value) {
  const std::string text = fmt::format("{:.2e}", value);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Node drawn(const Line& line, Random random) {
  if (!line.is_range) return line.values.items[random.below(line.values.items.size())];
  const double low = std::log(line.low);
  const double value = std::exp(low + random.uniform() * (std::log(line.high) - low));
  Node node = value_node(std::clamp(rounded(value), line.low, line.high));
  node.place = line.place;
  return node;
}

void put(Node& tree, const Line& line, const Node& values, Mistakes& mistakes) {
  if (put_alternatives(tree, line.path, values)) return;
  mistakes.add(line.place,
               fmt::format("tune path \"{}\": the method has no such regularizer", line.path));
}

std::vector<Variant> random_search(const Node& method, const std::vector<Line>& lines,
                                   std::uint64_t draws, std::uint64_t seed, Mistakes& mistakes) {
  std::vector<Variant> all;
  std::set<std::string> seen;
  for (std::uint64_t i = 0; i < draws; ++i) {
    Variant variant{method, {}};
    std::string label;
    for (const Line& line : lines) {
      Node one = list_node(line.place);
      one.items.push_back(drawn(line, Random(seed).at("tune", i).at(line.path)));
      put(variant.tree, line, one, mistakes);
      variant.axes.push_back({line.path, distinguish(one.items).front()});
      label += variant.axes.back().label + " ";
    }
    if (!seen.insert(label).second) continue;
    variant.tree = expand(variant.tree, mistakes).at(0).tree;
    all.push_back(std::move(variant));
  }
  if (all.size() < draws) {
    mistakes.note(lines.front().place,
                  fmt::format("{} draws of tune gave {} different configuration{}: values are "
                              "rounded to three digits, and each counts once",
                              draws, all.size(), all.size() == 1 ? "" : "s"));
  }
  return all;
}

/// What two or more seeds leave open is for others to decide.
void require_tellable(const Place& place, const TuneSettings& tune, Mistakes& mistakes) {
  if (tune.seeds.size() == 1) {
    mistakes.add(place, "tune.ties needs two or more tune.seeds: one cannot show a tie");
  }
  for (const std::uint64_t seed : tune.ties) {
    if (std::ranges::find(tune.seeds, seed) == tune.seeds.end()) continue;
    mistakes.add(place, fmt::format("tune.ties: seed {} is one of tune.seeds; take others", seed));
  }
}

}  // namespace

bool is_method_path(const std::string& path) {
  return is_method_key(path.substr(0, path.find('.'))) && path.back() != '.';
}

std::optional<TuneSettings> read_tune(const Node& node, Mistakes& mistakes) {
  Block block(node, "tune", mistakes);
  TuneSettings settings;
  if (const Node* seeds = block.required("seeds", "of the tuning trials, as in [101]")) {
    settings.seeds = read_seeds(*seeds, mistakes);
  }
  if (const Node* ties = block.optional("ties")) {
    settings.ties = read_seeds(*ties, mistakes);
    require_tellable(ties->place, settings, mistakes);
  }
  const auto by = block.value(option::choice("by", "validation_accuracy|validation_loss", "")
                                  .by_default("validation_accuracy"));
  settings.by_loss = by && std::get<std::string>(*by) == "validation_loss";
  settings.refit = block.flag("refit").value_or(false);
  settings.fitted = block.real(option::real("fitted", "").above(0).at_most(1).by_default(1.0));
  block.done();
  if (settings.seeds.empty()) return std::nullopt;
  return settings;
}

std::optional<std::string> tuned_as(const Node& tune, Mistakes& mistakes) {
  const Node* as = tune.find("as");
  if (as == nullptr) return std::nullopt;
  Block block(tune, "tune", mistakes);
  const auto name = block.text("as", true);
  block.done();
  return name;
}

std::vector<Variant> candidates(const Node& method, const Node& tune, const TuneSettings& settings,
                                Mistakes& mistakes) {
  if (!tune.is_block()) {
    mistakes.add(
        tune.place,
        fmt::format(
            "tune must be a block of paths, as in {{optimizer.learning_rate: [0.01, 0.1]}}, got {}",
            shown(tune)));
    return {};
  }
  const std::size_t before = mistakes.count();
  const std::vector<Line> lines = read_lines(tune, mistakes);
  const bool ranges =
      std::any_of(lines.begin(), lines.end(), [](const Line& line) { return line.is_range; });
  std::uint64_t draws = 0;
  if (const Node* node = tune.find("draws")) {
    const auto number =
        read_value(*node, option::integer("draws", "").at_least(1).at_most(most_draws),
                   "tune.draws", mistakes);
    if (number) draws = static_cast<std::uint64_t>(std::get<std::int64_t>(*number));
  } else if (ranges) {
    mistakes.add(tune.place, "tune draws from a range: missing key \"draws\", as in draws: 8");
  }
  const bool sound = std::ranges::all_of(lines, &Line::is_sound) && (draws > 0 || !ranges);
  if (mistakes.count() > before || lines.empty() || !sound) return {};
  if (draws > 0) return random_search(method, lines, draws, settings.seeds.front(), mistakes);
  Node tree = method;
  for (const Line& line : lines) put(tree, line, line.values, mistakes);
  return expand(tree, mistakes);
}

}  // namespace gapbench::suite
