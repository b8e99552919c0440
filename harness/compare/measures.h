// Which measure of a trained network ranks its generalization gap, and does it on the next data set?
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/statistics/interval.h"
#include "compare/statistics/measure_ranking.h"
#include "records/record.h"
#include "records/record_json.h"

namespace gapbench::compare {

enum class Gap { error, loss };

/// What one measure comes to on one data set, one value a seed where it says so: each seed is the whole
/// grid of networks once.
struct MeasureRow {
  std::string measure;  ///< "layer_norms.path_norm"; parameters, steps, train_loss
  std::map<std::uint64_t, double> tau;
  std::map<std::uint64_t, double> granulated;            ///< the mean over axes
  std::vector<std::map<std::uint64_t, double>> by_axis;  ///< one an axis
  std::map<std::uint64_t, double> information;
  std::map<std::uint64_t, SignErrors> errors;
  std::size_t lacking = 0;  ///< networks that do not have it, and are in none of this
};

/// All finished trials of one data set, whatever the network.
struct Measured {
  std::string dataset;
  std::vector<std::string>
      axes;                  ///< settings that differ; those that always change together as one
  std::size_t networks = 0;  ///< trials
  std::size_t failed = 0;    ///< trials that are in nothing
  std::map<std::uint64_t, std::size_t> by_seed;  ///< networks of each
  double lowest_train_loss = 0;
  double highest_train_loss = 0;
  std::vector<MeasureRow> rows;  ///< by the mean of their granulated tau's size, largest first
};

/// One for each data set. `only`: names of measures; empty for all. Throws Error for one that no trial
/// has, and where no data set has three networks.
std::vector<Measured> measured(const records::Records& records, Gap gap,
                               const std::vector<std::string>& only);

/// Mean over seeds and its 95 % t interval; no interval for one seed.
struct OverSeeds {
  double mean = 0;
  std::optional<Interval> interval{};
};
std::optional<OverSeeds> over_seeds(const std::map<std::uint64_t, double>& values);

/// Tables for people, in Markdown: one a data set, its axes, and for each data set and the next one
/// whether rank correlations carry over (the difference by seed).
std::string measures_text(const std::vector<Measured>& all, Gap gap);
records::Json measures_json(const std::vector<Measured>& all, Gap gap);

}  // namespace gapbench::compare
