// Code that is not trusted, in a process of its own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gapbench {

/// A function at work in a copy of this process. Whatever it does there (a segfault, an endless
/// loop, exit(0), a damaged heap) ends the copy alone. It hands texts over; what it prints is kept
/// apart. The copy has the calling thread only, and is killed when this object or process ends.
class Isolated {
 public:
  /// Hands one text over.
  using Send = std::function<void(std::string_view text)>;

  /// Throws Error when the system refuses a process.
  explicit Isolated(const std::function<void(const Send&)>& work);
  Isolated(const Isolated&) = delete;
  Isolated& operator=(const Isolated&) = delete;
  ~Isolated();

  /// The next text. Nothing when the work has ended, or hands over none for so many seconds of wall
  /// time: it is then stopped, and how() says what became of it.
  std::optional<std::string> receive(double seconds);

  /// "SIGSEGV", "SIGABRT: munmap_chunk(): invalid pointer", "ended the program with code 0",
  /// "did not end within 10 s"; the last line that it printed follows. Empty when it returned.
  const std::string& how() const noexcept { return how_; }
  /// The last line that it printed, see last_line_of; whole when receive() gave nothing.
  std::string printed() const;

 private:
  bool end(std::chrono::steady_clock::time_point deadline);

  pid_t pid_ = -1;
  int texts_ = -1;    ///< reading end
  int printed_ = -1;  ///< what it wrote to standard output and error
  std::string how_;
};

/// "SIGSEGV" for 11, "signal 40" for one without a name.
std::string signal_name(int signal);

/// The last line of `text` that is not blank, without blanks around it, at most 300 bytes; empty
/// where there is none.
std::string last_line_of(std::string_view text);

}  // namespace gapbench
