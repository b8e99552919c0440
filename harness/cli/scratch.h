// A folder for the time of one command.
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace gapbench::cli {

/// Made in the system's temporary folder and removed with all that is in it, however this process
/// ends (killed, too: a second process waits for its end), unless somebody wants to look.
class Scratch {
 public:
  /// `purpose` is part of its name. Throws Error where it cannot be made.
  explicit Scratch(const char* purpose);
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  const std::filesystem::path& folder() const noexcept { return folder_; }
  void keep();

 private:
  std::filesystem::path folder_;
  pid_t keeper_ = -1;  ///< the second process
  int line_ = -1;      ///< it reads from here: one byte "keep it", or the end
};

}  // namespace gapbench::cli
