// Workspaces: the same bits on any thread, at any thread count, beside others; batch sizes.

#include <gmock/gmock.h>
#include <omp.h>

#include <thread>

#include "nn/chain.h"
#include "nn/layer_network.h"
#include "nn/network_bench.h"

namespace gapbench::nn {
namespace {

struct Answers {
  Vector outputs, gradient, tangents, curvature;
  bool operator==(const Answers&) const = default;
};

const CrossEntropy head;

Answers answer(const Network& network, std::size_t examples) {
  Questions ask(network, examples, head);
  const Vector w = start(network);
  const Vector v = direction(network.dimension(), 2);
  return {ask.outputs(w), ask.gradient(w), ask.jacobian_vector(w, v), ask.hessian_vector(w, v)};
}

class Bits : public testing::TestWithParam<const char*> {
 protected:
  static std::unique_ptr<const Network> make() {
    const std::string name = GetParam();
    for (const char* convolution : {"direct", "winograd"}) {
      if (name != std::string("resnet8_bf16_") + convolution) continue;
      return network("resnet8",
                     {{"precision", std::string("auto")},  // f32 where the CPU has no bf16
                      {"convolution", std::string(convolution)}},
                     {16, 16, 3}, 10);
    }
    return network(name, {}, {16, 16, 3}, 10);
  }
};

TEST_P(Bits, DoNotDependOnTheCallersThreads) {
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  const Answers one = answer(*make(), 8);
  omp_set_num_threads(2);
  const Answers two = answer(*make(), 8);
  EXPECT_EQ(omp_get_max_threads(), 2) << "the caller's setting must be left as it was";
  omp_set_num_threads(before);
  EXPECT_TRUE(one == two);
}

TEST_P(Bits, AreTheSameSideBySide) {
  const auto net = make();
  const Answers alone = answer(*net, 8);
  std::vector<Answers> answers(6);
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t k = 0; k < 3; ++k)
        answers[3 * static_cast<std::size_t>(t) + k] = answer(*net, 8);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(answers, testing::Each(testing::Eq(alone)));
}

// Two workers read one point; the plan of a new size is made by both at once.
TEST_P(Bits, AreTheSameFromASharedPoint) {
  const auto net = make();
  const Vector w = start(*net);
  const auto point = net->make_point();
  point->assign(w);
  const auto work = [&](Vector& out) {
    const auto workspace = net->make_workspace(4);
    Random(1).normal(workspace->inputs());
    for (int k = 0; k < 5; ++k) {
      const auto z = workspace->forward(*point, Mode::training);
      out.assign(z.begin(), z.end());
    }
  };
  Vector a, b;
  std::thread other([&] { work(b); });
  work(a);
  other.join();
  EXPECT_EQ(a.size(), 40U);
  EXPECT_EQ(a, b);
}

// A kernel may be blocked differently for another number of examples: sums of at most 1,024
// products in another order, through four layers.
TEST_P(Bits, OfAnExampleHardlyDependOnTheOthers) {
  const auto net = make();
  const Vector w = start(*net);
  const auto point = net->make_point();
  point->assign(w);
  const std::size_t size = net->input().size();
  Vector images(33 * size);
  Random(2).normal(images);
  const auto all = net->make_workspace(33);
  std::ranges::copy(images, all->inputs().begin());
  const auto z = all->forward(*point, Mode::evaluation);
  const Vector wanted(z.begin(), z.end());
  for (const std::size_t batch : {1U, 3U, 11U}) {
    const auto part = net->make_workspace(batch);
    for (std::size_t i = 0; i < 33; i += batch) {
      std::ranges::copy(std::span(images).subspan(i * size, batch * size), part->inputs().begin());
      const auto y = part->forward(*point, Mode::evaluation);
      for (std::size_t k = 0; k < y.size(); ++k) ASSERT_NEAR(y[k], wanted[i * 10 + k], 1e-5);
    }
  }
}

TEST_P(Bits, DoNotDependOnEarlierQuestions) {
  const auto net = make();
  Questions ask(*net, 8, head);
  const Vector w = start(*net);
  const Vector far = moved(w, 100, direction(w.size(), 9));
  const Vector v = direction(w.size(), 2);
  ask.hessian_vector(far, moved(v, 50, far));
  EXPECT_EQ(ask.gradient(w), answer(*net, 8).gradient);
  EXPECT_EQ(ask.hessian_vector(w, v), answer(*net, 8).curvature);
}

INSTANTIATE_TEST_SUITE_P(Networks, Bits,
                         testing::Values("cnn3", "keskar_c1", "lenet5", "mlp", "resnet8",
                                         "resnet8_bf16_direct", "resnet8_bf16_winograd"),
                         [](const auto& i) { return std::string(i.param); });

// Weights may begin at any float: plain vectors are not aligned, tensors lie without gaps.
TEST(Workspace, TakesUnalignedVectors) {
  const auto net = network("cnn3", {{"width", std::int64_t{5}}}, {8, 8, 3}, 3);
  const Vector w = start(*net);
  Questions ask(*net, 4, head);
  const Vector wanted = ask.gradient(w);
  Vector room(w.size() + 1);
  std::ranges::copy(w, room.begin() + 1);
  const auto point = net->make_point();
  point->assign(std::span(room).subspan(1));
  const auto workspace = net->make_workspace(4);
  std::ranges::copy(ask.workspace().inputs(), workspace->inputs().begin());
  workspace->forward(*point, Mode::training);
  Vector cotangent(12, 1.0F);
  Vector out(w.size() + 3);
  workspace->backward(cotangent, std::span(out).subspan(3));
  EXPECT_EQ(ask.vector_jacobian(w, cotangent), Vector(out.begin() + 3, out.end()));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(workspace->inputs().data()) % 64, 0U);
}

// The caller's inputs are read, never written, also where a layer works in place.
TEST(Workspace, KeepsItsInputs) {
  for (const char* name : {"cnn3", "lenet5", "mlp"}) {
    const auto net = network(name, {}, {12, 12, 1}, 3);
    Questions ask(*net, 2, head);
    const auto inputs = ask.workspace().inputs();
    const Vector before(inputs.begin(), inputs.end());
    ask.hessian_vector(start(*net), direction(net->dimension(), 1));
    EXPECT_EQ(Vector(inputs.begin(), inputs.end()), before) << name;
  }
}

// No named architecture begins with a layer that could write over its input; a future one may.
TEST(Workspace, KeepsItsInputsUnderALeadingRelu) {
  const Engine engine{dnnl::engine(dnnl::engine::kind::cpu, 0)};
  const LayerNetwork net(engine.device, {1, 1, 3},
                         Chain(engine, {1, 1, 3})
                             .activation(Activation::relu)
                             .flatten()
                             .linear("output", 1, output_gain)
                             .finish());
  const Vector w{1, 10, 100, 1000};
  const auto point = net.make_point();
  point->assign(w);
  const auto workspace = net.make_workspace(1);
  std::ranges::copy(Vector{-1, 2, 3}, workspace->inputs().begin());
  for (int k = 0; k < 2; ++k) {
    EXPECT_THAT(workspace->forward(*point, Mode::training), testing::ElementsAre(1320));
  }
  EXPECT_THAT(workspace->inputs(), testing::ElementsAre(-1, 2, 3));
}

}  // namespace
}  // namespace gapbench::nn
