#include "plugin/conformance/oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "gapbench/error.h"

namespace gapbench::plugin::conformance {
namespace {

constexpr std::size_t batch_examples = 32;
constexpr std::size_t micro_examples = 16;
constexpr std::uint64_t seed = 11;

std::vector<std::uint32_t> drawn_without_repeats(std::size_t available, Random random) {
  std::vector<std::uint32_t> order(available);
  std::iota(order.begin(), order.end(), 0U);
  random.shuffle(order);
  return order;
}

std::vector<std::uint32_t> part_of(const std::vector<std::uint32_t>& all, std::size_t first,
                                   std::size_t count) {
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

// Draws with repeats are fine for a mini-batch: only its being a function of the step matters.
std::vector<std::uint32_t> batch_indices(const Problem& problem, std::uint64_t index) {
  Random random = Random(seed).at("batch", index);
  std::vector<std::uint32_t> indices(batch_examples);
  for (auto& i : indices) {
    i = static_cast<std::uint32_t>(random.below(problem.examples(Part::train)));
  }
  return indices;
}

}  // namespace

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

// Every question computes the outputs anew: slow, and right by construction.
Outputs PlainMicroBatch::forward() {
  return passes_->forward(*point_, {.part = part_, .indices = indices_}, mode_);
}

Outputs PlainMicroBatch::outputs() { return forward(); }

double PlainMicroBatch::value(const Head& head) { return head.value(forward(), {}); }

double PlainMicroBatch::gradient(const Head& head, std::span<float> out) {
  const Outputs z = forward();
  Vector cotangent(z.values.size());
  const double value = head.value(z, cotangent);
  passes_->backward(cotangent, out);
  return value;
}

void PlainMicroBatch::hessian_vector(const Head& head, std::span<const float> v,
                                     std::span<float> out) {
  const auto direction = problem_.make_point();
  direction->assign(v);
  const Outputs z = forward();
  Vector cotangent(z.values.size());
  head.value(z, cotangent);
  passes_->backward(cotangent, out);
  const std::span<const float> tangent = passes_->tangent_forward(*direction);
  Vector cotangent_tangent(z.values.size());
  head.curvature(z, tangent, cotangent_tangent);
  passes_->tangent_backward(cotangent_tangent, out);
}

double PlainMicroBatch::gradient_at(std::span<const float> w, const Head& head,
                                    std::span<float> out) {
  return PlainMicroBatch(problem_, w, indices_, random_, mode_, part_).gradient(head, out);
}

// From the outputs' side alone, J^T (H_z (J v)): no backward pass of the head is involved.
void PlainMicroBatch::gauss_newton_vector(const Head& head, std::span<const float> v,
                                          std::span<float> out) {
  const Outputs z = forward();
  Vector tangent(z.values.size());
  jacobian_vector(v, tangent);
  Vector cotangent(tangent.size());
  head.curvature(forward(), tangent, cotangent);
  vector_jacobian(cotangent, out);
}

void PlainMicroBatch::example_gradient_norms(const Head& head, std::span<double> out) {
  if (mode_ == Mode::training && problem_.couples_examples()) {
    throw Error("gradients of single examples", "the problem couples its examples");
  }
  Vector g(dimension());
  Vector cotangent(problem_.width());
  for (std::size_t i = 0; i < size(); ++i) {
    const std::span<const std::uint32_t> one = std::span(indices_).subspan(i, 1);
    Outputs z = passes_->forward(*point_, {.part = part_, .indices = one}, mode_);
    z.first = i;
    head.value(z, cotangent);
    passes_->backward(cotangent, g);
    out[i] = dot(g, g);
  }
}

void PlainMicroBatch::kronecker_factors(const Head& head, std::size_t layer, std::span<float> a,
                                        std::span<float> g) {
  Vector unused(dimension());
  gradient(head, unused);
  passes_->kronecker_factors(layer, a, g);
  const auto n = static_cast<float>(size());
  for (float& x : g) x *= n * n;
}

std::span<const std::int32_t> PlainMicroBatch::sampled_labels(std::string_view purpose) {
  labels_.resize(size());
  if (label_w_.empty()) {
    sample_labels(forward(), random(purpose), labels_);
  } else {
    PlainMicroBatch there(problem_, label_w_, indices_, random_, mode_, part_);
    sample_labels(there.outputs(), random(purpose), labels_);
  }
  return labels_;
}

void PlainMicroBatch::jacobian_vector(std::span<const float> v, std::span<float> out) {
  const auto direction = problem_.make_point();
  direction->assign(v);
  forward();
  const std::span<const float> tangent = passes_->tangent_forward(*direction);
  std::copy(tangent.begin(), tangent.end(), out.begin());
}

// Not a number until written: a hook that reads what it never wrote is found out.
std::span<float> PlainMicroBatch::scratch(std::size_t which) {
  Vector& buffer = scratch_.at(which);
  if (buffer.empty()) buffer.assign(dimension(), std::numeric_limits<float>::quiet_NaN());
  return buffer;
}

void PlainMicroBatch::vector_jacobian(std::span<const float> u, std::span<float> out) {
  forward();
  passes_->backward(u, out);
}

double PlainMiniBatch::mean_over(std::size_t examples, const MicroBatchPenalty& f,
                                 std::span<float> gradient) {
  if (examples == 0) throw Error("micro_batch", "0 asked of the mini-batch; must be at least 1");
  examples = std::min(examples, size());
  const std::size_t count = (size() + examples - 1) / examples;
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t first = k * examples;
    PlainMicroBatch part(problem_, w_, part_of(indices_, first, std::min(examples, size() - first)),
                         random_.at("part", k));
    part.at_place({k, count, 1}).draws_labels_at(label_w_);
    const double weight = static_cast<double>(part.size()) / static_cast<double>(size());
    Vector term(gradient.empty() ? 0 : dimension());
    sum += weight * f(part, term);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] += static_cast<float>(weight * term[i]);
    }
  }
  return sum;
}

