// What a probe sees of a trial.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "gapbench/probe.h"
#include "train/team.h"
#include "train/trial.h"

namespace gapbench::train {

class TrialSnapshot final : public Snapshot {
 public:
  TrialSnapshot(const Problem& problem, Team& team, std::span<const float> parameters,
                std::span<const float> initial, std::uint64_t step, Random random);

  Parameters parameters() const noexcept override { return {parameters_, problem_.tensors()}; }
  Parameters initial_parameters() const noexcept override { return {initial_, problem_.tensors()}; }
  std::uint64_t step() const noexcept override { return step_; }
  std::size_t training_examples() const noexcept override { return problem_.examples(Part::train); }
  void for_each_micro_batch(const Sample& sample,
                            const std::function<void(MicroBatch&, std::size_t)>& f) override;
  void mean_over(const Sample& sample,
                 const std::function<void(MicroBatch&, std::size_t, std::span<float>)>& f,
                 std::span<float> out) override;
  Random random(std::string_view purpose) const override { return random_.at(purpose, step_); }

 private:
  std::vector<std::uint32_t> drawn(const Sample& sample) const;
  OracleMicroBatch question(Slot& slot, const Sample& sample, const Examples& examples,
                            std::size_t k) const;

  const Problem& problem_;
  Team& team_;
  std::span<const float> parameters_;
  std::span<const float> initial_;
  std::uint64_t step_;
  Random random_;
  std::unique_ptr<Point> point_;
};

/// Collects what one probe reports. Throws Error for a name given twice.
class ProbeMetrics final : public Metrics {
 public:
  ProbeMetrics(std::string probe, std::vector<ProbeValue>& values);
  void add(std::string_view name, double value, std::string_view unit) override;

 private:
  std::string probe_;
  std::vector<ProbeValue>& values_;
};

}  // namespace gapbench::train
