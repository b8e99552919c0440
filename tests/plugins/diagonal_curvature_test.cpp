// Hutchinson's diagonal, and adahessian and sophia on it, by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "gapbench/hutchinson.h"
#include "gapbench/stand_in_step.h"
#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Vector = std::vector<float>;

std::unique_ptr<Optimizer> make(const char* library, const std::string& text,
                                const std::vector<TensorInfo>& shape = tensors(1)) {
  const Component& c = component(library);
  return c.make_optimizer(options(c, text), shape);
}

/// The gradient of a pencil step, and a Hessian [n, n] of its own.
class CurvedStep final : public StandInStep {
 public:
  CurvedStep(Step& step, Vector hessian) : StandInStep(step), hessian_(std::move(hessian)) {}
  void hessian_vector(const At&, std::span<const float> v, std::span<float> out) override {
    for (std::size_t i = 0; i < v.size(); ++i) {
      out[i] = static_cast<float>(dot(std::span(hessian_).subspan(i * v.size(), v.size()), v));
    }
  }

 private:
  Vector hessian_;
};

// One draw gives 5 + 2 s and 1 + 2 s with s = +1 or -1; the mean of 4096 is within four of its
// deviations, 4 * 2 / 64.
TEST(Hutchinson, EstimatesTheDiagonal) {
  Vector w(2), v(2), product(2), out(2);
  PencilStep pencil(w, 1);
  CurvedStep step(pencil, {5, 2, 2, 1});
  hutchinson_diagonal(step, 1, v, product, out);
  EXPECT_EQ(out, (Vector{5 + 2 * v[0] * v[1], 1 + 2 * v[0] * v[1]}));
  hutchinson_diagonal(step, 4096, v, product, out);
  EXPECT_NEAR(out[0], 5, 0.125);
  EXPECT_NEAR(out[1], 1, 0.125);
  EXPECT_NE(out[0], 5) << "draws of their own";
}

// g = 8, D = 4: m^ = 8, s^ = 16, sqrt = 4.
TEST(AdaHessian, ByHand) {
  const std::string text = "learning_rate=0.5 beta1=0.5 beta2=0.75 epsilon=";
  Vector w{2};
  PencilStep f(w, 4);
  const auto optimizer = make("optimizers_adahessian", text + "4");
  optimizer->step(f);
  EXPECT_EQ(w[0], 1.5F);  // 2 - 0.5 * 8 / (4 + 4)
  optimizer->step(f.at_schedule(0.5));
  EXPECT_FLOAT_EQ(w[0], static_cast<float>(1.5 - 0.25 * (5 / 0.75) / 8));  // m = 2 + 3
  w = {2};
  f.at_schedule(1);
  make("optimizers_adahessian", text + "2 power=0.5")->step(f);
  EXPECT_EQ(w[0], 1);  // 2 - 0.5 * 8 / (sqrt(4) + 2)
}

// D = (2, 6), of mean 4; g = 8.
TEST(AdaHessian, AveragesOverKernels) {
  const std::string text = "learning_rate=1 beta1=0 beta2=0 epsilon=2 averaging=";
  const std::vector<TensorInfo> filter{{"filter", TensorKind::weight, {1, 1, 1, 2}, 0, 2}};
  const auto after = [&](const char* averaging, const std::vector<TensorInfo>& shape) {
    Vector w(2);
    PencilStep pencil(w, 0, {8, 8});
    CurvedStep step(pencil, {2, 0, 0, 6});
    make("optimizers_adahessian", text + averaging, shape)->step(step);
    return w;
  };
  EXPECT_EQ(after("none", filter), (Vector{-2, -1}));
  EXPECT_EQ(after("kernels", filter), (Vector{-8.0F / 6, -8.0F / 6}));
  EXPECT_EQ(after("kernels", tensors(2)), (Vector{-2, -1})) << "a layer without kernels";
}

TEST(Sophia, ByHand) {
  const auto sophia =
      make("optimizers_sophia", "learning_rate=1 beta1=0.5 beta2=0.5 gamma=4 every=2");
  Vector w{2};
  PencilStep f(w, 4);
  sophia->step(f);
  EXPECT_EQ(w[0], 1.5F);  // m = 4, h = 2: 4 / 8
  sophia->step(f);
  EXPECT_EQ(w[0], 0.875F);  // m = 2 + 3, h as it was: 5 / 8
  sophia->step(f.at_schedule(0.5));
  EXPECT_FLOAT_EQ(w[0], static_cast<float>(0.875 - 0.5 * 4.25 / 12));  // m = 2.5 + 1.75, h = 3
}

TEST(Sophia, ClipsEachEntryAndTakesSignsWhereCurvatureIsNegative) {
  Vector w{2};
  PencilStep bowl(w, 4);
  make("optimizers_sophia", "learning_rate=0.5 gamma=0.001")->step(bowl);
  EXPECT_EQ(w[0], 1.5F);
  PencilStep hill(w, -4);
  make("optimizers_sophia", "learning_rate=0.5 gamma=1000")->step(hill);
  EXPECT_EQ(w[0], 2);
}

}  // namespace
}  // namespace gapbench::test
