// The numbers that a report's charts and rows are drawn from.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compare/findings/findings.h"
#include "compare/rows/aggregate.h"
#include "records/record_json.h"

namespace gapbench::compare {

/// The histories of finished trials, for learning curves.
using Histories = std::map<const records::Record*, std::vector<train::Evaluation>>;

/// Reads them; what is wrong with one is added to `broken`, and what could be read is kept.
Histories read_histories(const Aggregate& all, std::vector<records::BrokenRecord>& broken);

/// No curve has more points: evaluations between are left out evenly, the first and last kept.
inline constexpr std::size_t longest_curve = 200;

struct ChartData {
  records::Json json;  ///< for page/*.js
  struct Section {
    bool seeds = false;  ///< which charts it has numbers for
    bool calibration = false;
    bool reliability = false;
    bool shift = false;
    bool curves = false;
    bool probes = false;
    bool cost = false;
    bool batch = false;
    bool steps = false;
    bool paths = false;
    bool ellipses = false;
    bool profiles = false;
  };
  std::vector<Section> sections;
  bool transfer = false;
};

/// Over each row's finished trials: mean and sample deviation at every evaluation that all of them
/// made, and of the final numbers, with the t interval of the mean at the section's confidence. Each
/// trial with its final numbers, folder and command. Six digits. `metrics`: as in columns_of().
ChartData chart_data(const Aggregate& all, const Histories& histories,
                     const std::vector<Carried>& carried,
                     const std::vector<std::string>& metrics = {});

}  // namespace gapbench::compare
