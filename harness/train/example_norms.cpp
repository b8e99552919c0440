#include "train/example_norms.h"

#include "gapbench/error.h"
#include "gapbench/numeric.h"

namespace gapbench::train {

void require_uncoupled(const Problem& problem, Mode mode) {
  if (mode == Mode::evaluation || !problem.couples_examples()) return;
  throw Error("gradients of single examples",
              "batch normalization couples the examples of a micro-batch, so that none has a "
              "gradient of its own; use a network without it");
}

void example_norms_one_by_one(Slot& slot, const Problem& problem, const Point& point,
                              const Examples& examples, Mode mode, std::size_t first,
                              const Head& head, std::span<double> out) {
  if (slot.single == nullptr) slot.single = problem.make_passes(1);
  slot.single_gradient.resize(point.values().size());
  const auto cotangent = std::span(slot.cotangent_scratch).first(problem.width());
  Examples one = examples;
  for (std::size_t i = 0; i < out.size(); ++i) {
    one.indices = examples.indices.subspan(i, 1);
    Outputs z = slot.single->forward(point, one, mode);
    z.first = first + i;
    head.value(z, cotangent);
    slot.single->backward(cotangent, slot.single_gradient);
    out[i] = dot(slot.single_gradient, slot.single_gradient);
  }
  slot.counts.forward += static_cast<double>(out.size());
  slot.counts.backward += static_cast<double>(out.size());
}

}  // namespace gapbench::train
