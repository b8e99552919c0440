// The distribution behind many comparisons with one baseline.
#pragma once

#include <cstddef>
#include <map>
#include <tuple>
#include <vector>

namespace gapbench::compare {

/// max_i |T_i| for i = 1..k, T multivariate t with all correlations 1/2: the t statistics of k
/// methods that share the baseline and the estimate of spread, where none has an effect (Dunnett
/// 1955, "A multiple comparison procedure for comparing several treatments with a control", J. Am.
/// Stat. Assoc. 50; 1964, Biometrics 20). With s the estimated deviation over the true one, f its
/// density, phi and Q the normal density and upper tail, two nested quadratures:
///
///   P(max |T_i| > t) = int_0^inf f(s) G(sqrt(2) t s) ds
///   G(x) = int phi(z) (1 - [1 - Q(x + z) - Q(x - z)]^k) dz
///
/// Gauss-Legendre both; G is tabulated once for each k, about 2 ms, so that further p take
/// microseconds. To 1e-6 of p for k up to 100. Remembers tables and quantiles. One thread at a
/// time.
class Dunnett {
 public:
  /// P(max |T_i| > t): the p of a difference of t standard errors, adjusted for k methods. k >= 1,
  /// degrees >= 1, t >= 0. k = 1 is Student's t.
  double p(std::size_t k, double degrees, double t);

  /// The t at which p() is 1 - confidence.
  double quantile(std::size_t k, double degrees, double confidence);

 private:
  std::map<std::size_t, std::vector<double>> tables_;  ///< log G at steps in x
  std::map<std::tuple<std::size_t, double, double>, double> quantiles_;
};

}  // namespace gapbench::compare
