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

void TrialSnapshot::for_each_micro_batch(const Sample& sample,
                                         const std::function<void(MicroBatch&, std::size_t)>& f) {
  const std::size_t wanted = sample.size * sample.count;
  if (wanted == 0 || wanted > training_examples()) {
    throw Error("probe", fmt::format("asks for {} micro-batches of {} examples; the training part "
                                     "has {}",
                                     sample.count, sample.size, training_examples()));
  }
  std::vector<std::uint32_t> order(training_examples());
  std::iota(order.begin(), order.end(), 0U);
  random_.at("sample", step_).shuffle(order);
  team_.for_each(sample.count, [&](Slot& slot, std::size_t k) {
    const Examples examples{Part::train, std::span(order).subspan(k * sample.size, sample.size),
                            sample.augmented, step_};
    OracleMicroBatch micro_batch(slot, problem_, *point_, examples, Mode::training,
                                 random_.at("micro_batch", step_, k));
    f(micro_batch, k);
  });
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
