// Looking at a growing sample more than once.
#pragma once

#include <cstddef>
#include <span>

namespace gapbench::compare {

/// The chance that a two-sided t test of "the mean is 0" at the nominal level `nominal` rejects at
/// one or more of the looks, numbers of values n, where the mean is 0 and values are independent
/// and normal.
///
/// Exact, by numbers: with c_n = sum x / sqrt(n sum x^2), so that t = sqrt(n - 1) c / sqrt(1 -
/// c^2), the values' directions are uniform on the sphere, and one more value turns c_n into
///
///   c_{n+1} = (sqrt(n) c_n cos a + sin a) / sqrt(n + 1),
///
/// a in (-pi/2, pi/2) with density cos^{n-1} a / B(1/2, n/2), independent of all before. From the
/// last look back, the chance of no rejection later on is integrated over a, Gauss-Legendre on each
/// piece that looks accept, and tabulated in c; to 1e-4, some 10 ms.
/// Throws Error for no looks, a look at fewer than two values, looks that do not grow and a level
/// outside (0, 1).
double chance_of_rejection(std::span<const std::size_t> looks, double nominal);

/// The constant nominal level at which chance_of_rejection() is alpha (Pocock 1977, "Group
/// sequential methods in the design and analysis of clinical trials", Biometrika 64, here for t
/// instead of normal statistics): 0.0165 for looks at 5, 8, 12 and 20 and alpha 0.05. Intervals at
/// confidence 1 - level cover at all looks together with probability 1 - alpha. One look gives
/// alpha. About 0.1 s: once for a plan. Errors as there.
double nominal_level(std::span<const std::size_t> looks, double alpha);

}  // namespace gapbench::compare
