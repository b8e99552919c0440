#include "plugin/conformance/scenes.h"

#include <utility>

#include "plugin/conformance/linear_model.h"
#include "plugin/conformance/reference.h"

namespace gapbench::plugin::conformance {
namespace {

Scene scene(std::unique_ptr<const Problem> problem, std::uint64_t seed, std::size_t examples) {
  const TensorInfo& last = problem->tensors().back();
  Vector w(last.offset + last.size);
  problem->initialize(Random(seed), w);
  return {std::move(problem), std::move(w), examples};
}

}  // namespace

Scene usual_scene(std::uint64_t seed, std::size_t examples) {
  return scene(std::make_unique<Reference>(), seed, examples);
}

Scene zero_scene() {
  Scene zero = usual_scene(1);
  zero.w.assign(zero.w.size(), 0);
  return zero;
}

Scene still_scene() { return scene(std::make_unique<LinearModel>(10, 0.0F), 1, 16); }

Scene single_scene() { return usual_scene(1, 1); }

Scene wide_scene(std::size_t inputs) {
  return scene(std::make_unique<LinearModel>(inputs, 0.1F), 1, 16);
}

}  // namespace gapbench::plugin::conformance
