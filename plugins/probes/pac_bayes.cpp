// The PAC-Bayes bound on the error of networks drawn from the method's posterior q.
//
//   error           e_hat, of `draws` networks drawn from q, on all training examples
//   error_of_draws  e_1 = kl^-1(e_hat | log(2 / delta_draws) / draws): above the error of q on the training
//                   examples with probability 1 - delta_draws over the draws
//   complexity      B = (KL + choice + log(m / delta)) / (m - 1)
//   bound           kl^-1(e_1 | B): above q's error on new examples with probability 1 - delta - delta_draws
//
// drawn: examples draws w for each example by itself, in the outputs of its layers (At::variances). The draws x m
// pairs are independent, and what they have wrong is a sum of Bernoulli variables whose means average to the error
// of q; the Chernoff bound holds for it as for equal means, since a Bernoulli's log moment generating function is
// concave in its mean. So they stand in the place of `draws` in e_1, and a few are enough. For posteriors N(center,
// diag variances) of networks whose layers have one position and take variances, others are refused.
//
// kl^-1(q | c) is the largest p with kl(q || p) <= c, m the number of training examples; KL and choice are the
// posterior's divergence from a prior that has not seen the data. `bound` holds for one posterior and one moment
// that were chosen without looking at it. Nothing is reported without draws that are independent, without a
// divergence, for regressions and with normalizations, which are measured on the training set: `draws` is 0 then.
//
// Source: Dziugaite, Roy 2017, "Computing nonvacuous generalization bounds for deep (stochastic) neural
// networks with many more parameters than training data"; Langford, Caruana 2002, "(Not) bounding the true
// error" for e_1. Cost: `draws` forwards of the training part, twice that with drawn: examples.

#include <algorithm>
#include <cmath>
#include <vector>

#include <gapbench/pac_bayes.h>
#include <gapbench/plugin.h>
#include <gapbench/tensors.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::integer("draws", "networks").at_least(1).by_default(100),
    option::choice("drawn", "networks|examples",
                   "one network for all examples, or one for each by itself")
        .by_default("networks"),
    option::real("delta", "probability that the bound may fail with, over training sets")
        .above(0)
        .below(1)
        .by_default(0.025),
    option::real("delta_draws", "the same over draws of networks")
        .above(0)
        .below(1)
        .by_default(0.01),
};

class PacBayes final : public gapbench::Probe {
 public:
  explicit PacBayes(const gapbench::Options& o)
      : draws_(o.count("draws")),
        by_examples_(o.choice("drawn") == "examples"),
        delta_(o.real("delta")),
        delta_draws_(o.real("delta_draws")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const gapbench::Posterior* q = snapshot.posterior();
    const auto divergence = q != nullptr ? q->divergence() : std::nullopt;
    const auto m = static_cast<double>(snapshot.training_examples());
    const bool possible = divergence && q->size() == 0 && m > 1 && is_classifier(snapshot) &&
                          !gapbench::has_normalization(snapshot.parameters().tensors);
    const std::size_t draws = possible ? draws_ : 0;
    metrics.add("draws", static_cast<double>(draws), "");
    if (draws == 0) return;
    if (by_examples_) require_pairs(snapshot, *q);
    double errors = 0;
    for (std::size_t k = 0; k < draws; ++k)
      errors +=
          by_examples_ ? errors_of_pairs(snapshot, *q, k) : errors_of_network(snapshot, *q, k);
    const auto n = static_cast<double>(draws) * (by_examples_ ? m : 1);
    const double error = errors / (static_cast<double>(draws) * m);
    const double above = gapbench::bernoulli_kl_inverse(error, std::log(2 / delta_draws_) / n);
    const double b = gapbench::pac_bayes_complexity(*divergence, m, delta_);
    metrics.add("error", error, "");
    metrics.add("error_of_draws", above, "");
    metrics.add("complexity", b, "nats");
    metrics.add("bound", gapbench::bernoulli_kl_inverse(above, b), "");
  }

 private:
  static bool is_classifier(gapbench::Snapshot& snapshot) {
    return dynamic_cast<const gapbench::CrossEntropy*>(&snapshot.loss()) != nullptr;
  }

  static void require_pairs(gapbench::Snapshot& snapshot, const gapbench::Posterior& q) {
    if (q.variances().empty()) {
      throw gapbench::Error("pac_bayes.drawn",
                            "\"examples\" needs a posterior with a variance for each parameter, as "
                            "pac_bayes and variational keep; write drawn: networks");
    }
    for (const auto& layer : snapshot.kronecker_layers()) {
      if (layer.positions == 1) continue;
      throw gapbench::Error("pac_bayes.drawn",
                            "\"examples\" is for linear layers: the pixels of a convolution would "
                            "have weights of their own each; write drawn: networks");
    }
  }

  static double errors_of_network(gapbench::Snapshot& snapshot, const gapbench::Posterior& q,
                                  std::size_t k) {
    std::vector<float> w(snapshot.parameters().values.size());
    q.draw(k, snapshot.random("pac_bayes"), w);
    return errors_at(snapshot, {.parameters = w, .draw = gapbench::At::no_noise});
  }

  static double errors_of_pairs(gapbench::Snapshot& snapshot, const gapbench::Posterior& q,
                                std::size_t k) {
    return errors_at(snapshot,
                     {.parameters = q.center(), .variances = q.variances(), .draw = k + 1});
  }

  static double errors_at(gapbench::Snapshot& snapshot, const gapbench::At& at) {
    constexpr std::size_t size = 128;
    std::vector<double> errors((snapshot.training_examples() + size - 1) / size);
    snapshot.for_each_micro_batch(
        {.size = size, .count = 0, .mode = gapbench::Mode::evaluation, .at = at},
        [&](gapbench::MicroBatch& m, std::size_t k) { errors[k] = errors_in(m.outputs()); });
    double sum = 0;
    for (const double x : errors) sum += x;
    return sum;
  }

  // Ties go to the lower class.
  static double errors_in(const gapbench::Outputs& z) {
    double errors = 0;
    for (std::size_t i = 0; i < z.examples; ++i) {
      const auto row = z.values.subspan(i * z.width, z.width);
      const auto best = std::max_element(row.begin(), row.end()) - row.begin();
      errors += best == z.labels[i] ? 0 : 1;
    }
    return errors;
  }

  std::size_t draws_;
  bool by_examples_;
  double delta_;
  double delta_draws_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<PacBayes>(
    {.name = "pac_bayes",
     .summary = "PAC-Bayes bound on the error of the posterior's draws; Dziugaite, Roy 2017",
     .example = "draws=2"},
    options));
