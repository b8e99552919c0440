// The conformance oracle: the plugin interfaces over any problem, sequential, in the plainest way
// that is right. Training has its own, which counts, times and runs side by side.
#pragma once

#include <array>
#include <functional>
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
  /// Under weights with these variances; the problem must take them. Both must outlive it.
  PlainMicroBatch& under(std::span<const float> variances, const NoiseSource* noise);
  /// Calls this after each question that is answered on w.
  PlainMicroBatch& after_questions(std::function<void()> f) {
    after_question_ = std::move(f);
    return *this;
  }
  /// Heads are not held against differences: the caller does so.
  PlainMicroBatch& trusting_heads() {
    trusts_heads_ = true;
    return *this;
  }
  PlainMicroBatch& with_ones(bool ones) {
    ones_ = ones;
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
  void example_gradient_squares(const Head& head, std::span<float> out) override;
  std::span<const NoiseSite> noise_sites() const noexcept override {
    return problem_.noise_sites();
  }
  void noise_gradient(const Head& head, std::span<float> out) override;
  void noise_hessian_vector(const Head& head, std::span<const float> u,
                            std::span<float> out) override;
  void variance_gradient(std::span<float> out) override;
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
  Outputs forward(const Head& head);  ///< the same, and looks at the head there
  Examples examples(std::span<const std::uint32_t> indices) const;
  void tangent_of_gradient(const Head& head, std::span<const float> v, std::span<const float> u,
                           std::span<float> out);
  std::size_t noise_entries() const noexcept;
  const NoiseSource* factors_or_ones() const;
  // Calls f(gradient of s_i) for each example.
  template <class F>
  void for_each_gradient(const Head& head, F f);

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
  std::span<const float> variances_;
  const NoiseSource* noise_ = nullptr;
  bool ones_ = false;
  bool trusts_heads_ = false;
  std::function<void()> after_question_ = [] {};
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
  double schedule() const noexcept override { return schedule_; }
  double mean_over(std::size_t examples, const MicroBatchPenalty& f,
                   std::span<float> gradient) override;
  Random random(std::string_view purpose) const override { return random_.at(purpose); }
  PlainMiniBatch& at_schedule(double factor) {
    schedule_ = factor;
    return *this;
  }
  /// As PlainMicroBatch's.
  PlainMiniBatch& draws_labels_at(std::span<const float> w) {
    label_w_ = w;
    return *this;
  }
  PlainMiniBatch& after_questions(std::function<void()> f) {
    after_question_ = std::move(f);
    return *this;
  }

 private:
  const Problem& problem_;
  std::span<const float> w_;
  std::span<const float> label_w_ = w_;
  std::vector<std::uint32_t> indices_;
  Random random_;
  double schedule_ = 1;
  std::function<void()> after_question_ = [] {};
};

/// Noise that a plug-in may meet: every factor 1/2 or 3/2, every e normal; keyed by the draw alone.
/// Of At::no_noise all factors are 1.
class PlainNoise final : public NoiseSource {
 public:
  explicit PlainNoise(std::uint64_t draw) : draw_(draw) {}
  void factors(std::size_t site, std::uint32_t example, std::span<float> out) const override;
  void normals(std::size_t layer, std::uint32_t example, std::span<float> out) const override;

 private:
  std::uint64_t draw_;
};

/// A step on a mini-batch of 32 examples in four micro-batches of 8, without penalties. Draw 0 is
/// without noise, as a method has it that has no noise; other draws are those of PlainNoise. The
/// mini-batch and all random numbers follow from the index alone.
class PlainStep final : public Step {
 public:
  /// Both must outlive the step; `w` is written in place.
  PlainStep(const Problem& problem, std::span<float> w, std::uint64_t index, double schedule = 1);

  /// Questions asked so far, and of them those about micro-batches.
  std::size_t questions() const noexcept { return questions_; }
  std::size_t questions_in_parts() const noexcept { return questions_in_parts_; }
  /// Whether random numbers were asked for.
  bool has_drawn() const noexcept { return has_drawn_; }

  /// Micro-batches come from the last to the first.
  PlainStep& backwards() {
    backwards_ = true;
    return *this;
  }
  /// The objective times a factor, in value, gradient and Hessian; micro-batches stay as they are.
  PlainStep& scaled_by(double factor) {
    factor_ = factor;
    return *this;
  }
  /// Whether initial_parameters() still holds what it was made with.
  bool start_is_whole() const;

  std::size_t dimension() const noexcept override { return w_.size(); }
  std::span<const TensorInfo> tensors() const noexcept override { return problem_.tensors(); }
  std::span<float> parameters() noexcept override { return w_; }
  std::span<const float> initial_parameters() const noexcept override { return start_; }
  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override;
  double value(const At& at) override;
  void hessian_vector(const At& at, std::span<const float> v, std::span<float> out) override;
  std::size_t micro_batches() const noexcept override;
  void for_each_micro_batch(const At& at,
                            const std::function<void(MicroBatch&, std::size_t)>& f) override;
  void mean_over(const At& at, std::size_t examples, const MicroBatchTerm& f,
                 std::span<float> out) override;
  using Step::for_each_micro_batch;
  using Step::gradient;
  using Step::hessian_vector;
  using Step::mean_over;
  std::uint64_t index() const noexcept override { return index_; }
  double epoch() const noexcept override;
  double schedule() const noexcept override { return schedule_; }
  std::size_t batch_size() const noexcept override;
  std::size_t training_examples() const noexcept override;
  Random random(std::string_view purpose) const override;

 private:
  /// Calls f(micro-batch, k) on micro-batches of so many examples.
  void cut(const At& at, std::size_t examples,
           const std::function<void(PlainMicroBatch&, std::size_t)>& f);

  const Problem& problem_;
  std::span<float> w_;
  Vector start_;
  std::uint64_t index_;
  double schedule_;
  std::size_t questions_ = 0;
  std::size_t questions_in_parts_ = 0;
  bool backwards_ = false;
  mutable bool has_drawn_ = false;
  double factor_ = 1;
};

/// A moment of a run, with the given parameters and start point.
class PlainSnapshot final : public Snapshot {
 public:
  PlainSnapshot(const Problem& problem, std::span<const float> w, std::span<const float> start,
                const Posterior* posterior = nullptr)
      : problem_(problem), w_(w), start_(start), posterior_(posterior) {}

  /// Two micro-batches at a time, which go on together after each question.
  PlainSnapshot& in_pairs() {
    in_pairs_ = true;
    return *this;
  }

  /// Micro-batches come in the key-th order; the first one is their own.
  PlainSnapshot& in_order(std::uint64_t key) {
    order_ = key;
    return *this;
  }
  /// The samples that were asked for, in words.
  const std::string& asked() const noexcept { return asked_; }

  Parameters parameters() const noexcept override { return {w_, problem_.tensors()}; }
  Parameters initial_parameters() const noexcept override { return {start_, problem_.tensors()}; }
  std::uint64_t step() const noexcept override { return 7; }
  std::size_t training_examples() const noexcept override { return problem_.examples(Part::train); }
  const Head& loss() const noexcept override { return problem_.loss(); }
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override {
    return problem_.kronecker_layers();
  }
  std::span<const NoiseSite> noise_sites() const noexcept override {
    return problem_.noise_sites();
  }
  const Posterior* posterior() const noexcept override { return posterior_; }
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
  const Posterior* posterior_;
  bool in_pairs_ = false;
  std::uint64_t order_ = 0;
  std::string asked_;
};

}  // namespace gapbench::plugin::conformance
