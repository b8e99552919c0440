// What a probe sees of a trial.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "gapbench/probe.h"
#include "train/noise.h"
#include "train/team.h"
#include "train/trial.h"

namespace gapbench::train {

/// Of a mean over a whole part, where it is only tried whether it can be had.
constexpr std::size_t rehearsed_micro_batches = 8;

/// A moment of a run at one point.
class TrialSnapshot final : public Snapshot {
 public:
  /// What the moment consists of beside problem and team.
  struct Moment {
    std::span<const float> parameters{};
    std::span<const float> initial{};
    std::uint64_t step = 0;
    Random random{0};  ///< of the trial and who measures: its own numbers
    /// What examples are asked about, and their labels, noise and augmentation, where these are drawn:
    /// all who measure at one moment see the same.
    Random sample{0};
    std::span<const float> running_statistics{};      ///< of the parameters, for Mode::evaluation
    const std::vector<Penalty>* penalties = nullptr;  ///< whose noise a sample may switch on
    const Posterior* posterior = nullptr;
    /// Of a mean over a whole part: to see whether all can be asked, not what the answers are; 0: all.
    std::size_t most_micro_batches = 0;
  };
  TrialSnapshot(const Problem& problem, Team& team, const Moment& moment);

  Parameters parameters() const noexcept override {
    return {moment_.parameters, problem_.tensors()};
  }
  Parameters initial_parameters() const noexcept override {
    return {moment_.initial, problem_.tensors()};
  }
  std::uint64_t step() const noexcept override { return moment_.step; }
  std::size_t training_examples() const noexcept override { return problem_.examples(Part::train); }
  const Head& loss() const noexcept override { return problem_.loss(); }
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override {
    return problem_.kronecker_layers();
  }
  std::span<const NoiseSite> noise_sites() const noexcept override {
    return problem_.noise_sites();
  }
  const Posterior* posterior() const noexcept override { return moment_.posterior; }
  void for_each_micro_batch(const Sample& sample,
                            const std::function<void(MicroBatch&, std::size_t)>& f) override;
  void mean_over(const Sample& sample,
                 const std::function<void(MicroBatch&, std::size_t, std::span<float>)>& f,
                 std::span<float> out) override;
  Random random(std::string_view purpose) const override {
    return moment_.random.at(purpose, moment_.step);
  }
  /// About what the examples that most_micro_batches left out would have taken.
  double seconds_left_out() const noexcept { return seconds_left_out_; }

 private:
  /// The examples of one question, cut into micro-batches, and the point it is asked at.
  struct Asked {
    const Sample& sample;
    std::vector<std::uint32_t> order;
    std::size_t count = 0;
    const Point& point;
    const NoiseSource* noise = nullptr;
    std::size_t examples = 0;  ///< that the sample names
  };
  void book(const Asked& asked, double seconds);
  Asked asked(const Sample& sample, std::size_t most_micro_batches = 0);
  void require_possible(const Sample& sample) const;
  std::vector<std::uint32_t> order_of(const Sample& sample) const;
  const Point& point_of(const Sample& sample);
  std::span<const std::uint32_t> part(const Asked& asked, std::size_t k) const;
  OracleMicroBatch question(Slot& slot, const Asked& asked, std::size_t k) const;

  const Problem& problem_;
  Team& team_;
  Moment moment_;
  std::unique_ptr<Point> point_;
  std::unique_ptr<Point> elsewhere_;  ///< made when asked for
  std::vector<Penalty> nobody_;
  StepNoise noise_;
  double seconds_left_out_ = 0;
};

/// Collects what one probe reports. Throws Error for a name given twice.
class ProbeMetrics final : public Metrics {
 public:
  ProbeMetrics(std::string probe, std::vector<ProbeValue>& values);
  void add(std::string_view name, double value, std::string_view unit) override;

 private:
  std::string probe_;
  std::vector<ProbeValue>& values_;
  std::set<std::string> taken_;
};

}  // namespace gapbench::train
