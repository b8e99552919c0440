// Records grouped by everything but the seed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compare/rows/point.h"
#include "compare/statistics/statistic.h"
#include "records/record.h"

namespace gapbench::compare {

/// A trial that gets less than this share of its own training set right has not fitted it: its gap
/// is small for a reason that is no merit.
inline constexpr double fitted_train_accuracy = 0.99;

/// All seeds of one method with one set of settings, or the trials that were asked to share a row.
/// Points into the records.
struct Row {
  std::string method;  ///< with the settings that make rows; or the values that it is grouped by
  std::string label;   ///< the method, and what tells it from rows of the same name
  OptionMap settings;  ///< those that all its trials share
  std::vector<std::string> pooled;  ///< names of the settings that they do not
  std::vector<const records::Record*> ok;
  std::vector<const records::Record*> failed;
  std::optional<std::size_t> not_fitted;  ///< of `ok`; nothing at equal train loss, for all or none
  /// Of `ok`, in its order: the evaluations around the train loss that all rows are held to. Empty
  /// at other points.
  std::vector<const Bracket*> brackets{};
  bool seeds_agree = false;   ///< all ok trials, two or more, ended in the same bits
  bool seeds_repeat = false;  ///< several ok trials have one seed: they are no pairs by seed
  /// So many seeds share a draw of the training set (train/draws.h); 0 where all are of one draw.
  std::uint64_t seeds_per_draw = 0;

  std::size_t trials() const { return ok.size() + failed.size(); }
  /// Trials whose evaluations are too far apart to say where they passed the level.
  std::size_t too_wide() const;
};

/// One data set and network with one set of their own settings, but those that make rows.
struct Section {
  std::string title;      ///< "cifar10, cnn3", and what tells it from sections of the same names
  std::vector<Row> rows;  ///< the baseline first, then as in the suite, then by name
  OptionMap shared;       ///< equal in all rows of this section, but not in all sections
  std::vector<std::string> differing;    ///< names of the settings that are not, pooled ones too
  std::string metric = "test_accuracy";  ///< the one that decides, as its suites say
  /// Of all its intervals: the highest that one of its suites asks for (confidence_of() in looks.h).
  double confidence = 0.95;
  OptionMap problem{};  ///< what it is a section of (problem_settings)
  std::string key{};    ///< the same as a text (problem_key)
};

/// One trial that was found twice.
struct Duplicate {
  const records::Record* kept;
  const records::Record* dropped;
  std::string
      difference{};  ///< "test accuracy is 0.18 in a and 0.15 in b", of the first that differs

  bool same_result() const { return difference.empty(); }
};

struct Aggregate {
  std::vector<Section> sections;  ///< by data set, then network
  OptionMap shared;               ///< equal in all records
  std::vector<Duplicate> duplicates;
  std::string baseline;                ///< a row's method; empty for none
  std::vector<std::string> baselines;  ///< what the suites name, where they do not agree

  double confidence() const;  ///< the highest of the sections
};

/// `group_by`: see group() in grouping.h. `at`: the point that the records are at; `brackets` of that
/// point live as long as the result. `rows`: see row_settings(). The baseline is a row's name; a
/// method's does where the method has one row. Throws Error for a baseline that no row has and for
/// keys that no trial has.
Aggregate aggregate(const records::Records& records, const std::string& baseline,
                    const std::vector<std::string>& group_by = {}, At at = At::final,
                    const Brackets& brackets = {}, const std::vector<std::string>& rows = {});

/// Of the rows, each once, sorted.
std::vector<std::string> methods_of(const Aggregate& all);

/// The records that count, one for each identity: the first by folder that finished, else the first.
std::vector<const records::Record*> distinct(const records::Records& records,
                                             std::vector<Duplicate>& dropped);

/// Of the row's ok trials: how many have a train accuracy below fitted_train_accuracy.
std::size_t count_not_fitted(const Row& row);

/// Whose trials the section holds.
std::set<std::string> suites_of(const Section& section);

/// The only row of this name, else the only one that holds nothing but trials of this method; nothing
/// where there is none or several.
const Row* only_row(const Section& section, const std::string& method);

/// Any trial of the section, for what all of them share.
const records::Record& any_record(const Section& section);

/// A number of one finished trial, if it has it.
using Measure = std::function<std::optional<double>(const records::Record&)>;

/// Over those of the row's ok trials that have the number: not all need have been probed alike.
/// Nothing where none has it, where one lacks it that was measured like one that has it, and where
/// one has too wide a bracket.
/// Where the seeds agree, numbers that are all equal count as one (n = 1).
std::optional<Statistic> over_seeds(const Row& row, const Measure& measure);

/// Test minus train loss; test minus train error, a fraction.
std::optional<double> loss_gap(const train::Evaluation& evaluation);
std::optional<double> error_gap(const train::Evaluation& evaluation);

}  // namespace gapbench::compare
