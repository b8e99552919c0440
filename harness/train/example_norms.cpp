#include "train/example_norms.h"

#include <vector>

#include "gapbench/error.h"
#include "gapbench/numeric.h"

namespace gapbench::train {

void require_uncoupled(const Problem& problem, Mode mode) {
  if (mode == Mode::evaluation || !problem.couples_examples()) return;
  throw Error("gradients of single examples",
              "batch normalization couples the examples of a micro-batch, so that none has a "
              "gradient of its own; use a network without it");
}

namespace {

// Calls f(i, gradient of s_i) for each example i in turn.
template <class F>
void for_each_gradient(Slot& slot, const Problem& problem, const Point& point,
                       const Examples& examples, Mode mode, std::size_t first, const Head& head,
                       F f) {
  if (slot.single == nullptr) slot.single = problem.make_passes(1);
  slot.single_gradient.resize(point.values().size());
  const auto cotangent = std::span(slot.cotangent_scratch).first(problem.width());
  Examples one = examples;
  const std::size_t count = examples.indices.size();
  for (std::size_t i = 0; i < count; ++i) {
    one.indices = examples.indices.subspan(i, 1);
    Outputs z = slot.single->forward(point, one, mode);
    z.first = first + i;
    head.value(z, cotangent);
    slot.single->backward(cotangent, slot.single_gradient);
    f(i, std::span<const float>(slot.single_gradient));
  }
  slot.counts.forward += static_cast<double>(count);
  slot.counts.backward += static_cast<double>(count);
}

}  // namespace

void example_norms_one_by_one(Slot& slot, const Problem& problem, const Point& point,
                              const Examples& examples, Mode mode, std::size_t first,
                              const Head& head, std::span<double> out) {
  for_each_gradient(slot, problem, point, examples, mode, first, head,
                    [out](std::size_t i, std::span<const float> g) { out[i] = dot(g, g); });
}

void example_squares_one_by_one(Slot& slot, const Problem& problem, const Point& point,
                                const Examples& examples, Mode mode, std::size_t first,
                                const Head& head, std::span<float> out) {
  std::vector<double> sums(out.size());
  for_each_gradient(slot, problem, point, examples, mode, first, head,
                    [&sums](std::size_t, std::span<const float> g) {
                      for (std::size_t p = 0; p < g.size(); ++p) sums[p] += double{g[p]} * g[p];
                    });
  const auto n = static_cast<double>(examples.indices.size());
  for (std::size_t p = 0; p < out.size(); ++p) out[p] = static_cast<float>(sums[p] / n);
}

}  // namespace gapbench::train
