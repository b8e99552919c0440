#include "train/oracle.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/lengths.h"
#include "gapbench/error.h"
#include "train/example_norms.h"
#include "train/noise.h"

namespace gapbench::train {

Slot::Slot(const Problem& problem, std::size_t dimension, std::size_t capacity)
    : tangent(problem.make_point()), problem_(problem), term_(dimension) {
  reserve(capacity);
}

std::span<float> Slot::term(std::size_t size) {
  if (term_.size() < size) term_.resize(size);
  return std::span(term_).first(size);
}

void Slot::reserve(std::size_t examples) {
  if (examples <= capacity_) return;
  capacity_ = examples;
  passes = problem_.make_passes(capacity_);
  cotangent.resize(capacity_ * problem_.width());
  cotangent_scratch.resize(capacity_ * problem_.width());
  example_norms.resize(capacity_);
  labels.resize(capacity_);
}

OracleMicroBatch::OracleMicroBatch(Slot& slot, const Problem& problem, const Point& point,
                                   const Examples& examples, Mode mode, Random random,
                                   const Context& context)
    : slot_(slot),
      problem_(problem),
      point_(point),
      examples_(examples),
      mode_(mode),
      random_(random),
      context_(context) {
  slot_.reserve(computed());
}

OracleMicroBatch::OracleMicroBatch(Slot& slot, const Problem& problem, const Point& point,
                                   const Examples& examples, Mode mode, Random random)
    : OracleMicroBatch(slot, problem, point, examples, mode, random, Context()) {}

std::span<float> OracleMicroBatch::cotangent() {
  return std::span(slot_.cotangent).first(computed() * problem_.width());
}

std::span<float> OracleMicroBatch::cotangent_scratch() {
  return std::span(slot_.cotangent_scratch).first(computed() * problem_.width());
}

// What is computed together [computed, width], and what of it this micro-batch consists of.
std::span<const float> OracleMicroBatch::of_window(std::span<const float> all) const {
  const std::size_t width = problem_.width();
  return all.subspan(context_.window.first * width, size() * width);
}

// For a cotangent: the other examples have none.
std::span<float> OracleMicroBatch::cleared_window(std::span<float> all) const {
  if (size() < computed()) std::ranges::fill(all, 0.0F);
  const std::size_t width = problem_.width();
  return all.subspan(context_.window.first * width, size() * width);
}

Outputs OracleMicroBatch::narrowed(const Outputs& all) const {
  Outputs z{size(), all.width, of_window(all.values), all.labels, all.targets, context_.first};
  if (!z.labels.empty()) z.labels = z.labels.subspan(context_.window.first, size());
  if (!z.targets.empty()) z.targets = of_window(all.targets);
  if (!all.shares.empty()) {
    z.partner_labels = all.partner_labels.subspan(context_.window.first, size());
    z.shares = all.shares.subspan(context_.window.first, size());
  } else if (examples_.noise != nullptr && examples_.noise->mixes_examples()) {
    throw Error("problem", "its passes do not heed NoiseSource::mixes_examples()");
  }
  return z;
}

Outputs OracleMicroBatch::outputs() {
  if (forward_done_) return outputs_;
  outputs_ = narrowed(slot_.passes->forward(point_, examples_, mode_));
  slot_.counts.forward += counted();
  forward_done_ = true;
  const auto measured = slot_.passes->statistics();
  if (mode_ == Mode::training && measured.size() != problem_.buffers().size()) {
    throw Error("problem", fmt::format("its passes measure {} statistics, it has {} buffers",
                                       measured.size(), problem_.buffers().size()));
  }
  if (!context_.statistics.empty()) std::ranges::copy(measured, context_.statistics.begin());
  has_measured_ = true;
  return outputs_;
}

double OracleMicroBatch::value(const Head& head) { return head.value(outputs(), {}); }

// A head is recognized by the cotangent it gives, not by its address: two heads may share one
// address in turn, and one head may change between two questions.
bool OracleMicroBatch::is_last_cotangent(std::span<const float> other) {
  return backward_done_ && std::ranges::equal(cotangent(), other);
}

// Of what stands in cotangent().
void OracleMicroBatch::backward(std::span<float> out) {
  slot_.passes->backward(cotangent(), out);
  slot_.counts.backward += counted();
  backward_done_ = true;
  has_kept_gradient_ = false;
}

double OracleMicroBatch::gradient(const Head& head, std::span<float> out) {
  require_length("gradient", "out", out.size(), dimension());
  const double value = head.value(outputs(), cleared_window(cotangent_scratch()));
  if (has_kept_gradient_ && is_last_cotangent(cotangent_scratch())) {
    std::ranges::copy(slot_.kept_gradient, out.begin());
    return value;
  }
  std::ranges::copy(cotangent_scratch(), cotangent().begin());
  backward(out);
  if (context_.repeats_gradient) {
    slot_.kept_gradient.assign(out.begin(), out.end());
    has_kept_gradient_ = true;
  }
  return value;
}

double OracleMicroBatch::gradient_at(std::span<const float> w, const Head& head,
                                     std::span<float> out) {
  require_length("gradient_at", "w", w.size(), dimension());
  require_length("gradient_at", "out", out.size(), dimension());
  refuse_variances("gradient_at");
  if (slot_.elsewhere == nullptr) slot_.elsewhere = problem_.make_point();
  slot_.elsewhere->assign(w);
  if (mode_ == Mode::evaluation && !context_.running_statistics.empty()) {
    slot_.elsewhere->assign_buffers(context_.running_statistics);
  }
  const Outputs z = narrowed(slot_.passes->forward(*slot_.elsewhere, examples_, mode_));
  slot_.counts.forward += counted();
  const double value = head.value(z, cleared_window(cotangent()));
  backward(out);
  forward_done_ = false;
  backward_done_ = false;
  return value;
}

void OracleMicroBatch::ensure_backward(const Head& head, std::span<float> scratch) {
  head.value(outputs(), cleared_window(cotangent_scratch()));
  if (is_last_cotangent(cotangent_scratch())) return;
  std::ranges::copy(cotangent_scratch(), cotangent().begin());
  backward(scratch);
}

std::span<const float> OracleMicroBatch::ensure_tangent(std::span<const float> v) {
  slot_.tangent->assign(v);
  slot_.counts.tangent_forward += counted();
  return slot_.passes->tangent_forward(*slot_.tangent);
}

void OracleMicroBatch::hessian_vector(const Head& head, std::span<const float> v,
                                      std::span<float> out) {
  require_length("hessian_vector", "v", v.size(), dimension());
  require_length("hessian_vector", "out", out.size(), dimension());
  refuse_variances("hessian_vector");
  ensure_backward(head, out);
  const auto tangent = of_window(ensure_tangent(v));
  head.curvature(outputs_, tangent, cleared_window(cotangent_scratch()));
  slot_.passes->tangent_backward(cotangent_scratch(), out);
  slot_.counts.tangent_backward += counted();
}

void OracleMicroBatch::gauss_newton_vector(const Head& head, std::span<const float> v,
                                           std::span<float> out) {
  require_length("gauss_newton_vector", "v", v.size(), dimension());
  require_length("gauss_newton_vector", "out", out.size(), dimension());
  refuse_variances("gauss_newton_vector");
  outputs();
  head.fisher(outputs_, of_window(ensure_tangent(v)), cleared_window(cotangent()));
  backward(out);
}

void OracleMicroBatch::example_gradient_norms(const Head& head, std::span<double> out) {
  require_length("example_gradient_norms", "out", out.size(), size());
  require_uncoupled(problem_, mode_);
  refuse_variances("example_gradient_norms");
  if (problem_.has_example_norms()) return shared_example_norms(head, out);
  example_norms_one_by_one(slot_, problem_, point_, own_examples(), mode_, context_.first, head,
                           out);
}

Examples OracleMicroBatch::own_examples() const {
  Examples own = examples_;
  own.indices = own.indices.subspan(context_.window.first, size());
  return own;
}

// On this micro-batch's activations, by the cotangent of the head, which is a mean over n examples:
// an example's part of it is 1/n of what it would be alone. Counted as a whole backward also where
// its data half has just been done.
void OracleMicroBatch::shared_example_norms(const Head& head, std::span<double> out) {
  const double before = slot_.counts.backward;
  ensure_backward(head, {});
  slot_.counts.backward = before + counted();
  const auto all = std::span(slot_.example_norms).first(computed());
  slot_.passes->example_norms(all);
  const auto n = static_cast<double>(size());
  for (std::size_t i = 0; i < size(); ++i) out[i] = n * n * all[context_.window.first + i];
}

// As the norms; the sum runs over all that is computed, and others have no cotangent.
void OracleMicroBatch::example_gradient_squares(const Head& head, std::span<float> out) {
  require_length("example_gradient_squares", "out", out.size(), dimension());
  require_uncoupled(problem_, mode_);
  refuse_variances("example_gradient_squares");
  const auto n = static_cast<double>(size());
  if (problem_.has_example_squares()) {
    const double before = slot_.counts.backward;
    ensure_backward(head, {});
    slot_.counts.backward = before + 2 * counted();
    slot_.passes->example_squares(out);
    for (float& x : out) x = static_cast<float>(n * x);
    return;
  }
  example_squares_one_by_one(slot_, problem_, point_, own_examples(), mode_, context_.first, head,
                             out);
}

std::size_t OracleMicroBatch::noise_entries() const noexcept {
  std::size_t entries = 0;
  for (const NoiseSite& site : noise_sites()) entries += site.size;
  return entries;
}

// Factors can be varied where passes keep them: without noise those of ones are put in place.
void OracleMicroBatch::ensure_noise() {
  if (!problem_.has_factor_derivatives() || noise_sites().empty()) {
    throw Error("noise sites", "the problem has none whose factors could be varied");
  }
  if (examples_.noise != nullptr) return;
  static const NoNoise ones;
  examples_.noise = &ones;
  forward_done_ = false;
  backward_done_ = false;
}

void OracleMicroBatch::noise_gradient(const Head& head, std::span<float> out) {
  const std::size_t entries = noise_entries();
  require_length("noise_gradient", "out", out.size(), size() * entries);
  ensure_noise();
  ensure_backward(head, {});
  slot_.factors.resize(computed() * entries);
  slot_.passes->factor_gradient(slot_.factors);
  const auto own = std::span(slot_.factors).subspan(context_.window.first * entries, out.size());
  const auto n = static_cast<float>(size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = n * own[i];
}

void OracleMicroBatch::noise_hessian_vector(const Head& head, std::span<const float> u,
                                            std::span<float> out) {
  const std::size_t entries = noise_entries();
  require_length("noise_hessian_vector", "u", u.size(), size() * entries);
  require_length("noise_hessian_vector", "out", out.size(), dimension());
  refuse_variances("noise_hessian_vector");
  ensure_noise();
  ensure_backward(head, out);
  slot_.factors.assign(computed() * entries, 0);
  std::ranges::copy(u, std::span(slot_.factors).subspan(context_.window.first * entries).begin());
  slot_.zeros.resize(dimension());
  slot_.passes->factor_tangents(slot_.factors);
  hessian_vector(head, slot_.zeros, out);
  slot_.passes->factor_tangents({});
}

void OracleMicroBatch::variance_gradient(std::span<float> out) {
  require_length("variance_gradient", "out", out.size(), dimension());
  if (!context_.has_variances || !backward_done_) {
    throw Error("variance_gradient",
                "is that of the last gradient() under At::variances; there "
                "was none");
  }
  slot_.passes->variance_gradient(out);
}

void OracleMicroBatch::refuse_variances(const char* question) const {
  if (!context_.has_variances) return;
  throw Error(question, "cannot be asked under At::variances; gradients and values can");
}

// Of a part of a normalized group both are means over the whole group.
void OracleMicroBatch::kronecker_factors(const Head& head, std::size_t layer, std::span<float> a,
                                         std::span<float> g) {
  if (layer >= kronecker_layers().size()) {
    throw Error("kronecker_factors", fmt::format("layer {} asked; the problem has {}", layer,
                                                 kronecker_layers().size()));
  }
  const KroneckerLayer& asked = kronecker_layers()[layer];
  require_length("kronecker_factors", "a", a.size(), asked.inputs * asked.inputs);
  require_length("kronecker_factors", "g", g.size(), asked.outputs * asked.outputs);
  refuse_variances("kronecker_factors");
  ensure_backward(head, {});
  slot_.passes->kronecker_factors(layer, a, g);
  const auto n = static_cast<float>(size());
  for (float& x : g) x *= n * n;
}

std::span<const std::int32_t> OracleMicroBatch::sampled_labels(std::string_view purpose) {
  const auto labels = std::span(slot_.labels).first(size());
  sample_labels(outputs(), random(purpose), labels);
  return labels;
}

void OracleMicroBatch::jacobian_vector(std::span<const float> v, std::span<float> out) {
  require_length("jacobian_vector", "v", v.size(), dimension());
  require_length("jacobian_vector", "out", out.size(), size() * problem_.width());
  refuse_variances("jacobian_vector");
  outputs();
  std::ranges::copy(of_window(ensure_tangent(v)), out.begin());
}

void OracleMicroBatch::vector_jacobian(std::span<const float> u, std::span<float> out) {
  require_length("vector_jacobian", "u", u.size(), size() * problem_.width());
  require_length("vector_jacobian", "out", out.size(), dimension());
  outputs();
  std::ranges::copy(u, cleared_window(cotangent()).begin());
  backward(out);
}

std::span<float> OracleMicroBatch::scratch(std::size_t which) {
  auto& buffer = slot_.scratch.at(which);
  buffer.resize(dimension());
  return buffer;
}

double flops_of(const PassCounts& counts, const PassFlops& per_example) {
  return counts.forward * per_example.forward + counts.backward * per_example.backward +
         counts.tangent_forward * per_example.tangent_forward +
         counts.tangent_backward * per_example.tangent_backward;
}

}  // namespace gapbench::train
