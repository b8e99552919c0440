#include "core/float_mode.h"

#include "gapbench/error.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace gapbench {
namespace {

#ifdef __x86_64__
// There are two units with a control register each: SSE's, without its sticky exception flags, which
// any arithmetic may set, in the low half; the x87's, which long double goes through, in the high one.
unsigned float_mode() noexcept {
  unsigned short x87 = 0;
  asm volatile("fnstcw %0" : "=m"(x87));
  return (_mm_getcsr() & ~0x3FU) | static_cast<unsigned>(x87) << 16;
}
void set_float_mode(unsigned mode) noexcept {
  const auto x87 = static_cast<unsigned short>(mode >> 16);
  asm volatile("fldcw %0" : : "m"(x87));
  _mm_setcsr(mode & 0xFFFFU);
}
#else
unsigned float_mode() noexcept { return 0; }
void set_float_mode(unsigned) noexcept {}
#endif

// The bits of the control registers.
struct Part {
  unsigned bits;
  const char* name;
};
constexpr Part parts[] = {{0x0C006000, "rounding"},
                          {0x8000, "flush to zero"},
                          {0x0040, "denormals are zero"},
                          {0x003F1F80, "traps"},
                          {0x03000000, "precision of long double"}};

}  // namespace

#ifdef __x86_64__
constexpr unsigned flushing = 0x8040;  // results and operands
FlushSubnormals::FlushSubnormals() noexcept : before_(_mm_getcsr() & flushing) {
  _mm_setcsr(_mm_getcsr() | flushing);
}
FlushSubnormals::~FlushSubnormals() { _mm_setcsr((_mm_getcsr() & ~flushing) | before_); }
#else
FlushSubnormals::FlushSubnormals() noexcept : before_(0) {}
FlushSubnormals::~FlushSubnormals() { static_cast<void>(before_); }
#endif

FloatModeGuard::FloatModeGuard() noexcept : mode_(float_mode()) {}

FloatModeGuard::~FloatModeGuard() { set_float_mode(mode_); }

std::string FloatModeGuard::restore() {
  const unsigned changed = float_mode() ^ mode_;
  set_float_mode(mode_);
  std::string text;
  for (const Part& part : parts) {
    if ((changed & part.bits) != 0) text += (text.empty() ? "" : ", ") + std::string(part.name);
  }
  return text;
}

void FloatModeGuard::require_unchanged(const std::string& who) {
  const std::string changed = restore();
  if (changed.empty()) return;
  throw Error(who, "changed the floating-point mode (" + changed +
                       "), in which every number after it would have other bits; a plugin must "
                       "leave it as it is");
}

}  // namespace gapbench
