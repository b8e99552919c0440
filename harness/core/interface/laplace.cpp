#include "gapbench/laplace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/interface/curvature_block.h"
#include "core/lengths.h"
#include "gapbench/error.h"
#include "gapbench/numeric.h"

namespace gapbench {
namespace {

const double half_log_two_pi = std::log(2 * std::numbers::pi) / 2;
constexpr double widest = 1e10;  // precisions are within 1 / widest and widest

/// Where f, which falls, crosses 0 between low and high, on the scale of logarithms; an end where
/// it does not.
template <class F>
double crossing(double low, double high, F f) {
  low = std::log(low);
  high = std::log(high);
  for (int halving = 0; halving < 100; ++halving) {
    const double middle = (low + high) / 2;
    (f(std::exp(middle)) > 0 ? low : high) = middle;
  }
  return std::exp((low + high) / 2);
}

struct Losses {
  double sum = 0;         ///< sum_i s_i over the training part, in its order
  std::size_t width = 0;  ///< of the outputs
};

Losses losses(Snapshot& snapshot) {
  const std::size_t examples = snapshot.training_examples();
  std::vector<double> sums((examples + fit_sample.size - 1) / fit_sample.size);
  Losses all;
  snapshot.for_each_micro_batch(fit_sample, [&](MicroBatch& m, std::size_t k) {
    sums[k] = static_cast<double>(m.size()) * m.value(m.loss());
    if (k == 0) all.width = m.outputs().width;
  });
  for (const double x : sums) all.sum += x;
  return all;
}

}  // namespace

Laplace::Laplace(const Options& o, std::span<const TensorInfo> tensors)
    : name_(o.owner()),
      tensors_(tensors.begin(), tensors.end()),
      fisher_(fisher_of(o)),
      prior_by_evidence_(o.choice("prior") == "evidence"),
      noise_by_evidence_(o.choice("noise") == "evidence"),
      fixed_precision_(1 / o.real("prior_variance")),
      prediction_(o.choice("prediction") == "network" ? Prediction::network
                                                      : Prediction::linearized) {
  for (const TensorInfo& tensor : tensors_) dimension_ += tensor.size;
}

void Laplace::require_possible(const Head& loss) const {
  require_fisher(name_, "weighs the loss against a prior", loss, fisher_);
  const bool is_regression = dynamic_cast<const Gaussian*>(&loss) != nullptr;
  if (!noise_by_evidence_) return;
  if (!is_regression) {
    throw Error(name_ + ".noise", "\"evidence\" is for regressions: this loss has no deviation");
  }
  if (fisher_ != Fisher::exact) {
    throw Error(name_ + ".noise",
                "\"evidence\" needs fisher: exact, which alone says how the curvature follows the "
                "deviation");
  }
}

void Laplace::fit(Snapshot& snapshot) {
  require_possible(snapshot.loss());
  const auto w = snapshot.parameters().values;
  center_.assign(w.begin(), w.end());
  examples_ = static_cast<double>(snapshot.training_examples());
  const auto* gaussian = dynamic_cast<const Gaussian*>(&snapshot.loss());
  given_ = gaussian != nullptr ? gaussian->deviation() : 0;
  const Losses there = losses(snapshot);
  loss_ = there.sum;
  targets_ = examples_ * static_cast<double>(there.width);
  blocks_ = curvature(snapshot);
  squared_norm_ = 0;
  for (const CurvatureBlock& block : blocks_) {
    const auto part = std::span(center_).subspan(block.first, block.eigenvalues.size());
    squared_norm_ += dot(part, part);
  }
  precision_ = fixed_precision_;
  deviation_ = given_;
  choose_by_evidence();
  finish_variances();
}

CurvatureBlock Laplace::full(Snapshot& snapshot, std::size_t first, std::size_t size) const {
  std::vector<float> packed(size * (size + 1) / 2);  // rows of the lower half
  Sample single = fit_sample;
  single.size = 1;
  const auto outer_products = [&](MicroBatch& m, std::size_t, std::span<float> out) {
    std::ranges::fill(out, 0.0F);
    for_each_column(m, fisher_, "laplace", [&](const Head& head) {
      m.gradient(head, m.scratch(0));
      const float* g = m.scratch(0).subspan(first, size).data();
      float* row = out.data();
      for (std::size_t i = 0; i < size; row += ++i) {
        const float factor = g[i];
        for (std::size_t j = 0; j <= i; ++j) row[j] += factor * g[j];
      }
    });
  };
  snapshot.mean_over(single, outer_products, packed);
  return full_block(first, size, packed);
}

CurvatureBlock Laplace::kronecker(Snapshot& snapshot, std::size_t layer) const {
  const KroneckerLayer& asked = snapshot.kronecker_layers()[layer];
  const std::size_t size_a = asked.inputs * asked.inputs;
  const std::size_t size_g = asked.outputs * asked.outputs;
  std::vector<float> both(size_a + size_g);
  const auto factors = [&](MicroBatch& m, std::size_t, std::span<float> out) {
    fisher_factors(m, fisher_, "laplace", std::span(&layer, 1), out);
  };
  snapshot.mean_over(fit_sample, factors, both);
  const std::span<const float> found = both;
  return kronecker_block(asked, tensors_[asked.tensor], found.first(size_a), found.last(size_g));
}

CurvatureBlock Laplace::diagonal(Snapshot& snapshot) const {
  std::vector<float> mean(dimension_);
  const auto squares = [&](MicroBatch& m, std::size_t, std::span<float> out) {
    std::ranges::fill(out, 0.0F);
    for_each_column(m, fisher_, "laplace", [&](const Head& head) {
      m.example_gradient_squares(head, m.scratch(0));
      add_scaled(1, m.scratch(0), out);
    });
  };
  snapshot.mean_over(fit_sample, squares, mean);
  return diagonal_block(0, mean);
}

double Laplace::scale(double deviation) const {
  return examples_ * (given_ > 0 ? given_ * given_ / (deviation * deviation) : 1);
}

// sum_i |z_i - target_i|^2, out of the Gaussian's loss.
double Laplace::residual() const {
  return 2 * given_ * given_ * (loss_ - targets_ * (std::log(given_) + half_log_two_pi));
}

double Laplace::negative_log_likelihood(double deviation) const {
  if (given_ == 0) return loss_;
  return residual() / (2 * deviation * deviation) +
         targets_ * (std::log(deviation) + half_log_two_pi);
}

double Laplace::effective_parameters(double precision, double deviation) const {
  double sum = 0;
  for (const CurvatureBlock& block : blocks_) {
    for (const double x : block.eigenvalues) {
      const double h = scale(deviation) * x;
      sum += h / (h + precision);
    }
  }
  return sum;
}

double Laplace::best_precision(double deviation) const {
  if (!prior_by_evidence_) return fixed_precision_;
  return crossing(1 / widest, widest,
                  [&](double p) { return effective_parameters(p, deviation) - p * squared_norm_; });
}

void Laplace::choose_by_evidence() {
  if (noise_by_evidence_) {
    const double squares = residual();
    deviation_ = crossing(1e-6, 1e6, [&](double r) {
      return squares / (r * r) - targets_ + effective_parameters(best_precision(r), r);
    });
  }
  precision_ = best_precision(deviation_);
}

void Laplace::finish_variances() {
  variances_.clear();
  const bool is_diagonal = std::ranges::all_of(blocks_, [](const CurvatureBlock& block) {
    return block.left.empty() && block.right.empty();
  });
  if (!is_diagonal) return;
  variances_.assign(dimension_, 0);
  for (const CurvatureBlock& block : blocks_) {
    for (std::size_t k = 0; k < block.eigenvalues.size(); ++k) {
      variances_[block.first + k] =
          static_cast<float>(1 / (scale(deviation_) * block.eigenvalues[k] + precision_));
    }
  }
}

void Laplace::draw(std::size_t k, Random random, std::span<float> w) const {
  require_length("Posterior::draw", "w", w.size(), dimension_);
  std::ranges::copy(center_, w.begin());
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const CurvatureBlock& block = blocks_[b];
    std::vector<float> e(block.eigenvalues.size());
    random.at("laplace", k, b).normals(e);
    for (std::size_t i = 0; i < e.size(); ++i) {
      e[i] *=
          static_cast<float>(1 / std::sqrt(scale(deviation_) * block.eigenvalues[i] + precision_));
    }
    add_rotated(block, e, w);
  }
}

