// Micro-batches larger than the trial's, and the mini-batch they are cut from.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gapbench/mini_batch.h"
#include "train/team.h"

namespace gapbench::train {

/// Memory of groups, kept from step to step. Used by one group at a time.
struct GroupMemory {
  std::vector<double> values;  ///< of each part or group, added in order
  std::vector<float> outputs;
  std::vector<std::int32_t> labels;
  std::vector<float> targets;
  std::vector<std::int32_t> partner_labels;
  std::vector<double> shares;
  std::vector<std::int32_t> sampled;
  std::unique_ptr<Point> elsewhere;  ///< made when asked for
  std::array<AlignedVector<float>, MicroBatch::scratch_buffers> scratch;
  AlignedVector<float> sum;               ///< of MiniBatch::mean_over, as long as asked for
  std::vector<float> inputs, cotangents;  ///< Kronecker factors of one part
};

/// What every part of a mini-batch has in common.
struct MiniBatchContext {
  const Problem& problem;
  Team& team;
  GroupMemory& memory;
  const Point& point;
  Examples examples;            ///< the whole mini-batch
  std::size_t micro_batch = 0;  ///< the trial's: parts of a group are this large
  double schedule = 1;
  Random random;               ///< of the step
  const Head* loss = nullptr;  ///< trained on in place of the problem's own
  bool has_variances = false;  ///< of the point
};

/// Several of the trial's micro-batches that stand for one: a head's mean over all their examples.
/// Each part is a forward pass of its own, so batch normalization keeps the trial's groups.
/// Questions run the parts side by side and keep no activations: each pays its forward.
class GroupMicroBatch final : public MicroBatch {
 public:
  GroupMicroBatch(const MiniBatchContext& context, std::span<const std::uint32_t> indices,
                  Place place);

  std::size_t size() const noexcept override { return indices_.size(); }
  std::size_t dimension() const noexcept override { return c_.point.values().size(); }
  Parameters parameters() const noexcept override {
    return {c_.point.values(), c_.problem.tensors()};
  }
  const Head& loss() const noexcept override {
    return c_.loss != nullptr ? *c_.loss : c_.problem.loss();
  }
  Outputs outputs() override;
  double value(const Head& head) override { return head.value(outputs(), {}); }
  double gradient(const Head& head, std::span<float> out) override;
  double gradient_at(std::span<const float> w, const Head& head, std::span<float> out) override;
  void hessian_vector(const Head& head, std::span<const float> v, std::span<float> out) override;
  void gauss_newton_vector(const Head& head, std::span<const float> v,
                           std::span<float> out) override;
  void example_gradient_norms(const Head& head, std::span<double> out) override;
  void example_gradient_squares(const Head& head, std::span<float> out) override;
  std::span<const NoiseSite> noise_sites() const noexcept override {
    return c_.problem.noise_sites();
  }
  void noise_gradient(const Head& head, std::span<float> out) override;
  void noise_hessian_vector(const Head& head, std::span<const float> u,
                            std::span<float> out) override;
  void variance_gradient(std::span<float> out) override;
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override {
    return c_.problem.kronecker_layers();
  }
  void kronecker_factors(const Head& head, std::size_t layer, std::span<float> a,
                         std::span<float> g) override;
  std::span<const std::int32_t> sampled_labels(std::string_view purpose) override;
  void jacobian_vector(std::span<const float> v, std::span<float> out) override;
  void vector_jacobian(std::span<const float> u, std::span<float> out) override;
  std::span<float> scratch(std::size_t which) override;
  Random random(std::string_view purpose) const override { return random_.at(purpose); }
  Random step_random(std::string_view purpose) const override { return c_.random.at(purpose); }
  Place place() const noexcept override { return place_; }

 private:
  using Question = FunctionRef<void(MicroBatch&, std::size_t first, std::span<float> out)>;
  double weight(std::size_t k) const;
  void ask(const Point& point, Slot& slot, std::size_t k, std::span<float> out, Question f) const;
  void for_each(Question f) const;
  void sum(const Point& point, bool weighted, Question f, std::span<float> out) const;
  double gradient_on(const Point& point, const Head& head, std::span<float> out);
  std::size_t noise_entries() const noexcept;

  const MiniBatchContext& c_;
  std::span<const std::uint32_t> indices_;
  Place place_;
  Random random_;
  std::size_t parts_;
  Outputs outputs_;
  bool has_outputs_ = false;
};

/// The mini-batch of one step at one point.
class OracleMiniBatch final : public MiniBatch {
 public:
  explicit OracleMiniBatch(const MiniBatchContext& context) : c_(context) {}

  std::size_t size() const noexcept override { return c_.examples.indices.size(); }
  std::size_t dimension() const noexcept override { return c_.point.values().size(); }
  std::size_t training_examples() const noexcept override {
    return c_.problem.examples(Part::train);
  }
  Parameters parameters() const noexcept override {
    return {c_.point.values(), c_.problem.tensors()};
  }
  double schedule() const noexcept override { return c_.schedule; }
  double mean_over(std::size_t examples, const MicroBatchPenalty& f,
                   std::span<float> gradient) override;
  /// out = sum_k (n_k / size()) f_k, as Step::mean_over.
  using Writer = FunctionRef<void(MicroBatch&, std::size_t k, std::span<float> term)>;
  void mean_of(std::size_t examples, Writer f, std::span<float> out);
  Random random(std::string_view purpose) const override { return c_.random.at(purpose); }

 private:
  std::span<const std::uint32_t> part(std::size_t k, std::size_t examples) const;
  double weight(std::size_t k, std::size_t examples) const;
  bool is_window(std::size_t examples) const;
  void require_possible(std::size_t examples) const;
  double side_by_side(std::size_t examples, const MicroBatchPenalty& f, std::span<float> gradient);
  double one_by_one(std::size_t examples, const MicroBatchPenalty& f, std::span<float> gradient);
  void visit(Slot& slot, std::size_t size_of_part, std::size_t k, std::span<float> term, Writer f);

  MiniBatchContext c_;
};

}  // namespace gapbench::train
