// The mode of floating-point arithmetic, which a plugin may change for the whole thread.
#pragma once

#include <string>

namespace gapbench {

/// Watches this thread's mode (rounding, flushing of subnormal numbers, traps) from its making on,
/// and puts it back at the latest at its end. Sees nothing but on x86-64.
class FloatModeGuard {
 public:
  FloatModeGuard() noexcept;
  FloatModeGuard(const FloatModeGuard&) = delete;
  FloatModeGuard& operator=(const FloatModeGuard&) = delete;
  ~FloatModeGuard();

  /// Puts the mode back; what had changed, in words ("rounding, flush to zero"), or nothing.
  std::string restore();
  /// The same, but throws Error(who, "changed the floating-point mode ...") where it had changed.
  void require_unchanged(const std::string& who);

 private:
  unsigned mode_;
};

/// While it lives, subnormal numbers (below 1.2e-38 in f32) are 0 on this thread, as operands and as results: arithmetic on them
/// takes many times as long, and a network that has fitted its examples makes many. Does nothing but on x86-64.
class FlushSubnormals {
 public:
  FlushSubnormals() noexcept;
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;
  ~FlushSubnormals();

 private:
  unsigned before_;
};

}  // namespace gapbench
