// Gradient norms of single examples: whole networks against one example at a time.

#include <gmock/gmock.h>

#include "nn/network_bench.h"

namespace gapbench::nn {
namespace {

constexpr std::size_t examples = 5;

struct Case {
  const char* name;
  const char* network;
  OptionMap options;
  Mode mode = Mode::training;
};

class ExampleNorms : public testing::TestWithParam<Case> {
 protected:
  ExampleNorms()
      : net_(network(GetParam().network, GetParam().options, {32, 32, 3}, 10)),
        w_(start(*net_)),
        point_(net_->make_point()),
        images_(examples * net_->input().size()),
        cotangent_(examples * 10) {
    point_->assign(w_);
    Random(1).normal(images_);
    Random(2).normal(cotangent_);
  }

  /// Of `count` examples, from the `first` one on, behind a forward.
  std::unique_ptr<Workspace> ask(std::size_t first, std::size_t count) {
    auto workspace = net_->make_workspace(count);
    const std::size_t size = net_->input().size();
    std::ranges::copy(std::span(images_).subspan(first * size, count * size),
                      workspace->inputs().begin());
    workspace->forward(*point_, GetParam().mode);
    return workspace;
  }

  std::unique_ptr<const Network> net_;
  Vector w_;
  std::unique_ptr<Point> point_;
  Vector images_, cotangent_;
};

// Kernels of one example round differently, and in bf16 what lies between them, so that rectifiers
// near 0 turn over.
TEST_P(ExampleNorms, AreThoseOfOneExampleAtATime) {
  const auto workspace = ask(0, examples);
  workspace->backward(cotangent_, {});
  std::vector<double> norms(examples);
  workspace->example_norms(norms);
  Vector gradient(w_.size());
  for (std::size_t i = 0; i < examples; ++i) {
    ask(i, 1)->backward(std::span(cotangent_).subspan(10 * i, 10), gradient);
    const double right = dot(gradient, gradient);
    EXPECT_GT(right, 1);
    EXPECT_NEAR(norms[i], right, 1e-4 * right) << i;
  }
}

// Nothing that other questions read is changed, and nothing of theirs is read.
TEST_P(ExampleNorms, StandApartFromOtherQuestions) {
  const Vector v = direction(w_.size(), 4);
  const auto along = net_->make_point();
  along->assign(v);
  struct Answers {
    std::vector<double> norms = std::vector<double>(examples);
    Vector gradient, curvature;
    bool operator==(const Answers&) const = default;
  };
  const auto answers = [&](bool norms_first) {
    Answers a;
    a.gradient.resize(w_.size());
    a.curvature.resize(w_.size());
    const auto workspace = ask(0, examples);
    if (norms_first) {
      workspace->backward(cotangent_, {});
      workspace->example_norms(a.norms);
    } else {
      workspace->backward(cotangent_, a.gradient);
    }
    workspace->tangent_forward(*along);
    workspace->tangent_backward(cotangent_, a.curvature);
    if (norms_first) {
      workspace->backward(cotangent_, a.gradient);
    } else {
      workspace->example_norms(a.norms);
    }
    return a;
  };
  EXPECT_TRUE(answers(true) == answers(false));
}

OptionMap norm_of(const char* norm) { return {{"norm", std::string(norm)}}; }

const Case cases[] = {
    {"Mlp", "mlp", {}},
    {"Lenet5", "lenet5", {}},
    {"Cnn3", "cnn3", {}},
    {"Cnn3Direct", "cnn3", {{"convolution", std::string("direct")}}},
    {"Resnet8Group", "resnet8", norm_of("group")},
    {"Resnet8None", "resnet8", norm_of("none")},
    {"Resnet8Evaluated", "resnet8", {}, Mode::evaluation},
    {"WideResnetGroup", "wide_resnet_10_1", norm_of("group")},
    {"Vgg11", "vgg11", {{"width", std::int64_t{16}}}},
    {"Resnet8GroupAuto",
     "resnet8",
     {{"norm", std::string("group")}, {"precision", std::string("auto")}}},
};
INSTANTIATE_TEST_SUITE_P(Networks, ExampleNorms, testing::ValuesIn(cases),
                         [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace gapbench::nn
