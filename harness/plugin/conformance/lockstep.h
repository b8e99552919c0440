// Two threads that go on only together, so that whatever one leaves in a shared place between two
// questions the other has overwritten.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace gapbench::plugin::conformance {

class Lockstep {
 public:
  /// Waits until the other thread has come here as well, or has left. One that does not come within
  /// a fifth of a second (it waits for something that this one holds) is not waited for again.
  void meet();
  /// This thread comes no more.
  void leave();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int present_ = 2;
  int waiting_ = 0;
  std::uint64_t round_ = 0;
  bool given_up_ = false;
};

/// Calls both, side by side; what they do after each question is to be `together.meet()`. Rethrows
/// the first one's exception, else the second one's.
void side_by_side(Lockstep& together, const std::function<void()>& one,
                  const std::function<void()>& other);

}  // namespace gapbench::plugin::conformance
