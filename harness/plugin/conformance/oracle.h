// The conformance oracle: the plugin interfaces over any problem, sequential, in the plainest way
// that is right. Training has its own, which counts, times and runs side by side.
#pragma once

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "gapbench/mini_batch.h"
#include "gapbench/optimizer.h"
#include "gapbench/probe.h"
#include "gapbench/problem.h"
#include "plugin/conformance/numbers.h"

namespace gapbench::plugin::conformance {

/// Some examples of a problem at one point. Keeps a copy of the parameters.
class PlainMicroBatch final : public MicroBatch {
 public:
  PlainMicroBatch(const Problem& problem, std::span<const float> w,
                  std::vector<std::uint32_t> indices, Random random, Mode mode = Mode::training,
                  Part part = Part::train);
  PlainMicroBatch& at_place(Place place) {
    place_ = place;
    return *this;
  }
  /// Sampled labels are constants under a derivative: around one point they are all drawn there.
  PlainMicroBatch& draws_labels_at(std::span<const float> w) {
    label_w_.assign(w.begin(), w.end());
    return *this;
  }

  std::size_t size() const noexcept override { return indices_.size(); }
  std::size_t dimension() const noexcept override { return w_.size(); }
  Parameters parameters() const noexcept override { return {w_, problem_.tensors()}; }
  const Head& loss() const noexcept override { return problem_.loss(); }
  Outputs outputs() override;
  double value(const Head& head) override;
  double gradient(const Head& head, std::span<float> out) override;
  double gradient_at(std::span<const float> w, const Head& head, std::span<float> out) override;
  void hessian_vector(const Head& head, std::span<const float> v, std::span<float> out) override;
  void gauss_newton_vector(const Head& head, std::span<const float> v,
                           std::span<float> out) override;
  void example_gradient_norms(const Head& head, std::span<double> out) override;
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override {
    return problem_.kronecker_layers();
  }
  void kronecker_factors(const Head& head, std::size_t layer, std::span<float> a,
                         std::span<float> g) override;
  std::span<const std::int32_t> sampled_labels(std::string_view purpose) override;
  void jacobian_vector(std::span<const float> v, std::span<float> out) override;
  void vector_jacobian(std::span<const float> u, std::span<float> out) override;
  std::span<float> scratch(std::size_t which) override;
  Random random(std::string_view purpose) const override { return random_.at(purpose); }
  Random step_random(std::string_view purpose) const override { return Random(19).at(purpose); }
  Place place() const noexcept override { return place_; }

 private:
  Outputs forward();

  const Problem& problem_;
  Vector w_;
  std::vector<std::uint32_t> indices_;
  Random random_;
  Mode mode_;
  Part part_;
  std::unique_ptr<Passes> passes_;
  std::unique_ptr<Point> point_;
  std::array<Vector, scratch_buffers> scratch_;
  std::vector<std::int32_t> labels_;
  Vector label_w_;  ///< empty: at the parameters themselves
  Place place_;
};

/// Some examples of a problem as a mini-batch at one point.
class PlainMiniBatch final : public MiniBatch {
 public:
  PlainMiniBatch(const Problem& problem, std::span<const float> w,
                 std::vector<std::uint32_t> indices, Random random)
      : problem_(problem), w_(w), indices_(std::move(indices)), random_(random) {}

  std::size_t size() const noexcept override { return indices_.size(); }
  std::size_t dimension() const noexcept override { return w_.size(); }
  std::size_t training_examples() const noexcept override { return problem_.examples(Part::train); }
  Parameters parameters() const noexcept override { return {w_, problem_.tensors()}; }
  double schedule() const noexcept override { return 1; }
  double mean_over(std::size_t examples, const MicroBatchPenalty& f,
                   std::span<float> gradient) override;
  Random random(std::string_view purpose) const override { return random_.at(purpose); }
  /// As PlainMicroBatch's.
  PlainMiniBatch& draws_labels_at(std::span<const float> w) {
    label_w_ = w;
    return *this;
  }

 private:
  const Problem& problem_;
  std::span<const float> w_;
  std::span<const float> label_w_ = w_;
  std::vector<std::uint32_t> indices_;
  Random random_;
};

/// A step on a mini-batch of 32 examples in two micro-batches of 16, without regularizers. The
/// mini-batch and all random numbers follow from the index alone.
class PlainStep final : public Step {
 public:
  /// Both must outlive the step; `w` is written in place.
  PlainStep(const Problem& problem, std::span<float> w, std::uint64_t index, double schedule = 1);

  /// Questions asked so far.
  std::size_t questions() const noexcept { return questions_; }

  std::size_t dimension() const noexcept override { return w_.size(); }
  std::span<const TensorInfo> tensors() const noexcept override { return problem_.tensors(); }
  std::span<float> parameters() noexcept override { return w_; }
  double gradient(std::span<float> out) override { return gradient_at(w_, out); }
  double gradient_at(std::span<const float> w, std::span<float> out) override;
  double value_at(std::span<const float> w) override;
  void hessian_vector(std::span<const float> v, std::span<float> out) override;
  std::size_t micro_batches() const noexcept override;
  void for_each_micro_batch(const std::function<void(MicroBatch&, std::size_t)>& f) override;
  std::uint64_t index() const noexcept override { return index_; }
  double epoch() const noexcept override;
  double schedule() const noexcept override { return schedule_; }
  std::size_t batch_size() const noexcept override;
  std::size_t training_examples() const noexcept override;
  Random random(std::string_view purpose) const override;

 private:
  PlainMicroBatch batch(std::span<const float> w) const;

  const Problem& problem_;
  std::span<float> w_;
  std::uint64_t index_;
  double schedule_;
  std::size_t questions_ = 0;
};

/// A moment of a run, with the given parameters and start point.
class PlainSnapshot final : public Snapshot {
 public:
  PlainSnapshot(const Problem& problem, std::span<const float> w, std::span<const float> start)
      : problem_(problem), w_(w), start_(start) {}

  Parameters parameters() const noexcept override { return {w_, problem_.tensors()}; }
  Parameters initial_parameters() const noexcept override { return {start_, problem_.tensors()}; }
  std::uint64_t step() const noexcept override { return 7; }
  std::size_t training_examples() const noexcept override { return problem_.examples(Part::train); }
  void for_each_micro_batch(const Sample& sample,
                            const std::function<void(MicroBatch&, std::size_t)>& f) override;
  void mean_over(const Sample& sample,
                 const std::function<void(MicroBatch&, std::size_t, std::span<float>)>& f,
                 std::span<float> out) override;
  Random random(std::string_view purpose) const override;

 private:
  const Problem& problem_;
  std::span<const float> w_;
  std::span<const float> start_;
};

}  // namespace gapbench::plugin::conformance
