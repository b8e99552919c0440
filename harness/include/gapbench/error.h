// The one exception type of the harness.
#pragma once

#include <stdexcept>
#include <string>

#include "gapbench/export.h"

namespace gapbench {

/// Thrown when an input is wrong: a suite file, an option, a plugin library, a data file.
///
/// `where` names the offending thing the way the user wrote it ("suites/mnist.yaml:14",
/// "sgd.momentum"); `what()` is "where: message". The message says what is wrong, what was given
/// and what would be right: lower case, no full stop. Outcomes of trials (diverged, timeout, ...)
/// are values, never Errors; programming mistakes are assertions.
class GAPBENCH_API Error : public std::runtime_error {
 public:
  Error(std::string where, const std::string& message);
  Error(const Error&) = default;
  Error& operator=(const Error&) = default;
  ~Error() override;  // out of line: one typeinfo, in libgapbench

  const std::string& where() const noexcept { return where_; }

 private:
  std::string where_;
};

}  // namespace gapbench
