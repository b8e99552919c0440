#include "plugin/conformance/oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "core/lengths.h"
#include "gapbench/error.h"
#include "plugin/conformance/head_check.h"

namespace gapbench::plugin::conformance {
PlainMicroBatch::PlainMicroBatch(const Problem& problem, std::span<const float> w,
                                 std::vector<std::uint32_t> indices, Random random, Mode mode,
                                 Part part)
    : problem_(problem),
      w_(w.begin(), w.end()),
      indices_(std::move(indices)),
      random_(random),
      mode_(mode),
      part_(part),
      passes_(problem.make_passes(indices_.size())),
      point_(problem.make_point()) {
  point_->assign(w_);
}

PlainMicroBatch& PlainMicroBatch::under(std::span<const float> variances,
                                        const NoiseSource* noise) {
  variances_ = variances;
  noise_ = noise;
  if (!variances.empty()) point_->assign_variances(variances);
  return *this;
}

Examples PlainMicroBatch::examples(std::span<const std::uint32_t> indices) const {
  return {.part = part_, .indices = indices, .noise = noise_, .ones = ones_};
}

// Every question computes the outputs anew: slow, and right by construction.
Outputs PlainMicroBatch::forward() { return passes_->forward(*point_, examples(indices_), mode_); }

Outputs PlainMicroBatch::forward(const Head& head) {
  const Outputs z = forward();
  if (!trusts_heads_) require_derivatives(head, z);
  return z;
}

Outputs PlainMicroBatch::outputs() { return forward(); }

double PlainMicroBatch::value(const Head& head) {
  const double value = head.value(forward(), {});
  after_question_();
  return value;
}

double PlainMicroBatch::gradient(const Head& head, std::span<float> out) {
  require_length("gradient", "out", out.size(), dimension());
  const Outputs z = forward(head);
  Vector cotangent(z.values.size());
  const double value = head.value(z, cotangent);
  passes_->backward(cotangent, out);
  after_question_();
  return value;
}

void PlainMicroBatch::hessian_vector(const Head& head, std::span<const float> v,
                                     std::span<float> out) {
  require_length("hessian_vector", "v", v.size(), dimension());
  tangent_of_gradient(head, v, {}, out);
}

// d/dt of the gradient along w + t v and, where u is not empty, factors f + t u.
void PlainMicroBatch::tangent_of_gradient(const Head& head, std::span<const float> v,
                                          std::span<const float> u, std::span<float> out) {
  require_length("hessian_vector", "out", out.size(), dimension());
  const auto direction = problem_.make_point();
  direction->assign(v);
  const Outputs z = forward(head);
  Vector cotangent(z.values.size());
  head.value(z, cotangent);
  passes_->backward(cotangent, out);
  passes_->factor_tangents(u);
  const std::span<const float> tangent = passes_->tangent_forward(*direction);
  Vector cotangent_tangent(z.values.size());
  head.curvature(z, tangent, cotangent_tangent);
  passes_->tangent_backward(cotangent_tangent, out);
  after_question_();
}

double PlainMicroBatch::gradient_at(std::span<const float> w, const Head& head,
                                    std::span<float> out) {
  require_length("gradient_at", "w", w.size(), dimension());
  PlainMicroBatch there(problem_, w, indices_, random_, mode_, part_);
  there.under({}, noise_).with_ones(ones_);
  const double value = there.gradient(head, out);
  after_question_();
  return value;
}

// From the outputs' side alone, J^T (H_z (J v)): no backward pass of the head is involved.
void PlainMicroBatch::gauss_newton_vector(const Head& head, std::span<const float> v,
                                          std::span<float> out) {
  const Outputs z = forward(head);
  Vector tangent(z.values.size());
  jacobian_vector(v, tangent);
  Vector cotangent(tangent.size());
  head.fisher(forward(), tangent, cotangent);
  vector_jacobian(cotangent, out);
}

template <class F>
void PlainMicroBatch::for_each_gradient(const Head& head, F f) {
  if (mode_ == Mode::training && problem_.couples_examples()) {
    throw Error("gradients of single examples", "the problem couples its examples");
  }
  Vector g(dimension());
  Vector cotangent(problem_.width());
  for (std::size_t i = 0; i < size(); ++i) {
    Outputs z = passes_->forward(*point_, examples(std::span(indices_).subspan(i, 1)), mode_);
    z.first = i;
    head.value(z, cotangent);
    passes_->backward(cotangent, g);
    f(g);
  }
  after_question_();
}

void PlainMicroBatch::example_gradient_norms(const Head& head, std::span<double> out) {
  require_length("example_gradient_norms", "out", out.size(), size());
  std::size_t i = 0;
  for_each_gradient(head, [&](const Vector& g) { out[i++] = dot(g, g); });
}

void PlainMicroBatch::example_gradient_squares(const Head& head, std::span<float> out) {
  require_length("example_gradient_squares", "out", out.size(), dimension());
  std::vector<double> sums(dimension());
  for_each_gradient(head, [&](const Vector& g) {
    for (std::size_t p = 0; p < g.size(); ++p) sums[p] += double{g[p]} * g[p];
  });
  for (std::size_t p = 0; p < out.size(); ++p) {
    out[p] = static_cast<float>(sums[p] / static_cast<double>(size()));
  }
}

std::size_t PlainMicroBatch::noise_entries() const noexcept {
  std::size_t entries = 0;
  for (const NoiseSite& site : noise_sites()) entries += site.size;
  return entries;
}

const NoiseSource* PlainMicroBatch::factors_or_ones() const {
  static const PlainNoise ones(At::no_noise);
  if (!problem_.has_factor_derivatives() || noise_sites().empty()) {
    throw Error("noise sites", "the problem has none whose factors could be varied");
  }
  return noise_ != nullptr ? noise_ : &ones;
}

void PlainMicroBatch::noise_gradient(const Head& head, std::span<float> out) {
  require_length("noise_gradient", "out", out.size(), size() * noise_entries());
  noise_ = factors_or_ones();
  Vector unused(dimension());
  gradient(head, unused);
  passes_->factor_gradient(out);
  for (float& x : out) x *= static_cast<float>(size());
}

void PlainMicroBatch::noise_hessian_vector(const Head& head, std::span<const float> u,
                                           std::span<float> out) {
  require_length("noise_hessian_vector", "u", u.size(), size() * noise_entries());
  noise_ = factors_or_ones();
  tangent_of_gradient(head, Vector(dimension()), u, out);
}

void PlainMicroBatch::variance_gradient(std::span<float> out) {
  require_length("variance_gradient", "out", out.size(), dimension());
  if (variances_.empty()) throw Error("variance_gradient", "there are no At::variances");
  passes_->variance_gradient(out);
}

void PlainMicroBatch::kronecker_factors(const Head& head, std::size_t layer, std::span<float> a,
                                        std::span<float> g) {
  if (layer >= kronecker_layers().size()) throw Error("kronecker_factors", "no such layer");
  const KroneckerLayer& asked = kronecker_layers()[layer];
  require_length("kronecker_factors", "a", a.size(), asked.inputs * asked.inputs);
  require_length("kronecker_factors", "g", g.size(), asked.outputs * asked.outputs);
  Vector unused(dimension());
  gradient(head, unused);
  passes_->kronecker_factors(layer, a, g);
  const auto n = static_cast<float>(size());
  for (float& x : g) x *= n * n;
  after_question_();
}

std::span<const std::int32_t> PlainMicroBatch::sampled_labels(std::string_view purpose) {
  labels_.resize(size());
  if (label_w_.empty()) {
    sample_labels(forward(), random(purpose), labels_);
  } else {
    PlainMicroBatch there(problem_, label_w_, indices_, random_, mode_, part_);
    sample_labels(there.outputs(), random(purpose), labels_);
  }
  after_question_();
  return labels_;
}

void PlainMicroBatch::jacobian_vector(std::span<const float> v, std::span<float> out) {
  require_length("jacobian_vector", "v", v.size(), dimension());
  require_length("jacobian_vector", "out", out.size(), size() * problem_.width());
  const auto direction = problem_.make_point();
  direction->assign(v);
  forward();
  const std::span<const float> tangent = passes_->tangent_forward(*direction);
  std::copy(tangent.begin(), tangent.end(), out.begin());
  after_question_();
}

// Not a number until written: a hook that reads what it never wrote is found out.
std::span<float> PlainMicroBatch::scratch(std::size_t which) {
  Vector& buffer = scratch_.at(which);
  if (buffer.empty()) buffer.assign(dimension(), std::numeric_limits<float>::quiet_NaN());
  return buffer;
}

void PlainMicroBatch::vector_jacobian(std::span<const float> u, std::span<float> out) {
  require_length("vector_jacobian", "u", u.size(), size() * problem_.width());
  require_length("vector_jacobian", "out", out.size(), dimension());
  forward();
  passes_->backward(u, out);
  after_question_();
}

double PlainMiniBatch::mean_over(std::size_t examples, const MicroBatchPenalty& f,
                                 std::span<float> gradient) {
  if (examples == 0) throw Error("micro_batch", "0 asked of the mini-batch; must be at least 1");
  require_length_or_none("mean_over", "gradient", gradient.size(), dimension());
  examples = std::min(examples, size());
  const std::size_t count = (size() + examples - 1) / examples;
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t first = k * examples;
    PlainMicroBatch part(problem_, w_, part_of(indices_, first, std::min(examples, size() - first)),
                         random_.at("part", k));
    part.at_place({k, count, 1}).draws_labels_at(label_w_).after_questions(after_question_);
    const double weight = static_cast<double>(part.size()) / static_cast<double>(size());
    Vector term(gradient.empty() ? 0 : dimension());
    sum += weight * f(part, term);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] += static_cast<float>(weight * term[i]);
    }
  }
  return sum;
}

}  // namespace gapbench::plugin::conformance
