#include "train/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "gapbench/error.h"

namespace gapbench::train {

TrialSnapshot::TrialSnapshot(const Problem& problem, Team& team, std::span<const float> parameters,
                             std::span<const float> initial, std::uint64_t step, Random random)
    : problem_(problem),
      team_(team),
      parameters_(parameters),
      initial_(initial),
      step_(step),
      random_(random),
      point_(problem.make_point()) {
  point_->assign(parameters_);
}

std::vector<std::uint32_t> TrialSnapshot::drawn(const Sample& sample) const {
  const std::size_t available = training_examples();
  if (sample.size == 0 || sample.count == 0 || sample.count > available / sample.size) {
    throw Error("probe", fmt::format("asks for {} micro-batches of {} examples; the training part "
                                     "has {}",
                                     sample.count, sample.size, available));
  }
  std::vector<std::uint32_t> order(available);
  std::iota(order.begin(), order.end(), 0U);
  Random random = sample.fixed ? random_.at("fixed sample") : random_.at("sample", step_);
  random.shuffle(order);
  order.resize(sample.size * sample.count);
  return order;
}

OracleMicroBatch TrialSnapshot::question(Slot& slot, const Sample& sample, const Examples& examples,
                                         std::size_t k) const {
  return {slot,
          problem_,
          *point_,
          examples,
          Mode::training,
          random_.at("micro_batch", sample.fixed ? 0 : step_, k),
          {.step_random = random_.at("step", step_), .place = {k, sample.count, 1}}};
}

void TrialSnapshot::for_each_micro_batch(const Sample& sample,
                                         const std::function<void(MicroBatch&, std::size_t)>& f) {
  const std::vector<std::uint32_t> order = drawn(sample);
  team_.for_each(sample.count, [&](Slot& slot, std::size_t k) {
    const Examples examples{Part::train, std::span(order).subspan(k * sample.size, sample.size),
                            sample.augmented, sample.fixed ? 0 : step_};
    OracleMicroBatch micro_batch = question(slot, sample, examples, k);
    f(micro_batch, k);
  });
}

void TrialSnapshot::mean_over(
    const Sample& sample, const std::function<void(MicroBatch&, std::size_t, std::span<float>)>& f,
    std::span<float> out) {
  const std::vector<std::uint32_t> order = drawn(sample);
  const double weight = 1.0 / static_cast<double>(sample.count);
  team_.sum(
      sample.count, [&](std::size_t) { return weight; },
      [&](Slot& slot, std::size_t k, std::span<float> term) {
        const Examples examples{Part::train, std::span(order).subspan(k * sample.size, sample.size),
                                sample.augmented, sample.fixed ? 0 : step_};
        OracleMicroBatch micro_batch = question(slot, sample, examples, k);
        f(micro_batch, k, term);
      },
      out);
}

ProbeMetrics::ProbeMetrics(std::string probe, std::vector<ProbeValue>& values)
    : probe_(std::move(probe)), values_(values) {}

void ProbeMetrics::add(std::string_view name, double value, std::string_view unit) {
  const bool taken = std::ranges::any_of(
      values_, [&](const ProbeValue& v) { return v.probe == probe_ && v.metric == name; });
  if (taken) throw Error(probe_, fmt::format("reports \"{}\" twice", name));
  values_.push_back({probe_, std::string(name), value, std::string(unit)});
}

}  // namespace gapbench::train
