#include "core/float_mode.h"

#include "gapbench/error.h"
#ifdef __SSE__
#include <immintrin.h>
#endif

namespace gapbench {
namespace {

#ifdef __SSE__
// The SSE control register without its sticky exception flags, which any arithmetic may set.
unsigned float_mode() noexcept { return _mm_getcsr() & ~0x3FU; }
void set_float_mode(unsigned mode) noexcept { _mm_setcsr(mode); }
#else
unsigned float_mode() noexcept { return 0; }
void set_float_mode(unsigned) noexcept {}
#endif

// The bits of the control register.
struct Part {
  unsigned bits;
  const char* name;
};
constexpr Part parts[] = {{0x6000, "rounding"},
                          {0x8000, "flush to zero"},
                          {0x0040, "denormals are zero"},
                          {0x1F80, "traps"}};

}  // namespace

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
