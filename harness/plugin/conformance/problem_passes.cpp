#include "plugin/conformance/problem_passes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>

#include "plugin/conformance/guarded.h"

namespace gapbench::plugin::conformance {
namespace {

constexpr std::size_t directions = 4;
constexpr std::size_t most_examples = 8;

std::size_t dimension(const Problem& problem) {
  const TensorInfo& last = problem.tensors().back();
  return last.offset + last.size;
}

// Outputs and one answer of every pass, in the longest order the protocol allows.
struct Answers {
  Vector z, gradient, tangent, hessian;
  bool operator==(const Answers&) const = default;
};

Answers all_answers(Passes& passes, const Problem& problem, const Point& w, const Point& v,
                    const Examples& examples, Mode mode) {
  Answers a;
  const Outputs z = passes.forward(w, examples, mode);
  a.z.assign(z.values.begin(), z.values.end());
  // Whatever stands in an output must be overwritten, not added to.
  Guarded gradient(Vector(w.values().size(), std::numeric_limits<float>::quiet_NaN()));
  Guarded hessian(Vector(w.values().size(), std::numeric_limits<float>::quiet_NaN()));
  Guarded cotangent(z.values.size());
  problem.loss().value(z, cotangent.values());
  passes.backward(cotangent.values(), gradient.values());
  const auto tangent = passes.tangent_forward(v);
  a.tangent.assign(tangent.begin(), tangent.end());
  Guarded cotangent_tangent(z.values.size());
  problem.loss().curvature(z, a.tangent, cotangent_tangent.values());
  passes.tangent_backward(cotangent_tangent.values(), hessian.values());
  cotangent.require_marks("the cotangent");
  cotangent_tangent.require_marks("the cotangent's tangent");
  gradient.require_marks("the gradient");
  hessian.require_marks("the Hessian-vector product");
  a.gradient.assign(gradient.values().begin(), gradient.values().end());
  a.hessian.assign(hessian.values().begin(), hessian.values().end());
  // The heads read the outputs between the passes: they must still be there.
  if (!std::equal(a.z.begin(), a.z.end(), z.values.begin())) a.z.clear();
  return a;
}

}  // namespace

Vector start_point(const Problem& problem, std::uint64_t seed) {
  Guarded w(Vector(dimension(problem), std::numeric_limits<float>::quiet_NaN()));
  problem.initialize(Random(seed), w.values());
  w.require_marks("the start point");
  return {w.values().begin(), w.values().end()};
}

double first_loss(const Problem& problem) {
  std::vector<std::uint32_t> indices;
  const std::size_t count = std::min(most_examples, problem.examples(Part::train));
  for (std::uint32_t i = 0; i < count; ++i) indices.push_back(i);
  PlainMicroBatch batch(problem, start_point(problem, 1), indices, Random(1));
  return batch.value(problem.loss());
}

// Away from the start point by a tenth of its size: a start of zeros is a special place.
ProblemPasses::ProblemPasses(const Problem& problem, Mode mode)
    : problem_(problem), mode_(mode), w_(start_point(problem, 1)) {
  const double size = norm(w_) / std::sqrt(static_cast<double>(w_.size()));
  w_ = shifted(w_, 0.1 * (size > 0 ? size : 1), normal_vector(w_.size(), Random(12)));
  const std::size_t available = problem.examples(Part::train);
  const std::size_t count = std::min(most_examples, available);
  // Spread over the whole part, last example included.
  for (std::size_t i = 0; i < count; ++i) {
    indices_.push_back(static_cast<std::uint32_t>((i + 1) * available / count - 1));
  }
}

PlainMicroBatch ProblemPasses::at(std::span<const float> w) const {
  return {problem_, w, indices_, Random(13), mode_};
}

Vector ProblemPasses::gradient(std::span<const float> w) const {
  Vector out(w_.size());
  at(w).gradient(problem_.loss(), out);
  return out;
}

Vector ProblemPasses::hessian_vector(std::span<const float> v) const {
  Vector out(w_.size());
  at(w_).hessian_vector(problem_.loss(), v, out);
  return out;
}

// Of length 1 where the parameters are small, else of their length.
Vector ProblemPasses::direction(std::uint64_t k) const {
  const Vector random = normal_vector(w_.size(), Random(14).at("direction", k));
  const double length = std::max(1.0, norm(w_));
  return shifted(Vector(w_.size()), length / norm(random), random);
}

Finding ProblemPasses::check_sizes(Passes& passes, const Point& point) const {
  for (const std::size_t size : {indices_.size(), std::size_t{1}, indices_.size()}) {
    const Examples examples{.indices = std::span(indices_).last(size)};
    const Outputs z = passes.forward(point, examples, mode_);
    if (z.examples != size || z.width != problem_.width() || z.values.size() != size * z.width) {
      return fmt::format("asked for {} examples of width {}, gave {} of width {} in {} numbers",
                         size, problem_.width(), z.examples, z.width, z.values.size());
    }
    const bool labels = z.labels.size() == size;
    const bool targets = z.targets.size() == size * z.width;
    if (!labels && !targets) return "gives neither a label nor a target for each example";
    if (!all_finite(z.values)) return "an output is not finite";
  }
  return std::nullopt;
}

Finding ProblemPasses::gathers() const {
  const auto point = problem_.make_point();
  point->assign(w_);
  const auto passes = problem_.make_passes(indices_.size());
  if (const Finding finding = check_sizes(*passes, *point)) return finding;
  if (mode_ == Mode::training) return std::nullopt;  // statistics of a batch may tie examples
  const Outputs all = passes->forward(*point, {.indices = indices_}, mode_);
  const Vector together(all.values.begin(), all.values.end());
  for (std::size_t i = 0; i < indices_.size(); ++i) {
    const Outputs one =
        passes->forward(*point, {.indices = std::span(indices_).subspan(i, 1)}, mode_);
    const auto expected = std::span(together).subspan(i * one.width, one.width);
    if (distance(one.values, expected) > 1e-4 * (1 + norm(expected))) {
      return fmt::format("example {} has other outputs alone than among others", indices_[i]);
    }
  }
  return std::nullopt;
}

Finding ProblemPasses::repeats() const {
  const auto point = problem_.make_point();
  const auto v = problem_.make_point();
  const Vector first_direction = direction(0);
  point->assign(w_);
  v->assign(first_direction);
  const auto passes = problem_.make_passes(indices_.size());
  const Examples examples{.indices = indices_};
  const auto ask = [&] { return all_answers(*passes, problem_, *point, *v, examples, mode_); };
  const Answers first = ask();
  if (first.z.empty()) return "the passes after forward overwrite the outputs";
  if (!all_finite(first.gradient) || !all_finite(first.hessian)) {
    return "a pass is not finite, or does not overwrite all of its output";
  }
  if (!(ask() == first)) return "the same questions get two answers";
  // Again after a smaller batch, and with the tangent asked before the gradient.
  passes->forward(*point, {.indices = std::span(indices_).first(1)}, mode_);
  passes->forward(*point, examples, mode_);
  passes->tangent_forward(*v);
  Vector again(w_.size());
  Vector cotangent(first.z.size());
  problem_.loss().value(passes->forward(*point, examples, mode_), cotangent);
  passes->tangent_forward(*v);
  passes->backward(cotangent, again);
  if (again != first.gradient) return "the gradient depends on what was asked before";
  return std::nullopt;
}

Finding ProblemPasses::side_by_side() const {
  const Vector alone = gradient(w_);
  for (int repeat = 0; repeat < 5; ++repeat) {
    Vector other;
    {
      const std::jthread worker([&] { other = gradient(w_); });
      if (gradient(w_) != alone) return "two threads at a time get other gradients than one";
    }
    if (other != alone) return "two threads at a time get other gradients than one";
  }
  return std::nullopt;
}

// The direction leans on the gradient, tensor by tensor, so that what is compared is not small.
Finding ProblemPasses::gradient_fits_value() const {
  const Vector g = gradient(w_);
  const double value = at(w_).value(problem_.loss());
  std::size_t agreed = 0;
  std::string worst;
  for (const TensorInfo& t : problem_.tensors()) {
    const auto part = std::span(g).subspan(t.offset, t.size);
    const Vector random = normal_vector(t.size, Random(15).at(t.name));
    const double slope = norm(part) > 0 ? norm(random) / norm(part) : 0;
    const double length = std::max(1.0, norm(std::span(w_).subspan(t.offset, t.size)));
    Vector along(w_.size());
    for (std::size_t i = 0; i < t.size; ++i) {
      along[t.offset + i] =
          static_cast<float>((random[i] + slope * part[i]) * length / (2 * norm(random)));
    }
    const Vector up = shifted(w_, difference_step, along);
    const Vector down = shifted(w_, -difference_step, along);
    const double difference = at(up).value(problem_.loss()) - at(down).value(problem_.loss());
    const double predicted = dot(g, up) - dot(g, down);
    const double allowed = difference_tolerance * norm(part) * distance(up, down) +
                           1e-6 * std::max(1.0, std::abs(value));
    if (std::abs(difference - predicted) <= allowed) {
      ++agreed;
    } else {
      worst = fmt::format("along {} the loss changes by {} where the gradient says {}", t.name,
                          difference, predicted);
    }
  }
  if (mostly(agreed, problem_.tensors().size())) return std::nullopt;
  return worst;
}

Finding ProblemPasses::adjoint() const {
  const std::size_t outputs = indices_.size() * problem_.width();
  for (std::size_t k = 0; k < directions; ++k) {
    const Vector v = direction(k);
    const Vector u = normal_vector(outputs, Random(16).at("u", k));
    Vector jv(outputs);
    Vector ju(w_.size());
    at(w_).jacobian_vector(v, jv);
    at(w_).vector_jacobian(u, ju);
    const double left = dot(u, jv);
    const double right = dot(ju, v);
    const double scale = norm(u) * norm(jv) + norm(ju) * norm(v);
    if (std::abs(left - right) > 1e-4 * scale) {
      return fmt::format("<u, Jv> is {}, <J'u, v> is {}", left, right);
    }
  }
  return std::nullopt;
}

Finding ProblemPasses::symmetric() const {
  for (std::size_t k = 0; k < directions; ++k) {
    const Vector u = direction(2 * k);
    const Vector v = direction(2 * k + 1);
    const Vector hu = hessian_vector(u);
    const Vector hv = hessian_vector(v);
    const double scale = norm(u) * norm(hv) + norm(v) * norm(hu);
    if (std::abs(dot(u, hv) - dot(v, hu)) > 1e-4 * scale) {
      return fmt::format("<u, Hv> is {}, <v, Hu> is {}", dot(u, hv), dot(v, hu));
    }
  }
  return std::nullopt;
}

Finding ProblemPasses::hessian_fits_gradient() const {
  std::size_t agreed = 0;
  std::string worst;
  for (std::size_t k = 0; k < directions; ++k) {
    const Vector v = direction(k);
    const Vector up = shifted(w_, difference_step, v);
    const Vector down = shifted(w_, -difference_step, v);
    const Vector difference = shifted(gradient(up), -1, gradient(down));
    const Vector predicted = shifted(Vector(w_.size()), 2 * difference_step, hessian_vector(v));
    const double error = distance(difference, predicted);
    const double allowed =
        difference_tolerance * (norm(difference) + norm(predicted)) + 1e-6 * norm(gradient(w_));
    if (error <= allowed) {
      ++agreed;
    } else {
      worst = fmt::format("H v and the difference of gradients are {} apart, of length {} and {}",
                          error, norm(predicted), norm(difference));
    }
  }
  if (mostly(agreed, directions)) return std::nullopt;
  return worst;
}

}  // namespace gapbench::plugin::conformance
