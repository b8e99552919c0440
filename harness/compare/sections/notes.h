// The words around the tables.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"
#include "compare/rows/point.h"
#include "compare/rows/selection.h"
#include "compare/sections/setup.h"

namespace gapbench::compare {

/// "5", "5, seeds agree", "3 (1/5 diverged at step 120, 1/5 crashed at step 7)".
std::string count_text(const Row& row);

/// "batch 128, budget.epochs 10".
std::string settings_text(const OptionMap& settings);

/// "54,282 parameters, 50,000 training examples."; empty where rows disagree.
std::string size_text(const Section& section);

/// What the data said of itself ("synthetic", "partial: ..."), each once.
std::vector<std::string> data_notes(const Section& section);

/// "0.05, 0.1" for a setting that the row's trials do not share.
std::string pooled_text(const Row& row, const std::string& key);

/// Title and what the suites say of themselves.
Page introduction(const records::Records& records);

/// What is reported, which methods were asked for, which set-ups differ, what all share.
Page reported(const records::Records& records, const Aggregate& all, const Builds& builds, At at,
              const Selection& selection);

/// Both: title, what is reported, which methods were asked for, which set-ups differ, what all share.
Page opening(const records::Records& records, const Aggregate& all, const Builds& builds, At at,
             const Selection& selection);

/// How to read the tables; `has_claims`: also what the claims above are.
Page legend(const Aggregate& all, At at, bool has_claims);

/// Duplicates, unfinished and broken records, and how many trials were folded into a twin (Folded);
/// empty where there are none.
Page left_out(const records::Records& records, const Aggregate& all, std::size_t twins);

}  // namespace gapbench::compare
