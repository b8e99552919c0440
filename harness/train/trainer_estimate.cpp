// What a trial would take, from a few of its steps.
#include "train/trainer.h"

#include <algorithm>

#include "gapbench/error.h"

namespace gapbench::train {

Estimate Trainer::estimate() {
  constexpr std::uint64_t timed = 3;
  step();  // plans workspaces, fills caches
  const Cost before = cost();
  for (std::uint64_t k = 0; k < timed && outcome_.status == Status::ok; ++k) step();
  const Cost after = cost();
  const PassCounts passes = after.train_passes - before.train_passes;
  const double step_seconds =
      (after.train.wall_seconds - before.train.wall_seconds) / static_cast<double>(timed);
  Estimate estimate;
  estimate.steps = steps_;
  estimate.dimension = parameters_.size();
  // By examples: steps of larger batches take longer.
  const double times =
      static_cast<double>(calendar_.examples_before(steps_)) /
      static_cast<double>(calendar_.examples_before(1 + timed) - calendar_.examples_before(1));
  estimate.train_flops = passes.flops * times;
  const double seconds_per_flop = passes.flops > 0 ? step_seconds * timed / passes.flops : 0;
  const bool twice = measures_statistics();
  const auto evaluated =
      static_cast<double>((twice ? 2 : 1) * problem_.examples(Part::train) +
                          problem_.examples(Part::validation) + problem_.examples(Part::test));
  estimate.wall_seconds =
      step_seconds * static_cast<double>(timed) * times +
      (static_cast<double>(evaluations()) * evaluated + predictor_.forward_samples()) *
          problem_.flops().forward * seconds_per_flop +
      rehearsed_seconds();
  return estimate;
}

// Of all that the probes will measure and the posterior's fits, from asking each of them about a part.
double Trainer::rehearsed_seconds() {
  evaluation_point_->assign(point());
  running_statistics_ = statistics();
  predictor_.rehearse(team_, stand(false));  // plans workspaces
  const double before_fit = cost().evaluate.wall_seconds;
  double left_out = 0;
  {
    const Booked booked(meter_, &Cost::evaluate);
    left_out = predictor_.rehearse(team_, stand(false));
  }
  double all = (cost().evaluate.wall_seconds - before_fit + left_out) *
               static_cast<double>(predictor_.times());
  for (const PlannedProbe& planned : method_.probes) {
    const double before = cost().probe.wall_seconds;
    std::vector<ProbeValue> values;
    Answer answer;
    {
      const Booked booked(meter_, &Cost::probe);
      answer = ask(planned, *planned.probe, values, rehearsed_micro_batches);
    }
    if (answer.refused) throw *answer.refused;
    const std::uint64_t times = planned.every ? 1 + calendar_.multiples(steps_, *planned.every) : 1;
    all +=
        (cost().probe.wall_seconds - before + answer.seconds_left_out) * static_cast<double>(times);
  }
  return all;
}

std::uint64_t Trainer::evaluations() const {
  return 2 + times_.most() +
         (settings_.evaluate_every && steps_ > 0
              ? calendar_.multiples(steps_ - 1, *settings_.evaluate_every)
              : 0);
}

}  // namespace gapbench::train
