// How far a chain of SGD iterates is from the Gaussian that theory gives it.
//
// S is the covariance of the draws of the posterior (a chain of iterates at a constant rate a and
// batch size B), H the Hessian and C the covariance of the gradients of single examples, both over
// the whole training part at the probe's point. Two predictions are held against S:
//
//   exact       S = (1 - a H) S (1 - a H) + a^2 C / B      of the discrete steps, on a quadratic
//   continuous  S H + H S = (a / B) C                      of the Ornstein-Uhlenbeck process
//
//   error_exact, error_continuous  |S - prediction| / |prediction|, Frobenius norms
//   error_expected                 the same for as many independent draws of `exact`, root mean square
//   trace_ratio                    tr S / tr of `exact`
//   kl_to_posterior                KL(N(0, S) || N(0, (N H)^-1)) in nats, N training examples: how far
//                                  these iterates are from draws of the posterior
//   draws                          alone where there are not more of them than parameters
//   drawn_...                      with `ellipses`: S and both predictions in the plane of the flattest
//                                  (x) and the steepest (y) axis of H, for the report's picture
//
// Source: Mandt, Hoffman, Blei 2017, "Stochastic gradient descent as approximate Bayesian
// inference". For up to 200 parameters.
// Cost: d Hessian-vector products and one gradient of every training example, one by one.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gapbench/matrix.h>
#include <gapbench/plugin.h>

namespace {

using Doubles = std::vector<double>;
namespace option = gapbench::option;

constexpr std::size_t most_parameters = 200;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "a, of the chain's optimizer").above(0),
    option::integer("batch", "B, of the chain").at_least(1).in_unit("examples"),
    option::flag("ellipses", "keep what the report draws").by_default(0.0),
};

// Symmetric [d, d], row-major.
struct Matrix {
  std::size_t d = 0;
  Doubles values;

  explicit Matrix(std::size_t size) : d(size), values(size * size) {}
  double& at(std::size_t i, std::size_t j) { return values[i * d + j]; }
  double at(std::size_t i, std::size_t j) const { return values[i * d + j]; }
  double trace() const {
    double sum = 0;
    for (std::size_t i = 0; i < d; ++i) sum += at(i, i);
    return sum;
  }
};

double distance(const Matrix& a, const Matrix& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.values.size(); ++k) {
    sum += (a.values[k] - b.values[k]) * (a.values[k] - b.values[k]);
  }
  return std::sqrt(sum);
}

double norm(const Matrix& a) { return distance(a, Matrix(a.d)); }

gapbench::Sample whole(std::size_t size) {
  return {.size = size, .count = 0, .mode = gapbench::Mode::evaluation};
}

Matrix hessian(gapbench::Snapshot& snapshot, std::size_t d) {
  Matrix h(d);
  std::vector<float> unit(d);
  std::vector<float> column(d);
  for (std::size_t j = 0; j < d; ++j) {
    std::ranges::fill(unit, 0.0F);
    unit[j] = 1;
    const auto product = [&unit](gapbench::MicroBatch& m, std::size_t, std::span<float> out) {
      m.hessian_vector(m.loss(), unit, out);
    };
    snapshot.mean_over(whole(128), product, column);
    for (std::size_t i = 0; i < d; ++i) h.at(i, j) = column[i];
  }
  return h;
}

// Of the gradients of single examples.
Matrix gradient_covariance(gapbench::Snapshot& snapshot, std::size_t d) {
  std::vector<float> sums(d + d * d);
  const auto moments = [d](gapbench::MicroBatch& m, std::size_t, std::span<float> out) {
    const std::span<float> g = out.first(d);
    m.gradient(m.loss(), g);
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) out[d + i * d + j] = g[i] * g[j];
    }
  };
  snapshot.mean_over(whole(1), moments, sums);
  Matrix c(d);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) {
      c.at(i, j) = double{sums[d + i * d + j]} - double{sums[i]} * sums[j];
    }
  }
  return c;
}

// Of n draws, with 1/(n - 1).
Matrix covariance_of_draws(const gapbench::Posterior& posterior, std::size_t d,
                           gapbench::Random random) {
  const std::size_t n = posterior.size();
  std::vector<float> draws(n * d);
  Doubles mean(d);
  for (std::size_t k = 0; k < n; ++k) {
    const auto w = std::span(draws).subspan(k * d, d);
    posterior.draw(k, random, w);
    for (std::size_t i = 0; i < d; ++i) mean[i] += double{w[i]} / static_cast<double>(n);
  }
  Matrix s(d);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) {
        s.at(i, j) += (draws[k * d + i] - mean[i]) * (draws[k * d + j] - mean[j]) /
                      static_cast<double>(n - 1);
      }
    }
  }
  return s;
}

// H in its own axes, and other matrices there: A -> V^T A V.
class Axes {
 public:
  explicit Axes(const Matrix& h)
      : pairs_(gapbench::eigen(std::vector<float>(h.values.begin(), h.values.end()), h.d)) {
    if (pairs_.values.front() <= 0) {
      throw gapbench::Error("ou_covariance",
                            "the Hessian is not positive definite: no stationary state");
    }
    for (std::size_t k = 0; k < h.d; ++k) point_forward(k);
  }
  const Doubles& values() const { return pairs_.values; }
  Matrix turned(const Matrix& a) const { return half(half(a)); }

