// The contract check: what every plugin must do, whatever it computes. A plugin's author can run it
// alone (gapbench test-plugin FILE.so); it takes seconds.
#pragma once

#include <filesystem>
#include <functional>
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
  std::string reason;  ///< for pass: empty, or what was seen
  std::string remedy;  ///< what to do about it; empty for pass
};

struct CheckOptions {
  double seconds = 10;  ///< wall time of one check; one that takes longer has failed
  /// The data folder, of data sets: the files of the example lie in <data_root>/<name>.
  std::filesystem::path data_root{};
  /// Called before each check, of which component and name are known, and when it is decided.
  std::function<void(const Check&)> begins = [](const Check&) {};
  std::function<void(const Check&)> ends = [](const Check&) {};
};

/// Every check of one component, on small analytic problems; see the files in conformance/. Each
/// runs in a process of its own (core/isolated.h): one that crashes, never returns, ends the program
/// or damages the heap has failed, and the others go on. Checks that need what an earlier one found
/// broken (a component that cannot be made) are left out. An exception out of the component is a
/// failed check, not an exception here.
std::vector<Check> check_component(const Component& component, const CheckOptions& options = {});

/// Checks all components of the library, which is opened in a process of its own, too: none of its
/// code runs in this one. Throws Error when it is refused.
std::vector<Check> check_library(const std::filesystem::path& path,
                                 const CheckOptions& options = {});

bool passed(std::span<const Check> checks);

const char* to_text(Check::Verdict verdict);  ///< "ok", "FAILED", "note"
/// "optimizer sgd: repeats bit for bit: ok"; "...: FAILED: <reason>. <Remedy>."
std::string to_text(const Check& check);
/// What follows component and name: "ok", "FAILED: <reason>. <Remedy>."
std::string outcome_text(const Check& check);
/// "<n> checks, <n> failed, <n> notes"
std::string summary_text(std::span<const Check> checks);
/// One line a check, and the summary.
std::string to_text(std::span<const Check> checks);

}  // namespace gapbench::plugin
