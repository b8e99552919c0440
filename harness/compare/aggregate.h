// Records grouped by everything but the seed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/statistic.h"
#include "run/record.h"

namespace gapbench::compare {

/// All seeds of one method with one set of settings. Points into the records.
struct Row {
  std::string method;
  std::string label;  ///< the method, and what tells it from rows of the same name
  OptionMap settings;
  std::vector<const run::Record*> ok;
  std::vector<const run::Record*> failed;
  bool seeds_agree = false;  ///< all ok trials, two or more, ended in the same bits

  std::size_t trials() const { return ok.size() + failed.size(); }
};

/// One data set and network with one set of their own settings.
struct Section {
  std::string title;      ///< "cifar10, cnn3", and what tells it from sections of the same names
  std::vector<Row> rows;  ///< the baseline first, then as in the suite, then by name
  OptionMap shared;       ///< equal in all rows of this section, but not in all sections
  std::vector<std::string> differing;  ///< names of the settings that are not
};

/// One trial that was found twice.
struct Duplicate {
  const run::Record* kept;
  const run::Record* dropped;
  bool same_result = true;  ///< status and final train and test numbers are equal
};

struct Aggregate {
  std::vector<Section> sections;  ///< by data set, then network
  OptionMap shared;               ///< equal in all records
  std::vector<Duplicate> duplicates;
  std::string baseline;                ///< empty for none
  std::vector<std::string> baselines;  ///< what the suites name, where they do not agree
};

/// Throws Error for a baseline that no record has.
Aggregate aggregate(const run::Records& records, const std::string& baseline);

/// A number of one finished trial, if it has it.
using Measure = std::function<std::optional<double>(const run::Record&)>;

/// Over the row's ok trials. Nothing where one of them lacks the number. Where the seeds agree,
/// numbers that are all equal count as one (n = 1).
std::optional<Statistic> over_seeds(const Row& row, const Measure& measure);

/// Test minus train loss; test minus train error, a fraction.
std::optional<double> loss_gap(const train::Evaluation& evaluation);
std::optional<double> error_gap(const train::Evaluation& evaluation);

}  // namespace gapbench::compare
