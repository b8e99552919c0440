// Some methods of what was recorded.
#pragma once

#include <string>
#include <vector>

#include "records/record.h"

namespace gapbench::compare {

struct Selection {
  std::vector<std::string> only;     ///< methods by name; empty: all
  std::vector<std::string> without;  ///< taken away from those

  bool all() const { return only.empty() && without.empty(); }
};

/// The records without the trials of other methods. What levels, ratios and corrections are taken
/// over follows: a table at equal train loss is at the loss that these reached. Broken and
/// unfinished records stay, since some do not say what they are of. Throws Error for a method that
/// no record is of.
records::Records selected(records::Records records, const Selection& selection);

/// "Only these methods, as asked: a, b." or "Left out, as asked: c."; "" for all.
std::string describe(const Selection& selection);

/// Throws Error where no record is of this method, with the nearest that one is of.
void require_method(const std::string& where, const std::string& method,
                    const std::vector<std::string>& known);

}  // namespace gapbench::compare
