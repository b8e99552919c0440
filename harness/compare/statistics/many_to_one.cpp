#include "compare/statistics/many_to_one.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "compare/statistics/paired_t.h"
#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

constexpr std::size_t least_for_spread = 5;

using Seeds = std::vector<bool>;

Seeds shared_seeds(const Blocks& a, const Blocks& b) {
  Seeds seeds(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) seeds[i] = a[i].has_value() && b[i].has_value();
  return seeds;
}

bool has_all(const Blocks& row, const Seeds& seeds) {
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    if (seeds[i] && !row[i]) return false;
  }
  return true;
}

/// The additive model of all rows that have certain seeds, the baseline first.
struct Fit {
  std::size_t n = 0;
  std::vector<std::size_t> rows;  ///< their places, in the order of `squares`
  std::vector<double> squares;    ///< sum of squared residuals of each
  double variance = 0;            ///< s^2
  double largest = 0;             ///< |value|

  double degrees() const { return static_cast<double>((rows.size() - 1) * (n - 1)); }
  bool has_spread() const { return std::sqrt(variance) > 1e-9 * largest; }
};

/// The values of one row at the seeds.
std::vector<double> values_at(const Blocks& row, const Seeds& seeds) {
  std::vector<double> values;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    if (seeds[i]) values.push_back(*row[i]);
  }
  return values;
}

Fit fit(std::span<const Blocks* const> table, const Seeds& seeds) {
  Fit f;
  f.n = static_cast<std::size_t>(std::count(seeds.begin(), seeds.end(), true));
  std::vector<std::vector<double>> centred;
  std::vector<double> of_seed(f.n, 0);
  for (std::size_t r = 0; r < table.size(); ++r) {
    if (!has_all(*table[r], seeds)) continue;
    f.rows.push_back(r);
    auto& values = centred.emplace_back(values_at(*table[r], seeds));
    for (const double y : values) f.largest = std::max(f.largest, std::abs(y));
    const double mean = summary(values).mean;
    for (std::size_t i = 0; i < f.n; ++i) of_seed[i] += values[i] -= mean;
  }
  const auto rows = static_cast<double>(f.rows.size());
  double total = 0;
  for (const auto& values : centred) {
    double sum = 0;
    for (std::size_t i = 0; i < f.n; ++i) {
      const double residual = values[i] - of_seed[i] / rows;
      sum += residual * residual;
    }
    f.squares.push_back(sum);
    total += sum;
  }
  f.variance = total / f.degrees();
  return f;
}

/// Of the row at `place` of the table, over that of the fit's other rows pooled.
std::optional<double> relative_spread(const Fit& f, std::size_t place) {
  const std::size_t count = f.rows.size();
  if (count < 3 || f.n < least_for_spread) return std::nullopt;
  const auto rows = static_cast<double>(count);
  const auto at = std::find(f.rows.begin(), f.rows.end(), place) - f.rows.begin();
  const double square = f.squares[static_cast<std::size_t>(at)] / static_cast<double>(f.n - 1);
  const double own = (square - f.variance / rows) * rows / (rows - 2);
  const double others = (rows * f.variance - own) / (rows - 1);  // the estimates sum to I s^2
  return others > 0 ? std::sqrt(std::max(0.0, own) / others)
                    : std::numeric_limits<double>::infinity();
}

AgainstBaseline compare_row(const Fit& f, std::span<const double> differences, std::size_t methods,
                            double confidence, Dunnett& dunnett) {
  AgainstBaseline row;
  row.n = f.n;
  row.difference = summary(differences).mean;
  const double error = std::sqrt(2 * f.variance / static_cast<double>(f.n));
  const double half = dunnett.quantile(methods, f.degrees(), confidence) * error;
  row.interval = {row.difference - half, row.difference + half};
  row.p = dunnett.p(methods, f.degrees(), std::abs(row.difference) / error);
  row.own = *t_interval(differences, confidence);
  row.own_p = paired_t_test(differences)->p;
  return row;
}

ManyToOne none_of(std::size_t methods) {
  ManyToOne result;
  result.rows.resize(methods);
  result.spread.resize(methods + 1);
  return result;
}

/// The fits of a table, one for each set of seeds.
class Fits {
 public:
  Fits(const Blocks& baseline, std::span<const Blocks> methods) {
    table_.push_back(&baseline);
    for (const Blocks& row : methods) table_.push_back(&row);
  }

  /// For the row at `place`; nothing where its error cannot be told.
  const Fit* of(std::size_t place) {
    const Seeds seeds = shared_seeds(*table_[place], *table_[0]);
    if (std::count(seeds.begin(), seeds.end(), true) < 2) return nullptr;
    auto at = known_.find(seeds);
    if (at == known_.end()) at = known_.emplace(seeds, fit(table_, seeds)).first;
    return at->second.has_spread() ? &at->second : nullptr;
  }

 private:
  std::vector<const Blocks*> table_;
  std::map<Seeds, Fit> known_;
};

}  // namespace

bool ManyToOne::is_uneven() const {
  return std::any_of(spread.begin(), spread.end(),
                     [](const auto& ratio) { return ratio && *ratio > uneven; });
}

ManyToOne many_to_one(const Blocks& baseline, std::span<const Blocks> methods, double confidence,
                      Dunnett& dunnett) {
  require_level("many-to-one comparison", confidence);
  require_blocks("many-to-one comparison, baseline", baseline.size(), {&baseline, 1});
  require_blocks("many-to-one comparison", baseline.size(), methods);
  Fits fits(baseline, methods);
  const Fit* most = nullptr;  // of the most seeds, for the baseline's spread
  ManyToOne result;
  for (std::size_t place = 1; place <= methods.size(); ++place) {
    const Fit* const f = fits.of(place);
    if (f == nullptr) continue;
    ++result.methods;
    if (most == nullptr || f->n > most->n) most = f;
  }
  if (most == nullptr) return none_of(methods.size());
  result.spread.push_back(relative_spread(*most, 0));
  for (std::size_t place = 1; place <= methods.size(); ++place) {
    const Fit* const f = fits.of(place);
    auto& row = result.rows.emplace_back();
    result.spread.push_back(f == nullptr ? std::nullopt : relative_spread(*f, place));
    if (f == nullptr) continue;
    row = compare_row(*f, paired_differences(methods[place - 1], baseline), result.methods,
                      confidence, dunnett);
  }
  return result;
}

}  // namespace gapbench::compare
