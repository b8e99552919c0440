// A part of a suite's trials: by what they are, or one of several equal shares.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "suite/suite.h"

namespace gapbench::run {

/// All of what is not named.
struct Selection {
  std::vector<std::string> methods;  ///< as the suite names them; "sgd" stands for "sgd[...]", too
  std::vector<std::string> datasets;
  std::vector<std::string> networks;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> seeds;  ///< first and last of each range

  bool is_all() const;
  bool has(const train::TrialSettings& settings) const;
};

/// "methods=sgd,adam;seeds=1-3,7". Throws Error that names `option`.
Selection selection_of(const char* option, const std::string& text);

/// Share `index` of `count`, from 1.
struct Shard {
  std::size_t index = 1;
  std::size_t count = 1;
};

/// "2/8". Throws Error that names `option`.
Shard shard_of(const char* option, const std::string& text);

/// The trials of a sealed suite that are selected and fall to the shard, in order, and those that
/// they follow: a trial and all that follows it are one share.
suite::Suite selected(const suite::Suite& suite, const Selection& only, const Shard& shard);

}  // namespace gapbench::run
