// gradient_norm by hand: two micro-batches with gradients (3, 4) and (0, 1).
#include <gtest/gtest.h>

#include <map>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

class PencilMicroBatch final : public MicroBatch {
 public:
  explicit PencilMicroBatch(std::vector<float> gradient) : gradient_(std::move(gradient)) {}
  std::size_t size() const noexcept override { return 1; }
  std::size_t dimension() const noexcept override { return gradient_.size(); }
  Parameters parameters() const noexcept override { return {}; }
  const Head& loss() const noexcept override { return loss_; }
  Outputs outputs() override { return {}; }
  double value(const Head&) override { return 0; }
  double gradient(const Head& head, std::span<float> out) override {
    EXPECT_EQ(&head, &loss_);
    std::copy(gradient_.begin(), gradient_.end(), out.begin());
    return 0;
  }
  double gradient_at(std::span<const float>, const Head&, std::span<float>) override { return 0; }
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
  void hessian_vector(const Head&, std::span<const float>, std::span<float>) override {}
  void jacobian_vector(std::span<const float>, std::span<float>) override {}
  void vector_jacobian(std::span<const float>, std::span<float>) override {}
  std::span<float> scratch(std::size_t) override { return {}; }
  Random random(std::string_view) const override { return Random(0); }
  Random step_random(std::string_view) const override { return Random(0); }
  Place place() const noexcept override { return {}; }

 private:
  std::vector<float> gradient_;
  CrossEntropy loss_;
};

class PencilSnapshot final : public Snapshot {
 public:
  Parameters parameters() const noexcept override { return {}; }
  Parameters initial_parameters() const noexcept override { return {}; }
  std::uint64_t step() const noexcept override { return 0; }
  std::size_t training_examples() const noexcept override { return 100; }
  const Head& loss() const noexcept override { return loss_; }
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override { return {}; }
  std::span<const NoiseSite> noise_sites() const noexcept override { return {}; }
  const Posterior* posterior() const noexcept override { return nullptr; }
  void for_each_micro_batch(const Sample& sample,
                            const std::function<void(MicroBatch&, std::size_t)>& f) override {
    asked = sample;
    PencilMicroBatch first({3, 4});
    PencilMicroBatch second({0, 1});
    f(second, 1);  // in any order
    f(first, 0);
  }
  void mean_over(const Sample&,
                 const std::function<void(MicroBatch&, std::size_t, std::span<float>)>&,
                 std::span<float>) override {}
  Random random(std::string_view) const override { return Random(0); }

  Sample asked;

 private:
  CrossEntropy loss_;
};

class Numbers final : public Metrics {
 public:
  void add(std::string_view name, double value, std::string_view) override {
    values[std::string(name)] = value;
  }
  std::map<std::string, double> values;
};

TEST(GradientNorm, ByHand) {
  const Component& c = component("probes_gradient_norm");
  const auto probe = c.make_probe(options(c, "micro_batch=7 count=2 augmented=true"));
  PencilSnapshot snapshot;
  Numbers numbers;
  probe->measure(snapshot, numbers);
  EXPECT_EQ(snapshot.asked.size, 7U);
  EXPECT_EQ(snapshot.asked.count, 2U);
  EXPECT_TRUE(snapshot.asked.augmented);
  const std::map<std::string, double> expected{
      {"mean_squared_norm", 13},        // (25 + 1) / 2
      {"mean_squared_norm_error", 12},  // sqrt((12^2 + 12^2) / 2)
      {"mean_norm", 3},                 // (5 + 1) / 2
      {"mean_norm_error", 2}};          // sqrt((2^2 + 2^2) / 2)
  EXPECT_EQ(numbers.values, expected);
}

TEST(GradientNorm, LooksAtMicroBatchesOf128ByDefault) {
  const Component& c = component("probes_gradient_norm");
  const auto probe = c.make_probe(options(c, "count=2"));
  PencilSnapshot snapshot;
  Numbers numbers;
  probe->measure(snapshot, numbers);
  EXPECT_EQ(snapshot.asked.size, 128U);
  EXPECT_FALSE(snapshot.asked.augmented);
}

}  // namespace
}  // namespace gapbench::test
