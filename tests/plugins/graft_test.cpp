// graft by hand and against the identities of Agarwal et al. 2020: an optimizer grafted on itself,
// and one grafted on itself at another rate.
#include <gtest/gtest.h>

#include <cmath>

#include "core/state.h"
#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;

std::unique_ptr<Optimizer> make(const Component& c, const std::string& text,
                                std::span<const TensorInfo> shape) {
  return c.make_optimizer(options(c, text), shape);
}

struct Inner {
  const Component& component;
  std::string text;
};

std::unique_ptr<Optimizer> graft(const Inner& magnitude, const Inner& direction,
                                 std::vector<TensorInfo> shape, OptionMap given = {}) {
  const Component& c = component("optimizers_graft");
  Handed handed;
  const auto maker = [](const Inner& inner) {
    return [inner](std::span<const TensorInfo> t) { return make(inner.component, inner.text, t); };
  };
  handed.optimizers = {{"magnitude", maker(magnitude)}, {"direction", maker(direction)}};
  given.insert({{"magnitude", "m"}, {"direction", "d"}});
  return c.make_optimizer(
      Options::resolve(c.about.name, plugin::options_of(c), given, std::move(handed)), shape);
}

const Component& sgd() { return component("optimizers_sgd"); }
const Component& adam() { return component("optimizers_adam"); }

// Two tensors of two and one weights.
std::vector<TensorInfo> two_tensors() {
  return {{"a", TensorKind::weight, {2}, 0, 2}, {"b", TensorKind::bias, {1}, 2, 1}};
}

// Runs both for ten steps on one crooked bowl and gives the largest difference on the way.
double divergence(Optimizer& one, Optimizer& other) {
  Weights a{0.7F, -1.3F, 2.1F};
  Weights b = a;
  const Weights slope{0.3F, -0.2F, 0.9F};
  PencilStep f(a, 0.6, slope);
  PencilStep g(b, 0.6, slope);
  double largest = 0;
  for (int k = 0; k < 10; ++k) {
    one.step(f);
    other.step(g);
    for (std::size_t i = 0; i < a.size(); ++i) {
      largest = std::max(largest, std::abs(double{a[i]} - double{b[i]}));
    }
  }
  return largest;
}

TEST(Graft, OnItselfItIsTheIdentity) {
  for (const char* norm : {"global", "per_tensor"}) {
    const std::string text = "learning_rate=0.05";
    const auto plain = make(adam(), text, two_tensors());
    const auto grafted = graft({adam(), text}, {adam(), text}, two_tensors(), {{"norm", norm}});
    EXPECT_EQ(divergence(*plain, *grafted), 0) << norm;
  }
}

// Section 4 of the paper's tests: the direction's rate is divided out. Bounds as there.
TEST(Graft, SgdOnSgdAtAnotherRateIsTheFirst) {
  const auto plain = make(sgd(), "learning_rate=0.1", two_tensors());
  const auto grafted =
      graft({sgd(), "learning_rate=0.1"}, {sgd(), "learning_rate=12.3"}, two_tensors());
  EXPECT_LT(divergence(*plain, *grafted), 1e-6);
}

TEST(Graft, AdamOnAdamAtAnotherRateIsTheFirst) {
  const auto plain = make(adam(), "learning_rate=0.01", two_tensors());
  const auto grafted =
      graft({adam(), "learning_rate=0.01"}, {adam(), "learning_rate=1.23"}, two_tensors());
  EXPECT_LT(divergence(*plain, *grafted), 1e-6);
}

TEST(Graft, PerTensorByHand) {
  const auto grafted = graft({component("optimizers_normalized_gd"), "learning_rate=5"},
                             {sgd(), "learning_rate=1"}, two_tensors());
  Weights w{3, 4, 12};  // |g| = 13: M = 5/13 (3, 4, 12), D = (3, 4, 12)
  PencilStep f(w, 1);
  grafted->step(f);
  EXPECT_FLOAT_EQ(w[0], 3 - 15.0F / 13);
  EXPECT_FLOAT_EQ(w[1], 4 - 20.0F / 13);
  EXPECT_FLOAT_EQ(w[2], 12 - 60.0F / 13);
}

// Momentum in one tensor only would show if lengths were mixed: tensor b rests, a moves.
TEST(Graft, EachTensorHasItsOwnLengthUnlessGlobal) {
  const auto adam_length = Inner{adam(), "learning_rate=1 beta1=0 beta2=0 epsilon=1e-20"};
  const auto sgd_direction = Inner{sgd(), "learning_rate=1"};
  Weights w{3, 4, 12};
  PencilStep f(w, 1);
  // Adam without memory steps by 1 in every weight: lengths sqrt(2) and 1, sqrt(3) in all.
  graft(adam_length, sgd_direction, two_tensors())->step(f);
  EXPECT_FLOAT_EQ(w[0], 3 - std::sqrt(2.0F) * 0.6F);
  EXPECT_FLOAT_EQ(w[2], 11);
  w = {3, 4, 12};
  graft(adam_length, sgd_direction, two_tensors(), {{"norm", "global"}})->step(f);
  EXPECT_FLOAT_EQ(w[0], 3 - std::sqrt(3.0F) * 3 / 13);
  EXPECT_FLOAT_EQ(w[2], 12 - std::sqrt(3.0F) * 12 / 13);
}

TEST(Graft, WithoutADirectionItStays) {
  const auto grafted =
      graft({sgd(), "learning_rate=1 momentum=0.5"}, {sgd(), "learning_rate=1"}, two_tensors());
  Weights w{3, 4, 12};
  PencilStep f(w, 1);
  grafted->step(f);
  EXPECT_EQ(w, (Weights{0, 0, 0}));  // |M| = |D|
  grafted->step(f);                  // M goes on, D is 0
  EXPECT_EQ(w, (Weights{0, 0, 0}));
}

TEST(Graft, KeepsTheStateOfBothApart) {
  const Inner slow{sgd(), "learning_rate=0.1 momentum=0.9"};
  const Inner fast{sgd(), "learning_rate=0.1 momentum=0.5"};
  const auto before = graft(slow, fast, tensors(1));
  Weights w{8};
  PencilStep f(w, 1);
  before->step(f);
  before->step(f);
  StateWriter writer("graft");
  before->archive(writer);
  const auto after = graft(slow, fast, tensors(1));
  StateReader reader("graft", writer.blob());
  after->archive(reader);
  reader.finish();
  Weights again = w;
  PencilStep g(again, 1);
  before->step(f);
  after->step(g);
  EXPECT_EQ(w, again);
}

}  // namespace
}  // namespace gapbench::test
