#include "train/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "core/lengths.h"
#include "gapbench/error.h"

namespace gapbench::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

TrialSnapshot::TrialSnapshot(const Problem& problem, Team& team, const Moment& moment)
    : problem_(problem),
      team_(team),
      moment_(moment),
      point_(problem.make_point()),
      noise_(problem.noise_sites(), moment.penalties != nullptr ? *moment.penalties : nobody_,
             moment.sample) {
  point_->assign(moment_.parameters);
  if (!moment_.running_statistics.empty()) point_->assign_buffers(moment_.running_statistics);
}

void TrialSnapshot::require_possible(const Sample& sample) const {
  if (sample.part == Part::test) throw Error("probe", "asks for the test part: no probe sees it");
  const char* part = sample.part == Part::train ? "training" : "validation";
  const std::size_t available = problem_.examples(sample.part);
  if (sample.size == 0 || available == 0 || sample.count > available / sample.size) {
    throw Error("probe", fmt::format("asks for {} micro-batches of {} examples; the {} part has {}",
                                     sample.count, sample.size, part, available));
  }
  const std::size_t dimension = moment_.parameters.size();
  require_length_or_none("Sample::at", "parameters", sample.at.parameters.size(), dimension);
  require_length_or_none("Sample::at", "variances", sample.at.variances.size(), dimension);
  if (!sample.at.variances.empty() && !problem_.takes_variances()) {
    throw Error(
        "At::variances",
        "this problem does not take variances of its weights, as networks in f32 do; draw the "
        "weights themselves (estimate: weights)");
  }
  if (sample.ones && !problem_.takes_ones()) {
    throw Error("Sample::ones", "this problem has no inputs that could all be 1");
  }
}

// Drawn without repetition, or the whole part as it lies.
std::vector<std::uint32_t> TrialSnapshot::order_of(const Sample& sample) const {
  std::vector<std::uint32_t> order(problem_.examples(sample.part));
  std::iota(order.begin(), order.end(), 0U);
  if (sample.count == 0) return order;
  Random random =
      sample.fixed ? moment_.sample.at("fixed sample") : moment_.sample.at("sample", moment_.step);
  random.shuffle(order);
  order.resize(sample.size * sample.count);
  return order;
}

const Point& TrialSnapshot::point_of(const Sample& sample) {
  const At& at = sample.at;
  if (at.parameters.empty() && at.variances.empty()) return *point_;
  if (elsewhere_ == nullptr) {
    elsewhere_ = problem_.make_point();
    if (!moment_.running_statistics.empty()) {
      elsewhere_->assign_buffers(moment_.running_statistics);
    }
  }
  elsewhere_->assign(at.parameters.empty() ? moment_.parameters : at.parameters);
  if (problem_.takes_variances()) elsewhere_->assign_variances(at.variances);
  return *elsewhere_;
}

TrialSnapshot::Asked TrialSnapshot::asked(const Sample& sample, std::size_t most_micro_batches) {
  require_possible(sample);
  std::vector<std::uint32_t> order = order_of(sample);
  const std::size_t examples = order.size();
  if (sample.count == 0 && most_micro_batches > 0) {
    order.resize(std::min(examples, sample.size * most_micro_batches));
  }
  const std::size_t count = (order.size() + sample.size - 1) / sample.size;
  const NoiseSource* noise = sample.at.variances.empty()
                                 ? noise_.at(moment_.step, sample.at.draw)
                                 : noise_.with_normals(moment_.step, sample.at.draw);
  return {sample, std::move(order), count, point_of(sample), noise, examples};
}

std::span<const std::uint32_t> TrialSnapshot::part(const Asked& asked, std::size_t k) const {
  const std::size_t first = k * asked.sample.size;
  return std::span(asked.order)
      .subspan(first, std::min(asked.sample.size, asked.order.size() - first));
}

OracleMicroBatch TrialSnapshot::question(Slot& slot, const Asked& asked, std::size_t k) const {
  const std::uint64_t when = asked.sample.fixed ? 0 : moment_.step;
  const Examples examples{.part = asked.sample.part,
                          .indices = part(asked, k),
                          .augmented = asked.sample.augmented,
                          .epoch = when,
                          .noise = asked.noise,
                          .ones = asked.sample.ones};
  return {slot,
          problem_,
          asked.point,
          examples,
          asked.sample.mode,
          moment_.sample.at("micro_batch", when, k),
          {.step_random = moment_.sample.at("step", moment_.step),
           .place = {k, asked.count, 1},
           .has_variances = !asked.sample.at.variances.empty(),
           .running_statistics = moment_.running_statistics}};
}

void TrialSnapshot::for_each_micro_batch(const Sample& sample,
                                         const std::function<void(MicroBatch&, std::size_t)>& f) {
  const Asked all = asked(sample);
  team_.for_each(all.count, [&](Slot& slot, std::size_t k) {
    OracleMicroBatch micro_batch = question(slot, all, k);
    f(micro_batch, k);
  });
}

void TrialSnapshot::mean_over(
    const Sample& sample, const std::function<void(MicroBatch&, std::size_t, std::span<float>)>& f,
    std::span<float> out) {
  const Asked all = asked(sample, moment_.most_micro_batches);
  const auto start = Clock::now();
  const auto weight = [&](std::size_t k) {
    return static_cast<double>(part(all, k).size()) / static_cast<double>(all.order.size());
  };
  team_.sum(
      all.count, weight,
      [&](Slot& slot, std::size_t k, std::span<float> term) {
        OracleMicroBatch micro_batch = question(slot, all, k);
        f(micro_batch, k, term);
      },
      out);
  book(all, seconds_since(start));
}

void TrialSnapshot::book(const Asked& asked, double seconds) {
  const std::size_t seen = asked.order.size();
  seconds_left_out_ +=
      seconds * static_cast<double>(asked.examples - seen) / static_cast<double>(seen);
}

ProbeMetrics::ProbeMetrics(std::string probe, std::vector<ProbeValue>& values)
    : probe_(std::move(probe)), values_(values) {
  for (const ProbeValue& value : values_) {
    if (value.probe == probe_) taken_.insert(value.metric);
  }
}

void ProbeMetrics::add(std::string_view name, double value, std::string_view unit) {
  if (!taken_.emplace(name).second) throw Error(probe_, fmt::format("reports \"{}\" twice", name));
  values_.push_back({probe_, std::string(name), value, std::string(unit)});
}

}  // namespace gapbench::train
