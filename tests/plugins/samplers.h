// Steps for samplers by hand: ten training examples, other random numbers in every step.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "gapbench/stand_in_step.h"
#include "plugins/hand.h"

namespace gapbench::test {

constexpr std::size_t sampled_examples = 10;

/// A pencil step of ten examples, all of them in its batch unless said otherwise.
class Numbered final : public StandInStep {
 public:
  explicit Numbered(Step& step, std::size_t batch = sampled_examples)
      : StandInStep(step), batch_(batch) {}
  std::size_t training_examples() const noexcept override { return sampled_examples; }
  std::size_t batch_size() const noexcept override { return batch_; }
  Random random(std::string_view purpose) const override {
    return Random(5).at(purpose, step().index());
  }

 private:
  std::size_t batch_;
};

inline std::unique_ptr<Optimizer> sampler(const std::string& name, const std::string& text,
                                          std::size_t size) {
  const Component& c = component("optimizers_" + name);
  return c.make_optimizer(options(c, text), tensors(size));
}

/// Steps from `first` on, on curvature/2 |w|^2 + slope . w.
struct Course {
  std::uint64_t steps = 1;
  double curvature = 0.3;
  double schedule = 1;
  std::uint64_t first = 0;
  std::vector<float> slope{};
};
inline void advance(Optimizer& optimizer, std::span<float> w, const Course& course) {
  for (std::uint64_t k = course.first; k < course.first + course.steps; ++k) {
    PencilStep pencil(w, course.curvature, course.slope);
    pencil.at_index(k).at_schedule(course.schedule);
    Numbered step(pencil);
    optimizer.step(step);
  }
}

inline double mean_square(std::span<const float> w) {
  double sum = 0;
  for (const float x : w) sum += double{x} * x;
  return sum / static_cast<double>(w.size());
}

/// What a posterior reports, by name.
inline std::map<std::string, double> reported(const Posterior& posterior) {
  struct Names final : Metrics {
    void add(std::string_view name, double value, std::string_view) override {
      values[std::string(name)] = value;
    }
    std::map<std::string, double> values;
  } names;
  posterior.report(names);
  return names.values;
}

}  // namespace gapbench::test
