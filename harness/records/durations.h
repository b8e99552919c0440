// How long trials take, from how long like ones took.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "records/record.h"

namespace gapbench::records {

/// Names that like trials share, the most alike first: those that differ in nothing but the seed and
/// the rates and strengths of optimizers and regularizers; those of the same data set and network;
/// all.
using Alike = std::array<std::string, 3>;
Alike alike(const Record& record);

/// Mean seconds under each name.
class Durations {
 public:
  void add(const std::string& name, double seconds);
  /// Nothing where nothing was added under the name.
  std::optional<double> of(const std::string& name) const;

 private:
  struct Sum {
    double seconds = 0;
    double count = 0;
  };
  std::map<std::string, Sum> sums_;
};

}  // namespace gapbench::records
