#include "train/oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "gapbench/error.h"
#include "train/example_norms.h"

namespace gapbench::train {

Slot::Slot(const Problem& problem, std::size_t dimension, std::size_t capacity)
    : tangent(problem.make_point()), gradient(dimension), problem_(problem) {
  reserve(capacity);
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
  return z;
}

Outputs OracleMicroBatch::outputs() {
  if (forward_done_) return outputs_;
  outputs_ = narrowed(slot_.passes->forward(point_, examples_, mode_));
  slot_.counts.forward += static_cast<double>(computed());
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
  slot_.counts.backward += static_cast<double>(computed());
  backward_done_ = true;
  has_kept_gradient_ = false;
}

double OracleMicroBatch::gradient(const Head& head, std::span<float> out) {
  assert(out.size() == dimension());
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
  assert(w.size() == dimension() && out.size() == dimension() && mode_ == Mode::training);
  if (slot_.elsewhere == nullptr) slot_.elsewhere = problem_.make_point();
  slot_.elsewhere->assign(w);
  const Outputs z = narrowed(slot_.passes->forward(*slot_.elsewhere, examples_, mode_));
  slot_.counts.forward += static_cast<double>(computed());
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
  assert(v.size() == dimension());
  slot_.tangent->assign(v);
  slot_.counts.tangent_forward += static_cast<double>(computed());
  return slot_.passes->tangent_forward(*slot_.tangent);
}

void OracleMicroBatch::hessian_vector(const Head& head, std::span<const float> v,
                                      std::span<float> out) {
  assert(out.size() == dimension());
  ensure_backward(head, out);
  const auto tangent = of_window(ensure_tangent(v));
  head.curvature(outputs_, tangent, cleared_window(cotangent_scratch()));
  slot_.passes->tangent_backward(cotangent_scratch(), out);
  slot_.counts.tangent_backward += static_cast<double>(computed());
}

void OracleMicroBatch::gauss_newton_vector(const Head& head, std::span<const float> v,
                                           std::span<float> out) {
  assert(out.size() == dimension());
  outputs();
  head.curvature(outputs_, of_window(ensure_tangent(v)), cleared_window(cotangent()));
  backward(out);
}

void OracleMicroBatch::example_gradient_norms(const Head& head, std::span<double> out) {
  assert(out.size() == size());
  require_uncoupled(problem_, mode_);
  if (problem_.has_example_norms()) return shared_example_norms(head, out);
  Examples own = examples_;
  own.indices = own.indices.subspan(context_.window.first, size());
  example_norms_one_by_one(slot_, problem_, point_, own, mode_, context_.first, head, out);
}

// On this micro-batch's activations, by the cotangent of the head, which is a mean over n examples:
// an example's part of it is 1/n of what it would be alone. Counted as a whole backward also where
// its data half has just been done.
void OracleMicroBatch::shared_example_norms(const Head& head, std::span<double> out) {
  const double before = slot_.counts.backward;
  ensure_backward(head, {});
  slot_.counts.backward = before + static_cast<double>(computed());
  const auto all = std::span(slot_.example_norms).first(computed());
  slot_.passes->example_norms(all);
  const auto n = static_cast<double>(size());
  for (std::size_t i = 0; i < size(); ++i) out[i] = n * n * all[context_.window.first + i];
}

// Of a part of a normalized group both are means over the whole group.
void OracleMicroBatch::kronecker_factors(const Head& head, std::size_t layer, std::span<float> a,
                                         std::span<float> g) {
  assert(layer < kronecker_layers().size());
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
  outputs();
  std::ranges::copy(of_window(ensure_tangent(v)), out.begin());
}

void OracleMicroBatch::vector_jacobian(std::span<const float> u, std::span<float> out) {
  assert(u.size() == size() * problem_.width() && out.size() == dimension());
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