std::optional<double> Laplace::log_evidence() const {
  if (blocks_.empty()) return std::nullopt;
  double log_ratio = 0;
  for (const CurvatureBlock& block : blocks_) {
    for (const double x : block.eigenvalues) {
      log_ratio += std::log1p(scale(deviation_) * x / precision_);
    }
  }
  return -negative_log_likelihood(deviation_) - (log_ratio + precision_ * squared_norm_) / 2;
}

// KL(N(w*, P^-1) || N(0, I / p)); a prior that has seen the data is none.
std::optional<Divergence> Laplace::divergence() const {
  std::size_t covered = 0;
  double twice = precision_ * squared_norm_;
  for (const CurvatureBlock& block : blocks_) {
    covered += block.eigenvalues.size();
    for (const double x : block.eigenvalues) {
      const double ratio = scale(deviation_) * x / precision_;
      twice += 1 / (1 + ratio) - 1 + std::log1p(ratio);
    }
  }
  if (prior_by_evidence_ || covered == 0 || covered < dimension_) return std::nullopt;
  return Divergence{std::max(0.0, twice / 2), 0};
}

std::optional<double> Laplace::noise_deviation() const {
  return noise_by_evidence_ && deviation_ > 0 ? std::optional(deviation_) : std::nullopt;
}

void Laplace::report(Metrics& metrics) const {
  std::size_t covered = 0;
  for (const CurvatureBlock& block : blocks_) covered += block.eigenvalues.size();
  metrics.add("prior_variance", 1 / precision_, "");
  metrics.add("effective_parameters", effective_parameters(precision_, deviation_), "");
  metrics.add("parameters", static_cast<double>(covered), "");
  metrics.add("parameters_left_out", static_cast<double>(dimension_ - covered), "");
  if (noise_by_evidence_) metrics.add("noise_deviation", deviation_, "");
}

}  // namespace gapbench