PlainStep::PlainStep(const Problem& problem, std::span<float> w, std::uint64_t index,
                     double schedule)
    : problem_(problem), w_(w), index_(index), schedule_(schedule) {}

PlainMicroBatch PlainStep::batch(std::span<const float> w) const {
  return {problem_, w, batch_indices(problem_, index_), random("batch")};
}

double PlainStep::gradient_at(std::span<const float> w, std::span<float> out) {
  ++questions_;
  return batch(w).gradient(problem_.loss(), out);
}

double PlainStep::value_at(std::span<const float> w) {
  ++questions_;
  return batch(w).value(problem_.loss());
}

void PlainStep::hessian_vector(std::span<const float> v, std::span<float> out) {
  ++questions_;
  batch(w_).hessian_vector(problem_.loss(), v, out);
}

std::size_t PlainStep::micro_batches() const noexcept { return batch_examples / micro_examples; }

void PlainStep::for_each_micro_batch(const std::function<void(MicroBatch&, std::size_t)>& f) {
  ++questions_;
  const auto indices = batch_indices(problem_, index_);
  for (std::size_t k = 0; k < micro_batches(); ++k) {
    PlainMicroBatch part(problem_, w_, part_of(indices, k * micro_examples, micro_examples),
                         random("micro").at("place", k));
    f(part, k);
  }
}

double PlainStep::epoch() const noexcept {
  return static_cast<double>(index_ * batch_examples) / static_cast<double>(training_examples());
}

std::size_t PlainStep::batch_size() const noexcept { return batch_examples; }

std::size_t PlainStep::training_examples() const noexcept { return problem_.examples(Part::train); }

Random PlainStep::random(std::string_view purpose) const {
  return Random(seed).at(purpose, index_);
}

void PlainSnapshot::for_each_micro_batch(const Sample& sample,
                                         const std::function<void(MicroBatch&, std::size_t)>& f) {
  const std::size_t available = training_examples();
  if (sample.size == 0 || sample.count > available / sample.size) {
    throw Error("probe", fmt::format("asks for {} micro-batches of {} examples, there are {}",
                                     sample.count, sample.size, available));
  }
  const Random key = sample.fixed ? Random(seed) : random("sample");
  const auto order = drawn_without_repeats(available, key.at("order"));
  for (std::size_t k = 0; k < sample.count; ++k) {
    PlainMicroBatch part(problem_, w_, part_of(order, k * sample.size, sample.size),
                         random("micro").at("place", k));
    part.at_place({k, sample.count, 1});
    f(part, k);
  }
}

void PlainSnapshot::mean_over(
    const Sample& sample, const std::function<void(MicroBatch&, std::size_t, std::span<float>)>& f,
    std::span<float> out) {
  std::vector<double> sum(out.size());
  for_each_micro_batch(sample, [&](MicroBatch& micro_batch, std::size_t k) {
    Vector term(out.size(), std::numeric_limits<float>::quiet_NaN());
    f(micro_batch, k, term);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += term[i];
  });
  for (std::size_t i = 0; i < sum.size(); ++i) {
    out[i] = static_cast<float>(sum[i] / static_cast<double>(sample.count));
  }
}

Random PlainSnapshot::random(std::string_view purpose) const {
  return Random(seed).at(purpose, step());
}

}  // namespace gapbench::plugin::conformance
