// How the contract checks of one component are run and collected.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugin/conformance.h"

namespace gapbench::plugin::conformance {

/// Why a check failed, or nothing.
using Finding = std::optional<std::string>;

class Checks {
 public:
  explicit Checks(const Component& component);

  /// Runs `f`, which returns a Finding; an exception out of it is a failure with its words.
  template <class F>
  bool run(const std::string& name, F f) {
    return record(name, Check::Verdict::fail, guarded(f));
  }
  /// The same, but a finding is only a note.
  template <class F>
  void remark(const std::string& name, F f) {
    record(name, Check::Verdict::note, guarded(f));
  }

  std::vector<Check> take() { return std::exchange(checks_, {}); }

 private:
  template <class F>
  static Finding guarded(F& f) {
    try {
      return f();
    } catch (const std::exception& e) {
      return std::string("threw: ") + e.what();
    }
  }
  bool record(const std::string& name, Check::Verdict otherwise, const Finding& finding);

  std::string component_;
  std::vector<Check> checks_;
};

/// The component's options as its example sets them.
Options example_options(const Component& component);

// Each makes the component from its example and puts it through the checks of its kind.
void check_options(const Component& component, Checks& checks);
void check_optimizer(const Component& component, Checks& checks);
void check_regularizer(const Component& component, Checks& checks);
void check_probe(const Component& component, Checks& checks);
void check_problem(const Component& component, Checks& checks);
void check_posterior(const Component& component, Checks& checks);

/// The checks of a problem that exists already: the reference problem itself is tested with them.
void check_problem_passes(const Problem& problem, Checks& checks);

}  // namespace gapbench::plugin::conformance
