// What the first step of an optimizer does, for its author to hold against the formula.
#include <fmt/format.h>

#include <cmath>

#include "plugin/conformance/checks.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/scenes.h"

namespace gapbench::plugin::conformance {
namespace {

/// How far the first step goes from the usual start.
struct Moved {
  Vector by;
  Vector gradient;
  bool in_parts = false;  ///< it asked about micro-batches
  bool by_chance = false;
};

Moved first_step(const Component& component, double factor, double schedule) {
  const Scene scene = usual_scene(3);
  const auto optimizer =
      component.make_optimizer(example_options(component), scene.problem->tensors());
  Vector w = scene.w;
  PlainStep step(*scene.problem, w, 0, schedule);
  step.scaled_by(factor);
  Moved moved;
  moved.gradient.resize(w.size());
  step.gradient(moved.gradient);
  optimizer->step(step);
  moved.by = shifted(w, -1, scene.w);
  moved.by_chance = step.has_drawn();
  moved.in_parts = step.questions_in_parts() > 0;
  return moved;
}

bool is_sign(const Moved& m, double length) {
  for (std::size_t i = 0; i < m.by.size(); ++i) {
    const double expected = m.gradient[i] > 0 ? -length : length;
    if (m.gradient[i] != 0 && std::abs(m.by[i] - expected) > 0.01 * std::abs(length)) return false;
  }
  return true;
}

std::string in_words(const Moved& m) {
  const double length = norm(m.by);
  if (length == 0) return "it moves nothing";
  const double along = dot(m.by, m.gradient) / dot(m.gradient, m.gradient);
  if (distance(m.by, shifted(Vector(m.by.size()), along, m.gradient)) < 1e-3 * length) {
    return fmt::format("{:.4g} times the gradient", along);
  }
  const double each = -dot(m.by, m.gradient) / std::abs(dot(m.by, m.gradient)) * length /
                      std::sqrt(static_cast<double>(m.by.size()));
  if (is_sign(m, each)) return fmt::format("{:.4g} times the signs of the gradient", -each);
  return fmt::format("of length {:.4g}, where the gradient's is {:.4g}; cosine of the two {:.3f}",
                     length, norm(m.gradient), along * norm(m.gradient) / length);
}

/// Length under twice the gradient by length.
double at_twice_the_gradient(const Component& component) {
  return norm(first_step(component, 2, 1).by) / norm(first_step(component, 1, 1).by);
}

Finding tell(const Component& component) {
  const Moved whole = first_step(component, 1, 1);
  std::string text = in_words(whole);
  if (norm(whole.by) == 0) return text;
  if (whole.by_chance) return text + "; random";
  if (!whole.in_parts) {
    text += fmt::format("; {:.3g} times as long at twice the gradient",
                        at_twice_the_gradient(component));
  }
  const double half = norm(first_step(component, 1, 0.5).by) / norm(whole.by);
  return text + fmt::format("; {:.3g} times at half the schedule", half);
}

Finding shrinks(const Component& component) {
  const Moved whole = first_step(component, 1, 1);
  if (norm(whole.by) == 0 || whole.in_parts || whole.by_chance) return std::nullopt;
  const double ratio = at_twice_the_gradient(component);
  if (ratio > 0.9) return std::nullopt;
  return fmt::format("twice the gradient makes the first step {:.3g} times as long", ratio);
}

}  // namespace

void check_first_step(const Component& component, Checks& checks) {
  checks.tell("its first step, to be held against its formula", [&] { return tell(component); });
  checks.remark("twice the gradient makes no shorter step", [&] { return shrinks(component); });
}

}  // namespace gapbench::plugin::conformance
