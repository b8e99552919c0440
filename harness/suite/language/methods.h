// Methods: a mapping of names to blocks that may extend one another and hold grids.
#pragma once

#include <string>
#include <vector>

#include "suite/language/block.h"
#include "suite/language/grid.h"
#include "suite/suite.h"
#include "train/settings.h"

namespace gapbench::suite {

/// A method with the suite's defaults and what it extends merged in.
struct MethodTree {
  std::string name;
  Place place;  ///< of the name
  Node tree;
};

/// `root` is the suite: its `budget` and `schedule` are every method's defaults. A block replaces
/// what it extends key by key; an optimizer of another name and a schedule of another kind replace
/// the whole block, and so does any other key. Names, circles and unknown bases are judged here.
std::vector<MethodTree> inherit(const Node& root, const Node& methods, Mistakes& mistakes);

/// One configuration of a tuned method.
struct MethodCandidate {
  std::string name;        ///< with the axes that are tuned
  std::vector<Axis> axes;  ///< these alone, sorted by path
  train::MethodSettings settings;
};

/// What a method does otherwise on one data set or problem.
struct MethodOn {
  std::string where;  ///< its name
  Place place;
  train::MethodSettings settings;
};

/// One method without choices.
struct Method {
  std::string name;  ///< with its axes: "sgd[learning_rate=0.1]"
  std::string base;  ///< as written: "sgd"
  Place place;
  Place batch_place;
  bool batch_given = false;                 ///< and valid
  std::vector<Place> source_places;         ///< of settings.sources
  train::MethodSettings settings;           ///< of the first candidate where it is tuned
  std::vector<MethodCandidate> candidates;  ///< none: not tuned
  std::string tuned_as;                     ///< whose choice it takes over, with its candidates
  Place tune_place;
  std::vector<MethodOn> on;  ///< none where it is tuned

  /// The settings on the data set or problem of this name.
  const train::MethodSettings& settings_on(const std::string& where) const;
};

/// The places where an optimizer or regularizer, read from `node`, names a method whose trajectory it
/// follows or whose end it is handed.
struct SourceUse {
  train::TrajectorySource source;
  Place place;
};
std::vector<SourceUse> sources_of(const train::Choice& choice, Role role, const Node& node,
                                  const Catalog& catalog);

/// Expands and reads; `trees` already hold what `grid` puts in. `tune` is the suite's, where it has
/// one.
std::vector<Method> read_methods(const std::vector<MethodTree>& trees, const Catalog& catalog,
                                 Place missing_budget, const TuneSettings* tune,
                                 Mistakes& mistakes);

}  // namespace gapbench::suite
