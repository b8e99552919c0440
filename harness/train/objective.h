// The objective of one mini-batch, and the step an optimizer sees.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "gapbench/optimizer.h"
#include "gapbench/regularizer.h"
#include "train/group.h"
#include "train/noise.h"
#include "train/team.h"

namespace gapbench::train {

/// F(w) = sum_k (n_k / B) [ loss_k(w) + sum_r R_r(micro-batch k) ]
///        + sum_r sum_j (m_j / B) R_r(group j) + sum_r R_r(mini-batch) + sum_r R_r(w)
/// over the micro-batches k of one mini-batch, n_k examples each, and over the groups j, m_j
/// examples each, that a regularizer with a micro-batch size of its own asks for, all with one draw
/// of the noise, where a regularizer makes some, and with the head that regularizers put in place of
/// the problem's loss. Used again for every step: begin() moves it to the
/// next mini-batch.
class Objective final : public Step {
 public:
  Objective(const Problem& problem, Team& team, const std::vector<Penalty>& penalties,
            std::size_t micro_batch, bool augmented, Random random, std::span<float> parameters,
            std::span<const float> initial = {});

  /// What changes from step to step.
  struct Place {
    std::uint64_t index = 0;
    double epoch = 0;
    double schedule = 1;
    std::uint64_t epoch_number = 0;           ///< keys the augmentation
    std::span<const std::uint32_t> examples;  ///< the mini-batch; must stay valid during the step
  };
  void begin(const Place& place);
  /// F as the first gradient of this step gave it; nothing when no gradient was asked.
  std::optional<double> first_value() const noexcept { return first_value_; }
  /// The same without penalties: the mean loss of the mini-batch under the head that is trained with.
  std::optional<double> first_loss() const noexcept { return first_loss_; }
  /// The running statistics, laid out as Problem::buffers(). The first question of a step that runs
  /// all micro-batches (gradient or for_each_micro_batch, wherever it is asked) measures s_0, s_1, ...;
  /// then, in this order whatever the threads did, r <- (1 - momentum) r + momentum s_k. Other
  /// questions leave them alone.
  std::span<const float> running_statistics() const noexcept { return running_; }
  /// Before the first step: those of the start point, where it is another trial's end.
  void start_statistics(std::span<const float> statistics) {
    std::ranges::copy(statistics, running_.begin());
  }
  /// What goes from step to step: the running statistics.
  void archive(State& state) { state.field("running_statistics", running_); }
  static constexpr float momentum = 0.1F;  ///< per micro-batch, as PyTorch

  std::size_t dimension() const noexcept override { return parameters_.size(); }
  std::span<const TensorInfo> tensors() const noexcept override { return problem_.tensors(); }
  std::span<float> parameters() noexcept override { return parameters_; }
  std::span<const float> initial_parameters() const noexcept override { return initial_; }
  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override;
  double value(const At& at) override;
  void hessian_vector(const At& at, std::span<const float> v, std::span<float> out) override;
  std::size_t micro_batches() const noexcept override { return parts_.size(); }
  void for_each_micro_batch(const At& at,
                            const std::function<void(MicroBatch&, std::size_t)>& f) override;
  void mean_over(const At& at, std::size_t examples, const MicroBatchTerm& f,
                 std::span<float> out) override;
  using Step::for_each_micro_batch;
  using Step::gradient;
  using Step::hessian_vector;
  using Step::mean_over;
  std::uint64_t index() const noexcept override { return place_.index; }
  double epoch() const noexcept override { return place_.epoch; }
  double schedule() const noexcept override { return place_.schedule; }
  std::size_t batch_size() const noexcept override { return place_.examples.size(); }
  std::size_t training_examples() const noexcept override { return problem_.examples(Part::train); }
  Random random(std::string_view purpose) const override { return random_.at(purpose, index()); }

 private:
  void go_to(const At& at);
  void require_variances_possible() const;
  const Head& loss() const noexcept { return loss_ != nullptr ? *loss_ : problem_.loss(); }
  Examples examples(std::span<const std::uint32_t> indices) const;
  double weight(std::size_t k) const;
  double micro_batch_penalties(MicroBatch& micro_batch, std::span<float> gradient) const;
  double parameter_penalties(std::span<float> gradient) const;
  double ordered_sum(std::span<const double> values) const;
  bool shares_micro_batch(const Penalty& penalty) const;
  double mini_batch_penalties(std::span<float> gradient);
  OracleMiniBatch mini_batch();
  OracleMicroBatch question(Slot& slot, std::size_t k) const;
  OracleMicroBatch measuring_question(Slot& slot, std::size_t k);
  void fold_statistics();

  const Problem& problem_;
  Team& team_;
  const std::vector<Penalty>& penalties_;
  std::size_t micro_batch_;
  bool augmented_;
  Random random_;
  std::span<float> parameters_;
  std::span<const float> initial_;
  StepNoise noise_;
  const NoiseSource* noise_source_ = nullptr;       ///< of this question
  bool has_variances_ = false;                      ///< this question
  std::vector<std::unique_ptr<const Head>> heads_;  ///< each in place of the one before
  const Head* loss_ = nullptr;                      ///< the last of them; null: the problem's own
  std::unique_ptr<Point> point_;
  GroupMemory groups_;
  Place place_;
  std::vector<Examples> parts_;
  std::vector<double> values_;  ///< of each micro-batch, added in order
  std::vector<double> losses_;  ///< the same without penalties
  std::optional<double> first_value_;
  std::optional<double> first_loss_;
  std::vector<float> running_;
  std::vector<float> measured_;  ///< [micro-batches, buffers]
  std::vector<std::uint8_t> is_measured_;
  bool folded_ = false;        ///< in this step
  AlignedVector<float> both_;  ///< gradient and gradient by variances
};

}  // namespace gapbench::train
