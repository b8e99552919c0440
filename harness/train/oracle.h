// The oracle: answers, counted and timed, over any problem.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/aligned.h"
#include "gapbench/micro_batch.h"
#include "gapbench/problem.h"
#include "train/outcome.h"

namespace gapbench::train {

/// What one worker needs to answer questions: passes, a place for tangents, buffers, its counts.
struct Slot {
  Slot(const Problem& problem, std::size_t dimension, std::size_t capacity);

  /// Makes room for micro-batches of `examples`: a probe may ask for larger ones than training
  /// uses.
  void reserve(std::size_t examples);

  /// Room for one term of a sum, as long as asked for.
  std::span<float> term(std::size_t size);

  std::unique_ptr<Passes> passes;
  std::unique_ptr<Point> tangent;
  std::array<AlignedVector<float>, MicroBatch::scratch_buffers> scratch;  ///< made when asked for
  std::vector<float> cotangent;          ///< [capacity, width], of the last backward
  std::vector<float> cotangent_scratch;  ///< [capacity, width]
  std::vector<double> example_norms;     ///< [capacity]
  AlignedVector<float> kept_gradient;    ///< of the last backward, where it was to be kept
  std::vector<std::int32_t> labels;      ///< sampled ones
  std::unique_ptr<Point> elsewhere;      ///< made when asked for, like all that follows
  std::unique_ptr<Passes> single;        ///< of one example, where passes have no example_norms
  AlignedVector<float> single_gradient;
  AlignedVector<float> factors;  ///< of noise sites, [computed, entries]
  AlignedVector<float> zeros;    ///< a direction that goes nowhere
  PassCounts counts;             ///< whole examples, so any order of adding is exact

 private:
  const Problem& problem_;
  AlignedVector<float> term_;
  std::size_t capacity_ = 0;
};

/// One micro-batch under question. Lives on the worker's stack for one call.
class OracleMicroBatch final : public MicroBatch {
 public:
  /// A part of the examples that are computed together.
  struct Window {
    std::size_t first = 0;
    std::size_t size = 0;  ///< 0: all
  };
  /// Where it stands, and what is to be kept of it.
  struct Context {
    Random step_random{0};
    Place place{};
    std::size_t first = 0;  ///< place of its first example in the group it is a part of
    /// The examples it consists of; the others are computed along, because they are normalized
    /// together, and paid for.
    Window window{};
    std::span<float> statistics{};  ///< where the running statistics of the first forward go
    bool repeats_gradient = false;  ///< keep the gradient: the next question may be the same
    const Head* loss = nullptr;     ///< trained on in place of the problem's own
    bool has_variances = false;     ///< of its point: every pass counts twice
    std::span<const float> running_statistics{};  ///< of its point, for Mode::evaluation
  };
  OracleMicroBatch(Slot& slot, const Problem& problem, const Point& point, const Examples& examples,
                   Mode mode, Random random, const Context& context);
  /// One that stands alone.
  OracleMicroBatch(Slot& slot, const Problem& problem, const Point& point, const Examples& examples,
                   Mode mode, Random random);

  std::size_t size() const noexcept override {
    return context_.window.size > 0 ? context_.window.size : computed();
  }
  std::size_t dimension() const noexcept override { return point_.values().size(); }
  Parameters parameters() const noexcept override { return {point_.values(), problem_.tensors()}; }
  const Head& loss() const noexcept override {
    return context_.loss != nullptr ? *context_.loss : problem_.loss();
  }
  Outputs outputs() override;
  /// Some question has needed the outputs, so that the statistics are written.
  bool has_measured() const noexcept { return has_measured_; }
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
  Random step_random(std::string_view purpose) const override {
    return context_.step_random.at(purpose);
  }
  Place place() const noexcept override { return context_.place; }

 private:
  std::size_t computed() const noexcept { return examples_.indices.size(); }
  /// What one pass over all that is computed together counts.
  double counted() const noexcept {
    return static_cast<double>(context_.has_variances ? 2 * computed() : computed());
  }
  Examples own_examples() const;
  std::size_t noise_entries() const noexcept;
  void ensure_noise();
  void refuse_variances(const char* question) const;
  Outputs narrowed(const Outputs& all) const;
  std::span<const float> of_window(std::span<const float> all) const;
  std::span<float> cleared_window(std::span<float> all) const;
  void backward(std::span<float> out);
  bool is_last_cotangent(std::span<const float> cotangent);
  void shared_example_norms(const Head& head, std::span<double> out);
  std::span<float> cotangent();
  std::span<float> cotangent_scratch();
  void ensure_backward(const Head& head, std::span<float> scratch);
  std::span<const float> ensure_tangent(std::span<const float> v);

  Slot& slot_;
  const Problem& problem_;
  const Point& point_;
  Examples examples_;
  Mode mode_;
  Random random_;
  Context context_;
  Outputs outputs_;
  bool forward_done_ = false;
  bool backward_done_ = false;
  bool has_kept_gradient_ = false;  ///< that of the last backward
  bool has_measured_ = false;
};

/// Floating-point operations of the counted passes.
double flops_of(const PassCounts& counts, const PassFlops& per_example);

}  // namespace gapbench::train
