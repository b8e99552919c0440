// A callable passed down, never kept.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace gapbench {

template <class Signature>
class FunctionRef;

/// Refers to a callable that outlives the call it is passed to. Unlike std::function it never
/// allocates, so it may be made inside the step loop.
template <class Result, class... Args>
class FunctionRef<Result(Args...)> {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef>) FunctionRef(F&& f)
  noexcept  // NOLINT: implicit on purpose, it stands for the callable
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
        call_([](void* object, Args... args) -> Result {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Args>(args)...);
        }) {}

  Result operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  Result (*call_)(void*, Args...);
};

}  // namespace gapbench
