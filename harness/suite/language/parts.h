// What a suite combines, read from its tree.
#pragma once

#include <cstdint>
#include <vector>

#include "suite/language/data_block.h"
#include "suite/language/methods.h"

namespace gapbench::suite {

struct ChoiceBlock {
  train::Choice choice;
  Place place;
};

/// The trials are (data sets x networks + problems) x methods x seeds.
struct Parts {
  std::vector<DataBlock> datasets;
  std::vector<ChoiceBlock> networks;
  std::vector<ChoiceBlock> problems;
  std::vector<Method> methods;
  std::vector<std::uint64_t> seeds;
  std::vector<std::string> rows;  ///< see rows.h
};

/// Reads `datasets`, `networks`, `problems` and `methods`, with `grid` put in and expanded.
/// `root` is a block; `tune` may be null.
Parts read_parts(Node root, const Catalog& catalog, const TuneSettings* tune, Mistakes& mistakes);

/// What only the parts together can get wrong: no trials or too many, a baseline that is no method,
/// a batch larger than its training set, two parts with the same settings.
void check_parts(const Node& root, const Parts& parts, const std::string& baseline,
                 const TuneSettings* tune, Mistakes& mistakes);

/// Networks that do not fit a data set of the suite.
void check_networks(const Parts& parts, const Catalog& catalog, Mistakes& mistakes);

/// Methods that differ on a data set or problem that is not there.
void check_on(const Parts& parts, Mistakes& mistakes);

/// Predictions that are to be scored on a data set without a likelihood, where `common` says so those of
/// points, too; shifts of what are no images; predictions that are to be kept and that nothing makes.
void check_predictive(const Node& root, const Parts& parts, const train::TrialSettings& common,
                      Mistakes& mistakes);

/// Tuning without a validation part, on seeds that count, or of nothing.
void check_tuning(const Node& root, const Parts& parts, const TuneSettings* tune,
                  Mistakes& mistakes);

/// Methods that follow the trajectory of one that is not there, or of each other in a circle.
void check_sources(const Parts& parts, Mistakes& mistakes);

/// The place of a key's value, or of the root when the key is not there.
Place place_of(const Node& root, std::string_view key);

}  // namespace gapbench::suite
