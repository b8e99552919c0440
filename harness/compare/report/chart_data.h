// The numbers that a report's charts are drawn from.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compare/rows/aggregate.h"
#include "records/record_json.h"

namespace gapbench::compare {

/// The histories of finished trials, for learning curves.
using Histories = std::map<const records::Record*, std::vector<train::Evaluation>>;

/// Reads them; what is wrong with one is added to `broken`, and what could be read is kept.
Histories read_histories(const Aggregate& all, std::vector<records::BrokenRecord>& broken);

struct ChartData {
  records::Json json;  ///< for page/report.js
  struct Section {
    bool curves = false;  ///< which charts it has numbers for
    bool probes = false;
    bool cost = false;
    bool batch = false;
  };
  std::vector<Section> sections;
  bool transfer = false;
};

/// Over each row's finished trials: mean and sample deviation at every evaluation that all of them
/// made, and of the final numbers. Six digits.
ChartData chart_data(const Aggregate& all, const Histories& histories);

}  // namespace gapbench::compare
