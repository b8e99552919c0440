#include "compare/report/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <optional>
#include <string_view>
#include <utility>

#include "compare/report/chart_numbers.h"

namespace gapbench::compare {
namespace {

using records::Json;
using records::Record;
using train::Evaluation;

std::optional<double> number(const Evaluation& e, std::string_view probe, std::string_view metric) {
  for (const train::ProbeValue& value : e.probes) {
    if (value.probe == probe && value.metric == metric) return value.value;
  }
  return std::nullopt;
}

Points path(const std::vector<Evaluation>& history) {
  Points points;
  for (const Evaluation& e : history) {
    const auto x = number(e, "position", "w_0");
    const auto y = number(e, "position", "w_1");
    if (x && y) points.push_back({*x, *y});
  }
  return points;
}

Points profile(const Evaluation& e, const std::string& prefix) {
  const auto radius = number(e, "loss_profile", prefix + "radius");
  std::vector<double> losses;
  while (const auto loss =
             number(e, "loss_profile", fmt::format("{}loss_{}", prefix, losses.size()))) {
    losses.push_back(*loss);
  }
  Points points;
  if (!radius || losses.size() < 2) return points;
  for (std::size_t k = 0; k < losses.size(); ++k) {
    const double share = static_cast<double>(k) / static_cast<double>(losses.size() - 1);
    points.push_back({*radius * (2 * share - 1), losses[k]});
  }
  return points;
}

/// Three numbers of a symmetric matrix; the mean of several is taken of these, not of outlines.
std::optional<std::array<double, 3>> covariance(const Evaluation& e, const std::string& kind) {
  std::array<double, 3> s{};
  for (std::size_t i = 0; i < 3; ++i) {
    constexpr std::array<const char*, 3> entries{"xx", "xy", "yy"};
    const auto entry = number(e, "ou_covariance", fmt::format("drawn_{}_{}", kind, entries[i]));
    if (!entry) return std::nullopt;
    s[i] = *entry;
  }
  return s;
}

std::string mean_name(std::size_t n) { return fmt::format("mean over {} seeds", n); }

/// A line for each trial that has points, and their mean.
void add_lines(const Row& row, std::size_t place, const std::function<Points(const Record&)>& of,
               std::vector<Line>& lines) {
  std::vector<Points> all;
  for (const Record* record : row.ok) {
    Points points = of(*record);
    if (points.size() < 2) continue;
    if (all.size() < most_trials) {
      lines.push_back({place, fmt::format("seed {}", record->seed), Look::trial, points});
    }
    all.push_back(std::move(points));
  }
  if (!all.empty()) lines.push_back({place, mean_name(all.size()), Look::mean, mean_line(all)});
}

Picture lines_of(const Section& section, Picture picture,
                 const std::function<Points(const Record&)>& of) {
  for (std::size_t i = 0; i < section.rows.size(); ++i) {
    add_lines(section.rows[i], i, of, picture.lines);
  }
  return picture;
}

void add_ellipses(const Row& row, std::size_t place, std::vector<Line>& lines) {
  constexpr std::array<std::pair<const char*, const char*>, 2> predictions{
      {{"exact", "predicted, discrete steps"}, {"continuous", "predicted, continuous process"}}};
  std::array<double, 3> sum{};
  std::size_t n = 0;
  const Record* last = nullptr;
  for (const Record* record : row.ok) {
    const auto s = covariance(*record->outcome.final, "measured");
    if (!s) continue;
    if (n++ < most_trials) {
      lines.push_back({place, fmt::format("seed {}", record->seed), Look::trial,
                       ellipse((*s)[0], (*s)[1], (*s)[2])});
    }
    for (std::size_t i = 0; i < 3; ++i) sum[i] += (*s)[i];
    last = record;
  }
  if (n == 0) return;
  const auto count = static_cast<double>(n);
  lines.push_back(
      {place, mean_name(n), Look::mean, ellipse(sum[0] / count, sum[1] / count, sum[2] / count)});
  // Of the problem, which is the same for every seed.
  for (std::size_t k = 0; k < predictions.size(); ++k) {
    if (const auto s = covariance(*last->outcome.final, predictions[k].first)) {
      lines.push_back({place, predictions[k].second, k == 0 ? Look::dashed : Look::dotted,
                       ellipse((*s)[0], (*s)[1], (*s)[2])});
    }
  }
}

const char* to_text(Look look) {
  switch (look) {
    case Look::trial:
      return "trial";
    case Look::mean:
      return "mean";
    case Look::dashed:
      return "dashed";
    case Look::dotted:
      return "dotted";
  }
  return "";
}

/// [x, y, x2, y2].
Json ends_json(const std::array<double, 2>& from, const std::array<double, 2>& to) {
  return {rounded(from[0]), rounded(from[1]), rounded(to[0]), rounded(to[1])};
}

}  // namespace

Points ellipse(double xx, double xy, double yy) {
  constexpr std::size_t count = 61;
  const double a = std::sqrt(std::max(xx, 0.0));  // Cholesky's factor [a, 0; b, c]
  const double b = a > 0 ? xy / a : 0;
  const double c = std::sqrt(std::max(yy - b * b, 0.0));
  Points points(count);
  for (std::size_t k = 0; k < count; ++k) {
    const double t = 2 * std::numbers::pi * static_cast<double>(k % (count - 1)) / (count - 1);
    points[k] = {a * std::cos(t), b * std::cos(t) + c * std::sin(t)};
  }
  return points;
}

Points mean_line(const std::vector<Points>& lines) {
  if (lines.empty()) return {};
  std::size_t shortest = lines.front().size();
  for (const Points& line : lines) shortest = std::min(shortest, line.size());
  Points mean(shortest);
  for (std::size_t k = 0; k < shortest; ++k) {
    for (const Points& line : lines) {
      mean[k][0] += line[k][0];
      mean[k][1] += line[k][1];
    }
    for (double& x : mean[k]) x /= static_cast<double>(lines.size());
  }
  return mean;
}

std::vector<Picture> pictures_of(const Section& section, const Histories& histories) {
  const auto of_history = [&histories](const Record& record) {
    const auto found = histories.find(&record);
    return found == histories.end() ? Points{} : path(found->second);
  };
  const auto of_final = [](const std::string& prefix) {
    return [prefix](const Record& record) { return profile(*record.outcome.final, prefix); };
  };
  std::vector<Picture> all{lines_of(section, {"paths", "", "w_0", "w_1", {}}, of_history)};
  if (const auto landscape = landscape_of(section)) {
    constexpr std::size_t levels = 8;
    all.front().contours = contours(landscape->loss, halving_levels(landscape->loss, levels));
    all.front().arrows = landscape->arrows;
  }
  Picture& ellipses = all.emplace_back();
  ellipses = {"ellipses", "", "along the flattest axis", "along the steepest axis", {}};
  for (std::size_t i = 0; i < section.rows.size(); ++i) {
    add_ellipses(section.rows[i], i, ellipses.lines);
  }
  const std::string loss = "Train loss, mean over directions";
  all.push_back(lines_of(section, {"profiles", "w + s e", "s: deviation of the noise e", loss, {}},
                         of_final("drawn_")));
  all.push_back(lines_of(
      section, {"profiles", "w (1 + s e)", "s: deviation relative to each parameter", loss, {}},
      of_final("drawn_relative_")));
  std::erase_if(all, [](const Picture& p) { return p.lines.empty(); });
  return all;
}

Json to_json(const Picture& picture) {
  Json json{{"chart", picture.chart}, {"name", picture.name}, {"x", picture.x}, {"y", picture.y}};
  json["lines"] = Json::array();
  for (const Line& line : picture.lines) {
    Json points = Json::array();
    for (const std::size_t k : thinned(line.points.size(), most_points)) {
      points.push_back({rounded(line.points[k][0]), rounded(line.points[k][1])});
    }
    json["lines"].push_back({{"row", line.row},
                             {"name", line.name},
                             {"look", to_text(line.look)},
                             {"points", std::move(points)}});
  }
  for (const Contour& c : picture.contours) {
    json["contours"].push_back({rounded(c.level), ends_json(c.from, c.to)});
  }
  for (const Arrow& a : picture.arrows) {
    json["arrows"].push_back({a.field, ends_json(a.from, a.to)});
  }
  return json;
}

}  // namespace gapbench::compare
