// What passes may answer beside their four: example by example, by noise factors, in factors.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "plugin/conformance/problem_passes.h"

namespace gapbench::plugin::conformance {
namespace {

/// f = 1 + scale u, u [examples, entries] as the passes are given it.
class FactorsAlong final : public NoiseSource {
 public:
  FactorsAlong(const Problem& problem, std::span<const std::uint32_t> indices, const Vector& u,
               double scale)
      : problem_(problem), indices_(indices), u_(u), scale_(scale) {}

  void factors(std::size_t site, std::uint32_t example, std::span<float> out) const override {
    const auto sites = problem_.noise_sites();
    std::size_t entries = 0;
    std::size_t first = 0;
    for (std::size_t s = 0; s < sites.size(); ++s) {
      if (s < site) first += sites[s].size;
      entries += sites[s].size;
    }
    const auto row = std::find(indices_.begin(), indices_.end(), example) - indices_.begin();
    const std::size_t at = static_cast<std::size_t>(row) * entries + first;
    for (std::size_t e = 0; e < out.size(); ++e) {
      out[e] = static_cast<float>(1 + scale_ * u_[at + e]);
    }
  }
  void normals(std::size_t, std::uint32_t, std::span<float> out) const override {
    std::fill(out.begin(), out.end(), 0.0F);
  }

 private:
  const Problem& problem_;
  std::span<const std::uint32_t> indices_;
  const Vector& u_;
  double scale_;
};

}  // namespace

// Under the part of the cotangent that is example i's.
Vector ProblemPasses::gradient_of_example(Passes& passes, const Vector& cotangent,
                                          std::size_t i) const {
  const std::size_t width = problem_.width();
  Vector own(cotangent.size());
  std::copy_n(cotangent.begin() + static_cast<std::ptrdiff_t>(i * width), width,
              own.begin() + static_cast<std::ptrdiff_t>(i * width));
  Vector gradient(w_.size());
  passes.backward(own, gradient);
  return gradient;
}

Finding ProblemPasses::example_norms_fit_gradients() const {
  const auto point = problem_.make_point();
  point->assign(w_);
  const auto passes = problem_.make_passes(indices_.size());
  passes->forward(*point, {.indices = indices_}, mode_);
  const Vector cotangent = normal_vector(indices_.size() * problem_.width(), Random(17));
  std::vector<double> norms(indices_.size());
  passes->backward(cotangent, {});
  passes->example_norms(norms);
  for (std::size_t i = 0; i < norms.size(); ++i) {
    const Vector alone = gradient_of_example(*passes, cotangent, i);
    const double right = dot(alone, alone);
    if (std::abs(norms[i] - right) <= 1e-3 * right) continue;
    return fmt::format("example {} has {}, its gradient {}", i, norms[i], right);
  }
  return std::nullopt;
}

Finding ProblemPasses::example_squares_fit_gradients() const {
  const auto point = problem_.make_point();
  point->assign(w_);
  const auto passes = problem_.make_passes(indices_.size());
  passes->forward(*point, {.indices = indices_}, mode_);
  const Vector cotangent = normal_vector(indices_.size() * problem_.width(), Random(18));
  Vector squares(w_.size());
  passes->backward(cotangent, {});
  passes->example_squares(squares);
  std::vector<double> right(w_.size());
  for (std::size_t i = 0; i < indices_.size(); ++i) {
    const Vector alone = gradient_of_example(*passes, cotangent, i);
    for (std::size_t p = 0; p < alone.size(); ++p) right[p] += double{alone[p]} * alone[p];
  }
  const double largest = *std::max_element(right.begin(), right.end());
  for (std::size_t p = 0; p < right.size(); ++p) {
    if (std::abs(squares[p] - right[p]) <= 1e-3 * right[p] + 1e-6 * largest) continue;
    return fmt::format("parameter {} has {}, the gradients of the examples {}", p, squares[p],
                       right[p]);
  }
  return std::nullopt;
}

Vector ProblemPasses::factor_direction(std::uint64_t k) const {
  std::size_t entries = 0;
  for (const NoiseSite& site : problem_.noise_sites()) entries += site.size;
  return normal_vector(indices_.size() * entries, Random(19).at("factors", k));
}

Finding ProblemPasses::factor_gradient_fits_value() const {
  constexpr std::size_t tries = 4;
  std::size_t agreed = 0;
  std::string worst;
  for (std::size_t k = 0; k < tries; ++k) {
    const Vector u = factor_direction(k);
    const auto loss_at = [&](double scale) {
      const FactorsAlong noise(problem_, indices_, u, scale);
      PlainMicroBatch there = at(w_);
      return there.under({}, &noise).value(problem_.loss());
    };
    Vector gradient(u.size());
    at(w_).noise_gradient(problem_.loss(), gradient);
    for (float& x : gradient) x /= static_cast<float>(indices_.size());
    const double difference = (loss_at(difference_step) - loss_at(-difference_step));
    const double predicted = 2 * difference_step * dot(gradient, u);
    const double allowed = difference_tolerance * 2 * difference_step * norm(gradient) * norm(u) +
                           1e-6 * std::max(1.0, std::abs(loss_at(0)));
    if (std::abs(difference - predicted) <= allowed) {
      ++agreed;
    } else {
      worst = fmt::format("along the factors the loss changes by {} where their gradient says {}",
                          difference, predicted);
    }
  }
  if (mostly(agreed, tries)) return std::nullopt;
  return worst;
}

Finding ProblemPasses::factor_tangents_fit_gradient() const {
  constexpr std::size_t tries = 4;
  std::size_t agreed = 0;
  std::string worst;
  for (std::size_t k = 0; k < tries; ++k) {
    const Vector u = factor_direction(k);
    const auto gradient_along = [&](double scale) {
      const FactorsAlong noise(problem_, indices_, u, scale);
      Vector out(w_.size());
      PlainMicroBatch there = at(w_);
      there.under({}, &noise).gradient(problem_.loss(), out);
      return out;
    };
    const Vector difference =
        shifted(gradient_along(difference_step), -1, gradient_along(-difference_step));
    Vector product(w_.size());
    at(w_).noise_hessian_vector(problem_.loss(), u, product);
    const Vector predicted = shifted(Vector(w_.size()), 2 * difference_step, product);
    const double error = distance(difference, predicted);
    const double noise = 1e-6 * norm(gradient(w_));
    if (error <= 1e-2 * norm(predicted) + noise) {
      ++agreed;
    } else {
      worst = fmt::format(
          "the mixed product and the difference of gradients are {} apart, of "
          "length {} and {}",
          error, norm(predicted), norm(difference));
    }
  }
  if (mostly(agreed, tries)) return std::nullopt;
  return worst;
}

Finding ProblemPasses::kronecker_layers_fit_tensors() const {
  const auto tensors = problem_.tensors();
  const auto layers = problem_.kronecker_layers();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const auto [tensor, inputs, outputs, positions] = layers[l];
    if (tensor >= tensors.size() || tensors[tensor].shape.empty()) {
      return fmt::format("layer {} names tensor {} of {}", l, tensor, tensors.size());
    }
    if (positions == 0) return fmt::format("layer {} has no position", l);
    const TensorInfo& weight = tensors[tensor];
    const std::size_t columns = weight.size / weight.shape[0];
    if (outputs == weight.shape[0] && (inputs == columns || inputs == columns + 1)) continue;
    return fmt::format("{} has {} rows and {} columns, its factors {} and {}", weight.name,
                       weight.shape[0], columns, outputs, inputs);
  }
  return std::nullopt;
}

}  // namespace gapbench::plugin::conformance
