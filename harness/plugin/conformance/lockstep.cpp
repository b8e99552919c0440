#include "plugin/conformance/lockstep.h"

#include <chrono>
#include <exception>
#include <thread>

namespace gapbench::plugin::conformance {

void Lockstep::meet() {
  std::unique_lock lock(mutex_);
  if (given_up_) return;
  if (++waiting_ >= present_) {
    waiting_ = 0;
    ++round_;
    changed_.notify_all();
    return;
  }
  const std::uint64_t here = round_;
  constexpr std::chrono::milliseconds long_enough(200);
  given_up_ = !changed_.wait_for(lock, long_enough, [&] { return round_ != here; });
}

void Lockstep::leave() {
  const std::lock_guard lock(mutex_);
  --present_;
  if (waiting_ > 0 && waiting_ >= present_) {
    waiting_ = 0;
    ++round_;
    changed_.notify_all();
  }
}

void side_by_side(Lockstep& together, const std::function<void()>& one,
                  const std::function<void()>& other) {
  std::exception_ptr failures[2];
  const auto guarded = [&](const std::function<void()>& work, std::exception_ptr& failure) {
    try {
      together.meet();  // neither is done before the other has begun
      work();
    } catch (...) {
      failure = std::current_exception();
    }
    together.leave();
  };
  {
    const std::jthread thread([&] { guarded(other, failures[1]); });
    guarded(one, failures[0]);
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace gapbench::plugin::conformance
