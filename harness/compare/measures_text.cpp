// Measures as tables and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compare/measures.h"
#include "compare/pages/page.h"

namespace gapbench::compare {
namespace {

using BySeed = std::map<std::uint64_t, double>;

Cell cell(const std::optional<OverSeeds>& value) {
  if (!value) return "–";
  std::string text = fmt::format("{:+.2f}", value->mean);
  if (value->interval) {
    text += fmt::format(" [{:+.2f}, {:+.2f}]", value->interval->low, value->interval->high);
  }
  Cell shown(text);
  shown.order = value->mean;
  return shown;
}

Cell plain(const std::optional<OverSeeds>& value) {
  if (!value) return "–";
  Cell shown(fmt::format("{:.2f}", value->mean));
  shown.order = value->mean;
  return shown;
}

/// The largest one, the percentile or the mean, of each seed.
BySeed of_errors(const MeasureRow& row, double SignErrors::*which) {
  BySeed values;
  for (const auto& [seed, errors] : row.errors) values[seed] = errors.*which;
  return values;
}

Cells names(const Measured& all) {
  Cells cells;
  for (const MeasureRow& row : all.rows) {
    cells.emplace_back(row.lacking > 0 ? fmt::format("{} ({} without)", row.measure, row.lacking)
                                       : row.measure);
  }
  return cells;
}

template <class F>
Cells each(const Measured& all, F f) {
  Cells cells;
  for (const MeasureRow& row : all.rows) cells.push_back(f(row));
  return cells;
}

Table ranking(const Measured& all) {
  Table table(all.dataset + ": measures and the gap");
  table.add("Measure", names(all));
  table.add("τ", each(all, [](const auto& r) { return cell(over_seeds(r.tau)); }));
  table.add("Ψ", each(all, [](const auto& r) { return cell(over_seeds(r.granulated)); }));
  table.add("CMI", each(all, [](const auto& r) { return plain(over_seeds(r.information)); }));
  for (const auto& [heading, which] :
       {std::pair{"Sign error max", &SignErrors::largest},
        std::pair{"90 %", &SignErrors::ninetieth}, std::pair{"mean", &SignErrors::mean}}) {
    table.add(heading,
              each(all, [which](const auto& r) { return plain(over_seeds(of_errors(r, which))); }));
  }
  return table;
}

Table axes_table(const Measured& all) {
  Table table(all.dataset + ": granulated by axis");
  table.add("ψ along", names(all));
  for (std::size_t a = 0; a < all.axes.size(); ++a) {
    table.add(all.axes[a],
              each(all, [a](const auto& r) { return cell(over_seeds(r.by_axis[a])); }));
  }
  return table;
}

/// By seed, b - a.
BySeed difference(const BySeed& a, const BySeed& b) {
  BySeed values;
  for (const auto& [seed, value] : b) {
    const auto there = a.find(seed);
    if (there != a.end()) values[seed] = value - there->second;
  }
  return values;
}

Page carried(const Measured& from, const Measured& to) {
  Cells measures, first, second, differences;
  for (const MeasureRow& row : from.rows) {
    const auto there = std::ranges::find(to.rows, row.measure, &MeasureRow::measure);
    if (there == to.rows.end() || row.granulated.empty() || there->granulated.empty()) continue;
    measures.emplace_back(row.measure);
    first.push_back(cell(over_seeds(row.granulated)));
    second.push_back(cell(over_seeds(there->granulated)));
    differences.push_back(cell(over_seeds(difference(row.granulated, there->granulated))));
  }
  if (measures.empty()) return {};
  Table table(fmt::format("Ψ on {} and on {}", from.dataset, to.dataset));
  table.add("Ψ", measures);
  table.add(from.dataset, first);
  table.add(to.dataset, second);
  table.add("difference", differences);
  return {Heading{2, fmt::format("Does it carry over from {} to {}?", from.dataset, to.dataset)},
          table};
}

Page section(const Measured& all) {
  std::vector<std::string> seeds;
  for (const auto& [seed, count] : all.by_seed) seeds.push_back(fmt::format("{}: {}", seed, count));
  std::string text =
      fmt::format("{} networks (by seed {}), train loss {:.3g} to {:.3g}", all.networks,
                  fmt::join(seeds, ", "), all.lowest_train_loss, all.highest_train_loss);
  if (all.failed > 0) text += fmt::format("; {} trials failed and are in nothing", all.failed);
  Page page{Heading{2, all.dataset}, Text(text + "."), ranking(all)};
  if (!all.axes.empty()) page.push_back(axes_table(all));
  return page;
}

Bullets legend() {
  return {
      {Text(
           "τ: Kendall's rank correlation (tau-b) of measure and gap over all pairs of networks of "
           "a seed. Ψ: the mean over axes of ψ, the same along one axis with all else equal (ties "
           "count 0; Jiang et al. 2020): what a measure ranks for another axis' sake does not "
           "count. A measure of complexity should have them above 0."),
       Text("CMI: what the signs of the measure's differences tell of the gap's that no two axes "
            "tell already, as a share, least over axes. Sign error: over pairs that differ on one "
            "axis, by axis and pair of levels: the largest, the 90th percentile, the mean; 0.5 is "
            "guessing (Dziugaite et al. 2020). Differences of error gaps that the test set is too "
            "small for have no weight."),
       Text("Each seed is the grid of networks once: means over seeds, with 95 % t intervals of Ψ, "
            "τ "
            "and ψ, not corrected for the number of measures. Gaps of networks that have been "
            "trained to different losses are compared with that, too: `until` stops all at one.")}};
}

records::Json by_seed_json(const BySeed& values) {
  records::Json json = records::Json::object();
  for (const auto& [seed, value] : values) json[std::to_string(seed)] = value;
  return json;
}

records::Json row_json(const MeasureRow& row, const std::vector<std::string>& axes) {
  records::Json by_axis = records::Json::object();
  for (std::size_t a = 0; a < axes.size(); ++a) by_axis[axes[a]] = by_seed_json(row.by_axis[a]);
  return {{"measure", row.measure},
          {"lacking", row.lacking},
          {"tau", by_seed_json(row.tau)},
          {"granulated", by_seed_json(row.granulated)},
          {"granulated_by_axis", std::move(by_axis)},
          {"conditional_information", by_seed_json(row.information)},
          {"sign_error_max", by_seed_json(of_errors(row, &SignErrors::largest))},
          {"sign_error_90", by_seed_json(of_errors(row, &SignErrors::ninetieth))},
          {"sign_error_mean", by_seed_json(of_errors(row, &SignErrors::mean))}};
}

const char* name_of(Gap gap) { return gap == Gap::error ? "error" : "loss"; }

}  // namespace

std::string measures_text(const std::vector<Measured>& all, Gap gap) {
  Page page{Heading{1, fmt::format("Measures and the {} gap", name_of(gap))}};
  for (const Measured& one : all) append(page, section(one));
  for (std::size_t i = 0; i + 1 < all.size(); ++i) append(page, carried(all[i], all[i + 1]));
  page.emplace_back(Heading{2, "How to read this"});
  page.emplace_back(legend());
  return to_markdown(page);
}

records::Json measures_json(const std::vector<Measured>& all, Gap gap) {
  records::Json json{{"schema", 1}, {"gap", name_of(gap)}, {"datasets", records::Json::array()}};
  for (const Measured& one : all) {
    records::Json rows = records::Json::array();
    for (const MeasureRow& row : one.rows) rows.push_back(row_json(row, one.axes));
    json["datasets"].push_back({{"dataset", one.dataset},
                                {"networks", one.networks},
                                {"failed", one.failed},
                                {"axes", one.axes},
                                {"lowest_train_loss", one.lowest_train_loss},
                                {"highest_train_loss", one.highest_train_loss},
                                {"measures", std::move(rows)}});
  }
  return json;
}

}  // namespace gapbench::compare
