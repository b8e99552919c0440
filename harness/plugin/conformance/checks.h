// How the contract checks of one component are run and collected.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "plugin/conformance.h"

namespace gapbench::plugin::conformance {

/// Why a check failed, or nothing.
using Finding = std::optional<std::string>;

/// Thrown in the midst of a check whose finding is these words.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Whether a check calls the component on one thread or on several.
enum class Company { alone, several };

/// Runs checks one after another, each in a process of its own: what a check changes is gone after
/// it. An exception out of it, an end of its process and a time too long are failures.
class Checks {
 public:
  using Body = std::function<Finding()>;

  /// Both must outlive it.
  Checks(const Component& component, const CheckOptions& options);

  /// Whether it passed.
  bool run(const std::string& name, const Body& body, Company company = Company::alone) {
    return check(name, Check::Verdict::fail, body, company);
  }
  /// The same, but a finding is only a note.
  bool remark(const std::string& name, const Body& body) {
    return check(name, Check::Verdict::note, body, Company::alone);
  }

  /// Never fails by what is found: that is only said. An end of its process fails.
  bool tell(const std::string& name, const Body& body) {
    return check(name, Check::Verdict::pass, body, Company::alone);
  }

  /// Whether the question ends with yes, asked in a process of its own like a check, but unseen.
  bool ask(const std::function<bool()>& question) const;

  const std::filesystem::path& data_root() const noexcept { return options_.data_root; }

  /// Adds what was seen of threads that the component started, and of what it printed.
  void conclude();
  std::vector<Check> take() { return std::exchange(checks_, {}); }

 private:
  bool check(const std::string& name, Check::Verdict finding_is, const Body& body, Company company);
  void add(const std::string& name, Check::Verdict verdict, std::string reason,
           std::string_view remedy = {});

  const CheckOptions& options_;
  std::string component_;
  std::vector<Check> checks_;
  std::string threads_;
  std::string printed_;
};

/// The component's options as its example sets them, but for `change`; handed parameters are of
/// `dimension`, see reference_parts.
Options example_options(const Component& component, const OptionMap& change = {},
                        std::size_t dimension = 0);

// Each makes the component from its example and puts it through the checks of its kind; the first
// is of every kind, and says whether the component can be made.
bool check_options(const Component& component, Checks& checks);
/// Whether each option matters, and does no harm at the edges of its range.
void check_options_at_work(const Component& component, Checks& checks);
/// Tells the first step of an optimizer in words: no check knows the formula that was meant.
void check_first_step(const Component& component, Checks& checks);
void check_optimizer(const Component& component, Checks& checks);
void check_regularizer(const Component& component, Checks& checks);
void check_noise(const Component& component, Checks& checks);
void check_inputs(const Component& component, Checks& checks);
void check_probe(const Component& component, Checks& checks);
void check_problem(const Component& component, Checks& checks);
void check_posterior(const Component& component, Checks& checks);
void check_mixing(const Component& component, Checks& checks);
void check_network(const Component& component, Checks& checks);
void check_data(const Component& component, Checks& checks);

/// The checks of a problem that exists already: the reference problem itself is tested with them.
void check_problem_passes(const Problem& problem, Checks& checks);

}  // namespace gapbench::plugin::conformance
