// The contract check: what every plugin must do, whatever it computes. A plugin's author can run it
// alone (gapbench test-plugin FILE.so); it takes well under a second for each component.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "gapbench/plugin.h"

namespace gapbench::plugin {

/// One thing that was checked.
struct Check {
  enum class Verdict { pass, fail, note };  ///< note: unusual, but may be meant

  std::string component;  ///< "optimizer sgd"
  std::string name;       ///< "repeats bit for bit"
  Verdict verdict = Verdict::pass;
  std::string reason;  ///< empty for pass
};

/// Every check of one component, on small analytic problems; see the files in conformance/. Checks
/// that need what an earlier one found broken (a component that cannot be made) are left out.
/// An exception out of the component is a failed check, not an exception here.
std::vector<Check> check_component(const Component& component);

/// Loads the library and checks all its components. Throws Error when it is refused.
std::vector<Check> check_library(const std::filesystem::path& path);

bool passed(std::span<const Check> checks);

/// One line a check, and a closing line "<n> checks, <n> failed, <n> notes".
std::string to_text(std::span<const Check> checks);

}  // namespace gapbench::plugin
