// PAC-Bayes bounds on the error of a network drawn from a posterior.
#pragma once

#include "gapbench/export.h"
#include "gapbench/posterior.h"

namespace gapbench {

/// kl(q || p) = q log(q / p) + (1 - q) log((1 - q) / (1 - p)), in nats, 0 <= q, p <= 1; infinite where p
/// gives no probability to what q does.
GAPBENCH_API double bernoulli_kl(double q, double p);

/// kl^-1(q | c): the largest p with kl(q || p) <= c, c >= 0; by bisection, to the last bits of a double.
GAPBENCH_API double bernoulli_kl_inverse(double q, double c);

/// B = (KL + choice + log(m / delta)) / (m - 1): with probability 1 - delta over m > 1 training examples the
/// error e of draws from q on new examples and the e_hat on those have kl(e_hat || e) <= B, for all q at once.
/// The prior must not depend on the examples. Source: Langford, Seeger 2001, "Bounds for averaging
/// classifiers"; Maurer 2004, "A note on the PAC-Bayesian theorem", whose constant is smaller.
GAPBENCH_API double pac_bayes_complexity(const Divergence& divergence, double m, double delta);

}  // namespace gapbench
