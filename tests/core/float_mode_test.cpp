// The floating-point mode: seen, named, put back.
#include "core/float_mode.h"

#include <gtest/gtest.h>

#include <cfenv>

#include "gapbench/error.h"
#ifdef __SSE__
#include <immintrin.h>

namespace gapbench {
namespace {

constexpr unsigned flush_to_zero = 0x8000;
constexpr unsigned denormals_are_zero = 0x0040;

TEST(FloatMode, NamesWhatChangedAndPutsItBack) {
  const unsigned before = _mm_getcsr();
  FloatModeGuard guard;
  EXPECT_EQ(guard.restore(), "");
  std::fesetround(FE_TOWARDZERO);
  EXPECT_EQ(guard.restore(), "rounding");
  _mm_setcsr(_mm_getcsr() | flush_to_zero | denormals_are_zero);
  EXPECT_EQ(guard.restore(), "flush to zero, denormals are zero");
  EXPECT_EQ(guard.restore(), "");
  EXPECT_EQ(_mm_getcsr() & ~0x3FU, before & ~0x3FU);
  std::fesetround(FE_TONEAREST);
}

TEST(FloatMode, StickyFlagsAreNoChange) {
  FloatModeGuard guard;
  volatile float third = 1;
  third = third / 3;  // inexact
  EXPECT_EQ(guard.restore(), "");
}

TEST(FloatMode, IsPutBackAtTheEndWhateverHappens) {
  const unsigned before = _mm_getcsr() & ~0x3FU;
  try {
    const FloatModeGuard guard;
    _mm_setcsr(_mm_getcsr() | flush_to_zero);
    throw Error("a step", "failed");
  } catch (const Error&) {
  }
  EXPECT_EQ(_mm_getcsr() & ~0x3FU, before);
}

TEST(FloatMode, AChangeCanBeAnError) {
  FloatModeGuard guard;
  EXPECT_NO_THROW(guard.require_unchanged("sgd"));
  _mm_setcsr(_mm_getcsr() | flush_to_zero);
  try {
    guard.require_unchanged("sgd");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.where(), "sgd");
  }
}

TEST(FlushSubnormals, WhileItLives) {
  const unsigned before = _mm_getcsr() & ~0x3FU;
  const volatile float small = 1e-20F;
  const volatile float least = 1e-40F;
  EXPECT_NE(small * small, 0);
  {
    const FlushSubnormals flush;
    EXPECT_EQ(small * small, 0) << "results";
    EXPECT_EQ(least * 1e10F, 0) << "operands";
    {
      const FlushSubnormals within;
      EXPECT_EQ(small * small, 0);
    }
    EXPECT_EQ(small * small, 0) << "as the outer one wants it";
  }
  EXPECT_NE(small * small, 0);
  EXPECT_EQ(_mm_getcsr() & ~0x3FU, before);
}

}  // namespace
}  // namespace gapbench
#endif