 private:
  // An axis has no direction of its own: its largest entry is positive, in every trial.
  void point_forward(std::size_t k) {
    const std::size_t d = pairs_.values.size();
    float largest = 0;
    for (std::size_t i = 0; i < d; ++i) {
      const float entry = pairs_.vectors[i * d + k];
      if (std::abs(entry) > std::abs(largest)) largest = entry;
    }
    if (largest > 0) return;
    for (std::size_t i = 0; i < d; ++i) pairs_.vectors[i * d + k] *= -1;
  }
  // (V^T A)^T, so that twice gives V^T A V for a symmetric A.
  Matrix half(const Matrix& a) const {
    Matrix out(a.d);
    for (std::size_t i = 0; i < a.d; ++i) {
      for (std::size_t j = 0; j < a.d; ++j) {
        for (std::size_t k = 0; k < a.d; ++k) {
          out.at(j, i) += double{pairs_.vectors[k * a.d + i]} * a.at(k, j);
        }
      }
    }
    return out;
  }

  gapbench::Eigenpairs pairs_;
};

double log_determinant(const Matrix& a) {
  const auto pairs = gapbench::eigen(std::vector<float>(a.values.begin(), a.values.end()), a.d);
  double sum = 0;
  for (const double value : pairs.values) sum += std::log(value);
  return sum;
}

// In the plane of the first and the last axis, those of the least and the largest eigenvalue.
void keep(const std::string& name, const Matrix& s, gapbench::Metrics& metrics) {
  metrics.add("drawn_" + name + "_xx", s.at(0, 0), "");
  metrics.add("drawn_" + name + "_xy", s.at(0, s.d - 1), "");
  metrics.add("drawn_" + name + "_yy", s.at(s.d - 1, s.d - 1), "");
}

class OuCovariance final : public gapbench::Probe {
 public:
  explicit OuCovariance(const gapbench::Options& o)
      : rate_(o.real("learning_rate")),
        batch_(static_cast<double>(o.count("batch"))),
        ellipses_(o.flag("ellipses")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const gapbench::Posterior* posterior = snapshot.posterior();
    const std::size_t d = snapshot.parameters().values.size();
    const std::size_t draws = posterior != nullptr ? posterior->size() : 0;
    metrics.add("draws", static_cast<double>(draws), "");
    if (draws <= d) return;
    if (d > most_parameters) {
      throw gapbench::Error("ou_covariance",
                            "is for up to 200 parameters, got " + std::to_string(d));
    }
    const Axes axes(hessian(snapshot, d));
    const Matrix c = axes.turned(gradient_covariance(snapshot, d));
    const Matrix s = axes.turned(covariance_of_draws(*posterior, d, snapshot.random("draws")));
    const Matrix exact = stationary(axes.values(), c, true);
    const Matrix continuous = stationary(axes.values(), c, false);
    const double size = norm(exact);
    const double spread =
        std::sqrt((exact.trace() * exact.trace() + size * size) / static_cast<double>(draws - 1));
    metrics.add("error_exact", distance(s, exact) / size, "");
    metrics.add("error_continuous", distance(s, continuous) / norm(continuous), "");
    metrics.add("error_expected", spread / size, "");
    metrics.add("trace_ratio", s.trace() / exact.trace(), "");
    metrics.add("kl_to_posterior",
                divergence(axes.values(), s, static_cast<double>(snapshot.training_examples())),
                "nats");
    if (!ellipses_) return;
    keep("measured", s, metrics);
    keep("exact", exact, metrics);
    keep("continuous", continuous, metrics);
  }

 private:
  Matrix stationary(const Doubles& h, const Matrix& c, bool exact) const {
    Matrix s(c.d);
    for (std::size_t i = 0; i < c.d; ++i) {
      for (std::size_t j = 0; j < c.d; ++j) {
        // (1 - (1 - a h_i)(1 - a h_j)) / a, without the difference of nearly equal numbers.
        const double pull = h[i] + h[j] - (exact ? rate_ * h[i] * h[j] : 0);
        if (pull <= 0) {
          throw gapbench::Error("ou_covariance.learning_rate",
                                "is 2 / the largest eigenvalue or more: no stationary state");
        }
        s.at(i, j) = rate_ / batch_ * c.at(i, j) / pull;
      }
    }
    return s;
  }

  // ((N tr H S) - d - log det(N H S)) / 2
  static double divergence(const Doubles& h, const Matrix& s, double examples) {
    double trace = 0;
    double logs = log_determinant(s);
    for (std::size_t i = 0; i < s.d; ++i) {
      trace += examples * h[i] * s.at(i, i);
      logs += std::log(examples * h[i]);
    }
    return (trace - static_cast<double>(s.d) - logs) / 2;
  }

  double rate_;
  double batch_;
  bool ellipses_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<OuCovariance>(
    {.name = "ou_covariance",
     .summary = "covariance of SGD iterates against theory; Mandt et al. 2017",
     .example = "learning_rate=0.1 batch=8"},
    options));
