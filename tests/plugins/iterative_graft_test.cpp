// iterative_graft by hand: two micro-batches with gradients (3, 4) of 1 example and (0, 2) of 3,
// and a mini-batch gradient (0, -8), which may hold penalties and so be anything.
#include <gtest/gtest.h>

#include <set>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;

class Given final : public MicroBatch {
 public:
  Given(std::size_t size, Weights gradient) : size_(size), gradient_(std::move(gradient)) {}
  std::size_t size() const noexcept override { return size_; }
  std::size_t dimension() const noexcept override { return gradient_.size(); }
  Parameters parameters() const noexcept override { return {}; }
  const Head& loss() const noexcept override { return loss_; }
  Outputs outputs() override { return {}; }
  double value(const Head&) override { return 0; }
  double gradient(const Head& head, std::span<float> out) override {
    EXPECT_EQ(&head, &loss_);
    std::ranges::copy(gradient_, out.begin());
    return 0;
  }
  double gradient_at(std::span<const float>, const Head&, std::span<float>) override { return 0; }
  void hessian_vector(const Head&, std::span<const float>, std::span<float>) override {}
  void gauss_newton_vector(const Head&, std::span<const float>, std::span<float>) override {}
  void example_gradient_norms(const Head&, std::span<double>) override {}
  void example_gradient_squares(const Head&, std::span<float>) override {}
  std::span<const NoiseSite> noise_sites() const noexcept override { return {}; }
  void noise_gradient(const Head&, std::span<float>) override {}
  void noise_hessian_vector(const Head&, std::span<const float>, std::span<float>) override {}
  void variance_gradient(std::span<float>) override {}
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override { return {}; }
  void kronecker_factors(const Head&, std::size_t, std::span<float>, std::span<float>) override {}
  std::span<const std::int32_t> sampled_labels(std::string_view) override { return {}; }
  void jacobian_vector(std::span<const float>, std::span<float>) override {}
  void vector_jacobian(std::span<const float>, std::span<float>) override {}
  std::span<float> scratch(std::size_t) override { return scratch_; }
  Random random(std::string_view) const override { return Random(0); }
  Random step_random(std::string_view) const override { return Random(0); }
  Place place() const noexcept override { return {}; }

 private:
  std::size_t size_;
  Weights gradient_;
  Weights scratch_ = Weights(2);
  CrossEntropy loss_;
};

class TwoParts final : public Step {
 public:
  TwoParts(std::span<float> w, Weights whole, std::uint64_t index = 0, double schedule = 1)
      : w_(w), whole_(std::move(whole)), index_(index), schedule_(schedule) {}
  std::size_t dimension() const noexcept override { return w_.size(); }
  std::span<const TensorInfo> tensors() const noexcept override { return {}; }
  std::span<float> parameters() noexcept override { return w_; }
  std::span<const float> initial_parameters() const noexcept override { return {}; }
  double gradient(const At&, std::span<float> out, std::span<float>) override {
    std::ranges::copy(whole_, out.begin());
    return 0;
  }
  double value(const At&) override { return 0; }
  void hessian_vector(const At&, std::span<const float>, std::span<float>) override {}
  void mean_over(const At&, std::size_t, const MicroBatchTerm&, std::span<float>) override {}
  std::size_t micro_batches() const noexcept override { return 2; }
  void for_each_micro_batch(const At&,
                            const std::function<void(MicroBatch&, std::size_t)>& f) override {
    Given first(1, {3, 4});
    Given second(3, {0, 2});
    f(second, 1);  // in any order
    f(first, 0);
  }
  std::uint64_t index() const noexcept override { return index_; }
  double epoch() const noexcept override { return 0; }
  double schedule() const noexcept override { return schedule_; }
  std::size_t batch_size() const noexcept override { return 4; }
  std::size_t training_examples() const noexcept override { return 4; }
  Random random(std::string_view purpose) const override { return Random(0).at(purpose, index_); }

 private:
  std::span<float> w_;
  Weights whole_;
  std::uint64_t index_;
  double schedule_;
};

std::unique_ptr<Optimizer> make(const std::string& text) {
  const Component& c = component("optimizers_iterative_graft");
  return c.make_optimizer(options(c, text), tensors(2));
}

TEST(IterativeGraft, MeanOfTheMicroBatchNorms) {
  Weights w{1, 1};
  TwoParts f(w, {0, -8});
  make("learning_rate=2")->step(f);
  EXPECT_EQ(w, (Weights{1, 6.5}));  // 2 (5 * 1 + 2 * 3) / 4 = 5.5 along (0, 1)
}

TEST(IterativeGraft, TheScheduleScalesTheLength) {
  Weights w{1, 1};
  TwoParts f(w, {0, -8}, 0, 0.5);
  make("learning_rate=2")->step(f);
  EXPECT_EQ(w, (Weights{1, 3.75}));
}

TEST(IterativeGraft, OneMicroBatchDrawnAnewEachStep) {
  const auto optimizer = make("learning_rate=2 length_from=one");
  std::set<float> lengths;
  for (std::uint64_t index = 0; index < 20; ++index) {
    Weights w{0, 0};
    TwoParts f(w, {0, -8}, index);
    optimizer->step(f);
    EXPECT_EQ(w[0], 0);
    lengths.insert(w[1]);
  }
  EXPECT_EQ(lengths, (std::set<float>{4, 10}));  // 2 * 2 and 2 * 5
}

TEST(IterativeGraft, StaysWhereTheGradientIsZero) {
  Weights w{1, 1};
  TwoParts f(w, {0, 0});
  make("learning_rate=2")->step(f);
  EXPECT_EQ(w, (Weights{1, 1}));
}

}  // namespace
}  // namespace gapbench::test
