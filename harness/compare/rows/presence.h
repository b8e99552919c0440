// How records stand to the trials that their suites list.
#pragma once

#include <string>
#include <vector>

#include "records/record.h"

namespace gapbench::compare {

/// Of one suite.json.
struct Presence {
  std::string suite;
  std::size_t listed = 0;  ///< trials of the suite as it was last run
  std::vector<std::string>
      missing;  ///< of those, as suite.json names them: no record, on disk neither
  std::vector<std::string>
      stale;  ///< folders of finished trials of the suite that it does not list
};

/// Of the suites that list their trials and of which something is missing or stale. Looks for the
/// folders of listed trials that have no record here.
std::vector<Presence> presence(const records::Records& records);

}  // namespace gapbench::compare
