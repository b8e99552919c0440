// Trials that differ in nothing but what was measured of them.
#pragma once

#include <string>

#include "records/record.h"

namespace gapbench::compare {

/// Whether a setting decides only what is measured, and when: probes and the evaluation interval. Two
/// trials that differ in these alone have trained alike.
bool is_measuring(const std::string& key);

/// The settings that decide what a trial ends in.
OptionMap without_measuring(const OptionMap& settings);

/// The others.
OptionMap measuring_only(const OptionMap& settings);

struct Folded {
  records::Records records;
  std::size_t twins = 0;  ///< trials that went into another
};

/// Of finished trials that differ in measuring settings only and ended in the same numbers, one is
/// kept: the one that was evaluated most often, with the probes of the others beside its own. One that
/// failed gives way to its twin that did not. Twins of different numbers are all kept: their row says
/// that a seed comes twice. Cost: one text of its settings a trial.
Folded folded(records::Records records);

}  // namespace gapbench::compare
