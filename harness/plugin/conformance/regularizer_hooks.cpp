#include "plugin/conformance/regularizer_hooks.h"

#include <algorithm>
#include <utility>

#include "plugin/conformance/checks.h"
#include "plugin/conformance/guarded.h"
#include "plugin/conformance/oracle.h"

namespace gapbench::plugin::conformance {
namespace {

void require_same(std::span<const float> now, std::span<const float> before) {
  if (!std::ranges::equal(now, before)) throw Violation("changes the parameters");
}

}  // namespace

RegularizerHooks::RegularizerHooks(const Component& component, Scene scene, const OptionMap& change)
    : scene_(std::move(scene)),
      regularizer_(
          component.make_regularizer(example_options(component, change, scene_.w.size()))) {}

std::vector<std::uint32_t> RegularizerHooks::batch(std::uint32_t k, std::size_t examples) const {
  std::vector<std::uint32_t> indices(examples);
  for (std::size_t i = 0; i < examples; ++i) {
    indices[i] = static_cast<std::uint32_t>(examples * k + i);
  }
  return indices;
}

double RegularizerHooks::call(Hook hook, std::uint32_t k, std::span<const float> w,
                              std::span<float> gradient,
                              const AfterQuestion& after_question) const {
  const Problem& problem = *scene_.problem;
  if (hook == Hook::parameters) {
    return regularizer_->penalize_parameters({w, problem.tensors()}, gradient);
  }
  if (hook == Hook::micro_batch) {
    PlainMicroBatch micro_batch(problem, w, batch(k, scene_.examples), Random(5).at("micro", k));
    micro_batch.at_place(place_).draws_labels_at(scene_.w).after_questions(after_question);
    const double value = regularizer_->penalize_micro_batch(micro_batch, gradient);
    require_same(micro_batch.parameters().values, w);
    return value;
  }
  if (hook == Hook::loss) {
    PlainMicroBatch asked(problem, w, batch(k, scene_.examples), Random(5).at("micro", k));
    asked.trusting_heads().after_questions(after_question);
    Vector g(w.size());
    const double value = asked.gradient(*head(), g);
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += g[i];
    return value;
  }
  // Fewer: a penalty may cost several passes for each of them.
  const std::size_t examples = std::max<std::size_t>(1, scene_.examples * 3 / 4);
  PlainMiniBatch mini_batch(problem, w, batch(k, examples), Random(5).at("mini", k));
  mini_batch.at_schedule(place_.schedule).draws_labels_at(scene_.w).after_questions(after_question);
  return regularizer_->penalize_mini_batch(mini_batch, gradient);
}

RegularizerHooks::Answer RegularizerHooks::ask(Hook hook, std::uint32_t k, std::span<const float> w,
                                               const Vector& before,
                                               const AfterQuestion& after_question) const {
  Guarded point(w);
  Guarded gradient(before);
  Answer answer;
  answer.value = call(hook, k, point.values(), gradient.values(), after_question);
  point.require_marks("the parameters");
  gradient.require_marks("the gradient it is given");
  require_same(point.values(), w);
  answer.gradient.assign(gradient.values().begin(), gradient.values().end());
  return answer;
}

std::unique_ptr<const Head> RegularizerHooks::head() const {
  return regularizer_->replace_loss(scene_.problem->loss());
}

Vector RegularizerHooks::hessian_vector(const Head& head, std::span<const float> v) const {
  PlainMicroBatch asked(*scene_.problem, scene_.w, batch(0, scene_.examples),
                        Random(5).at("micro", 0));
  Vector product(scene_.w.size());
  asked.trusting_heads();
  asked.hessian_vector(head, v, product);
  return product;
}

RegularizerHooks::Answer RegularizerHooks::ask(Hook hook, std::uint32_t k) const {
  return ask(hook, k, scene_.w, Vector(scene_.w.size()));
}

double RegularizerHooks::value(Hook hook, std::span<const float> w) const {
  Guarded point(w);
  const double value = call(hook, 0, point.values(), {}, [] {});
  require_same(point.values(), w);
  return value;
}

std::vector<Hook> penalty_hooks(const Component& component) {
  std::vector<Hook> hooks;
  const auto add = [&](RegularizerHook bit, Hook hook) {
    if ((component.hooks & bit) != 0) hooks.push_back(hook);
  };
  add(hook_parameters, Hook::parameters);
  add(hook_micro_batch, Hook::micro_batch);
  add(hook_mini_batch, Hook::mini_batch);
  add(hook_loss, Hook::loss);
  return hooks;
}

}  // namespace gapbench::plugin::conformance
