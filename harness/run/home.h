// A worker's place: against plugins that fork or change the folder of the process, and against a
// second worker on the same trial.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "run/process.h"

namespace gapbench::run {

/// What a worker ends with, as in sysexits.h: where the system refused it its record, and where another run
/// has taken over its trial. Neither says anything of the trial.
inline constexpr int exit_refused = 74;
inline constexpr int exit_lease_lost = 75;

/// This process and its folder, as they are when this is made.
class Home {
 public:
  Home();

  /// Ends the process at once where it is a copy that a plugin has made by fork(): it must not write
  /// the record a second time.
  void leave_if_copied() const;
  /// leave_if_copied(), then goes back to the folder: relative paths are of there.
  void come_back() const;
  /// come_back(), then ends the process at once where the trial is no longer its own: before it
  /// writes anything more, since another worker may be at it.
  void require_lease(const std::filesystem::path& record) const;
  bool was_given_lease() const { return !lease_.empty(); }

 private:
  pid_t process_;
  Descriptor folder_;
  std::string lease_;  ///< the token that the run gave; empty for a worker by hand
};

}  // namespace gapbench::run
