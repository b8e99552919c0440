#include "compare/statistics/measure_ranking.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

namespace gapbench::compare {
namespace {

int sign(double x) { return x > 0 ? 1 : (x < 0 ? -1 : 0); }

struct Signs {
  int measure;
  int gap;
};
Signs signs(const Ranked& a, const Ranked& b) {
  return {sign(a.measure - b.measure), sign(a.gap - b.gap)};
}

/// The levels with one axis left out.
std::vector<std::size_t> without(const Ranked& network, std::size_t axis) {
  std::vector<std::size_t> rest = network.at;
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(axis));
  return rest;
}

using Line = std::vector<const Ranked*>;

/// Networks that differ on this axis alone.
std::vector<Line> lines_along(std::span<const Ranked> networks, std::size_t axis) {
  std::map<std::vector<std::size_t>, Line> lines;
  for (const Ranked& network : networks) lines[without(network, axis)].push_back(&network);
  std::vector<Line> all;
  for (auto& [rest, line] : lines) {
    if (line.size() > 1) all.push_back(std::move(line));
  }
  return all;
}

std::size_t axes_of(std::span<const Ranked> networks) {
  return networks.empty() ? 0 : networks.front().at.size();
}

double agreement(const Line& line) {
  double sum = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto [measure, gap] = signs(*line[i], *line[j]);
      sum += measure * gap;
      ++pairs;
    }
  }
  return sum / pairs;
}

double entropy(std::span<const double> counts, double total) {
  double sum = 0;
  for (const double count : counts) {
    if (count > 0) sum -= count / total * std::log2(count / total);
  }
  return sum;
}

/// How often each pair of signs came, [measure, gap].
struct Cell {
  std::array<double, 9> counts{};
  double total = 0;

  void add(const Signs& s) {
    counts[static_cast<std::size_t>((s.measure + 1) * 3 + s.gap + 1)] += 1;
    total += 1;
  }
  std::array<double, 3> over(bool measure) const {
    std::array<double, 3> sums{};
    for (std::size_t k = 0; k < 9; ++k) sums[measure ? k / 3 : k % 3] += counts[k];
    return sums;
  }
  double gap_entropy() const { return entropy(over(false), total); }
  double information() const {
    return entropy(over(true), total) + gap_entropy() - entropy(counts, total);
  }
};

/// I(V_measure; V_gap | U_S) / H(V_gap | U_S)
std::optional<double> information_given(std::span<const Ranked> networks,
                                        const std::vector<std::size_t>& axes) {
  std::map<std::vector<std::size_t>, Cell> cells;
  for (const Ranked& a : networks) {
    for (const Ranked& b : networks) {
      if (&a == &b) continue;
      std::vector<std::size_t> levels;
      for (const std::size_t axis : axes) {
        levels.push_back(a.at[axis]);
        levels.push_back(b.at[axis]);
      }
      cells[levels].add(signs(a, b));
    }
  }
  double information = 0;
  double entropies = 0;
  for (const auto& [levels, cell] : cells) {
    information += cell.total * cell.information();
    entropies += cell.total * cell.gap_entropy();
  }
  if (!(entropies > 0)) return std::nullopt;
  return std::clamp(information / entropies, 0.0, 1.0);  // what rounding leaves outside
}

std::vector<std::vector<std::size_t>> sets_of_at_most_two(std::size_t axes) {
  std::vector<std::vector<std::size_t>> sets{{}};
  for (std::size_t a = 0; a < axes; ++a) {
    sets.push_back({a});
    for (std::size_t b = 0; b < a; ++b) sets.push_back({b, a});
  }
  return sets;
}

double weight_of(double gap_difference, std::optional<double> test_examples) {
  if (!test_examples) return 1;
  const double half = gap_difference / 2;
  const double sure = 1 - 2 * std::exp(-2 * *test_examples * half * half);
  return sure > 0 ? sure * sure : 0;
}

}  // namespace

std::optional<double> kendall_tau(std::span<const Ranked> networks) {
  double sum = 0;
  double measured = 0;
  double gapped = 0;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto [measure, gap] = signs(networks[i], networks[j]);
      sum += measure * gap;
      measured += measure * measure;
      gapped += gap * gap;
    }
  }
  if (measured == 0 || gapped == 0) return std::nullopt;
  return sum / std::sqrt(measured * gapped);
}

std::vector<std::optional<double>> granulated(std::span<const Ranked> networks) {
  std::vector<std::optional<double>> by_axis;
  for (std::size_t axis = 0; axis < axes_of(networks); ++axis) {
    const std::vector<Line> lines = lines_along(networks, axis);
    double sum = 0;
    for (const Line& line : lines) sum += agreement(line);
    by_axis.push_back(lines.empty() ? std::nullopt
                                    : std::optional(sum / static_cast<double>(lines.size())));
  }
  return by_axis;
}

std::optional<double> mean_of(std::span<const std::optional<double>> by_axis) {
  double sum = 0;
  double count = 0;
  for (const auto& value : by_axis) {
    if (!value) continue;
    sum += *value;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

std::optional<double> conditional_information(std::span<const Ranked> networks) {
  std::optional<double> least;
  for (const auto& axes : sets_of_at_most_two(axes_of(networks))) {
    const auto share = information_given(networks, axes);
    if (!share) continue;
    least = std::min(least.value_or(*share), *share);
  }
  return least;
}

std::optional<SignErrors> sign_errors(std::span<const Ranked> networks,
                                      std::optional<double> test_examples) {
  struct Sums {
    double error = 0;
    double weight = 0;
  };
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, Sums> environments;
  for (std::size_t axis = 0; axis < axes_of(networks); ++axis) {
    for (const Line& line : lines_along(networks, axis)) {
      for (std::size_t i = 0; i < line.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          const auto [low, high] = std::minmax(line[i]->at[axis], line[j]->at[axis]);
          const auto [measure, gap] = signs(*line[i], *line[j]);
          const double weight = weight_of(line[i]->gap - line[j]->gap, test_examples);
          Sums& sums = environments[{axis, low, high}];
          sums.error += weight * (1 - measure * gap) / 2;
          sums.weight += weight;
        }
      }
    }
  }
  std::vector<double> errors;
  for (const auto& [environment, sums] : environments) {
    if (sums.weight > 0) errors.push_back(sums.error / sums.weight);
  }
  if (errors.empty()) return std::nullopt;
  std::ranges::sort(errors);
  SignErrors all;
  all.largest = errors.back();
  const double place = std::ceil(0.9 * static_cast<double>(errors.size()));
  all.ninetieth = errors[static_cast<std::size_t>(place) - 1];
  for (const double e : errors) all.mean += e / static_cast<double>(errors.size());
  all.environments = errors.size();
  return all;
}

}  // namespace gapbench::compare
