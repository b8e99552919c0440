// Keskar's sharpness: how far the training loss f rises within a small box around the parameters x.
//
//   phi = 100 (max over y in C of f(x + A y) - f(x)) / (1 + f(x))
//   C = { y : |y_i| <= epsilon (|(A^+ x)_i| + 1) }
//
//   subspace: 0     A = I, the full space
//   subspace: p     A [dimension, p] of N(0, 1) entries (keyed), A^+ x by least squares
//
// Throws Error where f(x) <= -1: phi would be negative for a rise, or nothing.
//
// f is the mean loss over a fixed sample of the training set, in training mode, without penalties.
// The maximum is sought as in the paper, by a few iterations of a bounded quasi-Newton method
// (gapbench/box_maximum.h), so phi is a lower bound. It is not invariant under rescalings that
// leave the network's function alone (Dinh et al. 2017): compare with care.
//
// Source: Keskar, Mudigere, Nocedal, Smelyanskiy, Tang 2017, "On large-batch training for deep
// learning: generalization gap and sharp minima"; epsilon 1e-3 and 5e-4 there.
// State: none. Cost: gradients of the sample, about 2 an iteration. Memory: 20 vectors of length
// dimension or p.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gapbench/box_maximum.h>
#include <gapbench/numeric.h>
#include <gapbench/plugin.h>

namespace {

using Floats = std::vector<float>;
namespace option = gapbench::option;

constexpr auto options = option::joined(
    option::sample({.count = 8}),
    std::array{option::real("epsilon", "size of the box").above(0).by_default(1e-3),
               option::integer("subspace", "dimensions of a random subspace; 0: the full space")
                   .at_least(0)
                   .at_most(1000)
                   .by_default(0),
               option::integer("iterations", "of the maximization").at_least(1).by_default(10)});

// f along the subspace: its value, and its gradient in y.
class Landscape {
 public:
  Landscape(gapbench::Snapshot& snapshot, const gapbench::Sample& sample, std::size_t subspace)
      : snapshot_(snapshot),
        sample_(sample),
        x_(snapshot.parameters().values),
        rows_(snapshot.random("subspace")),
        row_(subspace),
        moved_(x_.size()),
        gradient_(x_.size()) {}

  std::size_t dimension() const { return row_.empty() ? x_.size() : row_.size(); }

  double at(std::span<const float> y, std::span<float> slope) {
    std::copy(x_.begin(), x_.end(), moved_.begin());
    for (std::size_t i = 0; i < x_.size(); ++i) {
      moved_[i] += row_.empty() ? y[i] : static_cast<float>(gapbench::dot(row(i), y));
    }
    const double value = loss_at_moved();
    const Floats along = row_.empty() ? gradient_ : transposed(gradient_);
    std::copy(along.begin(), along.end(), slope.begin());
    return value;
  }

  // A^+ x = (A'A)^-1 A'x, by Cholesky's factorization: a random A has full rank.
  Floats pseudo_inverse_of_x() {
    if (row_.empty()) return {x_.begin(), x_.end()};
    const std::size_t p = row_.size();
    std::vector<double> m(p * p);
    for (std::size_t i = 0; i < x_.size(); ++i) {
      const Floats& r = row(i);
      for (std::size_t a = 0; a < p; ++a) {
        for (std::size_t b = 0; b <= a; ++b) m[a * p + b] += static_cast<double>(r[a]) * r[b];
      }
    }
    return solve(m, transposed({x_.begin(), x_.end()}));
  }

 private:
  const Floats& row(std::size_t i) {
    rows_.at("row", i).normal(row_);
    return row_;
  }

  Floats transposed(const Floats& v) {
    std::vector<double> sum(row_.size());
    for (std::size_t i = 0; i < v.size(); ++i) {
      const Floats& r = row(i);
      for (std::size_t a = 0; a < r.size(); ++a) sum[a] += static_cast<double>(r[a]) * v[i];
    }
    return {sum.begin(), sum.end()};
  }

  // m u = b with m = L L' of which the lower half is given; overwritten by L.
  static Floats solve(std::vector<double>& m, const Floats& b) {
    const std::size_t p = b.size();
    std::vector<double> u(b.begin(), b.end());
    for (std::size_t a = 0; a < p; ++a) {
      for (std::size_t c = 0; c <= a; ++c) {
        double rest = m[a * p + c];
        for (std::size_t k = 0; k < c; ++k) rest -= m[a * p + k] * m[c * p + k];
        m[a * p + c] = c == a ? std::sqrt(rest) : rest / m[c * p + c];
      }
      for (std::size_t k = 0; k < a; ++k) u[a] -= m[a * p + k] * u[k];
      u[a] /= m[a * p + a];
    }
    for (std::size_t a = p; a-- > 0;) {
      for (std::size_t k = a + 1; k < p; ++k) u[a] -= m[k * p + a] * u[k];
      u[a] /= m[a * p + a];
    }
    return {u.begin(), u.end()};
  }

  double loss_at_moved() {
    std::vector<double> losses(sample_.count);
    snapshot_.mean_over(
        sample_,
        [&](gapbench::MicroBatch& m, std::size_t k, std::span<float> g) {
          losses[k] = m.gradient_at(moved_, m.loss(), g);
        },
        gradient_);
    return gapbench::mean_with_error(losses).value;
  }

  gapbench::Snapshot& snapshot_;
  gapbench::Sample sample_;
  std::span<const float> x_;
  gapbench::Random rows_;
  Floats row_;  // of A, drawn when needed; empty in the full space
  Floats moved_;
  Floats gradient_;
};

class KeskarSharpness final : public gapbench::Probe {
 public:
  explicit KeskarSharpness(const gapbench::Options& o)
      : sample_(gapbench::sample_of(o)),
        epsilon_(o.real("epsilon")),
        subspace_(o.count("subspace")),
        iterations_(o.count("iterations")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    if (subspace_ > snapshot.parameters().values.size()) {
      throw gapbench::Error("keskar_sharpness.subspace",
                            "must not be larger than the number of parameters, " +
                                std::to_string(snapshot.parameters().values.size()) + ", got " +
                                std::to_string(subspace_));
    }
    Landscape landscape(snapshot, sample_, subspace_);
    Floats bound = landscape.pseudo_inverse_of_x();
    for (float& b : bound) b = static_cast<float>(epsilon_ * (std::abs(b) + 1.0));
    const auto f = [&](std::span<const float> y, std::span<float> slope) {
      return landscape.at(y, slope);
    };
    const gapbench::BoxMaximum top = gapbench::maximum_in_box(f, bound, iterations_);
    if (!(top.start > -1)) {
      throw gapbench::Error(
          "keskar_sharpness",
          "phi divides by 1 + loss and wants a loss above -1; it is " + std::to_string(top.start));
    }
    metrics.add("sharpness", 100 * (top.value - top.start) / (1 + top.start), "");
    metrics.add("loss", top.start, "");
  }

 private:
  gapbench::Sample sample_;
  double epsilon_;
  std::size_t subspace_;
  std::size_t iterations_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<KeskarSharpness>(
    {.name = "keskar_sharpness",
     .summary = "rise of the training loss in a small box; Keskar et al. 2017",
     .example = "micro_batch=8 count=2 iterations=4",
     .revision = 2},
    options));
