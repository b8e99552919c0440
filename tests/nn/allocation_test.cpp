// In a warmed-up step nothing of ours allocates, and no primitive is made.
//
// oneDNN 2.6 itself makes a few small allocations in each execution, so calls into it are marked:
// this binary stands in front of dnnl_primitive_execute and dnnl_primitive_create, and its operator
// new counts what happens outside of them.

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <oneapi/dnnl/dnnl.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "nn/network_bench.h"

namespace {

std::atomic<std::size_t> allocations{0};
std::atomic<std::size_t> executions{0};
std::atomic<std::size_t> creations{0};
thread_local bool inside_onednn = false;

void* take(std::size_t size, std::size_t alignment) {
  if (!inside_onednn) ++allocations;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* const p = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

template <class F>
F real(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// Not inlined: the compiler would take the pairing with std::free for a mistake.
[[gnu::noinline]] void* operator new(std::size_t size) {
  return take(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}

extern "C" dnnl_status_t dnnl_primitive_execute(const_dnnl_primitive_t primitive,
                                                dnnl_stream_t stream, int count,
                                                const dnnl_exec_arg_t* arguments) {
  static const auto next = real<decltype(&dnnl_primitive_execute)>("dnnl_primitive_execute");
  ++executions;
  inside_onednn = true;
  const dnnl_status_t status = next(primitive, stream, count, arguments);
  inside_onednn = false;
  return status;
}

extern "C" dnnl_status_t dnnl_primitive_create(dnnl_primitive_t* primitive,
                                               const_dnnl_primitive_desc_t desc) {
  static const auto next = real<decltype(&dnnl_primitive_create)>("dnnl_primitive_create");
  ++creations;
  return next(primitive, desc);
}

namespace gapbench::nn {
namespace {

// gradient, Jacobian and Hessian-vector products, gradient norms of examples and Kronecker factors
// at a moving point, into memory taken before.
struct Loop {
  explicit Loop(const char* name, bool noisy = false)
      : net(network(name, {}, {16, 16, 3}, 10)),
        workspace(noisy ? net->make_noisy_workspace(8) : net->make_workspace(8)),
        w(start(*net)),
        v(direction(net->dimension(), 1)),
        out(net->dimension()),
        point(net->make_point()),
        along(net->make_point()) {
    Random(1).normal(workspace->inputs());
    for (const KroneckerLayer& layer : net->kronecker_layers()) {
      a.resize(std::max(a.size(), layer.inputs * layer.inputs));
      g.resize(std::max(g.size(), layer.outputs * layer.outputs));
    }
  }

  void step() {
    const Outputs z{8, 10, forward(), labels, {}};
    CrossEntropy().value(z, cotangent);
    workspace->backward(cotangent, out);
    along->assign(v);
    CrossEntropy().curvature(z, workspace->tangent_forward(*along), curvature);
    workspace->tangent_backward(curvature, out);
    workspace->backward(cotangent, {});
    workspace->example_norms(norms);
    for (std::size_t l = 0; l < net->kronecker_layers().size(); ++l) {
      const KroneckerLayer& layer = net->kronecker_layers()[l];
      workspace->kronecker_factors(l, std::span(a).first(layer.inputs * layer.inputs),
                                   std::span(g).first(layer.outputs * layer.outputs));
    }
  }

  std::span<const float> forward() {
    point->assign(w);
    return workspace->forward(*point, Mode::training);
  }

  std::unique_ptr<const Network> net;
  std::unique_ptr<Workspace> workspace;
  Vector w, v, out, a, g;
  Vector cotangent = Vector(80), curvature = Vector(80);
  std::vector<double> norms = std::vector<double>(8);
  std::vector<std::int32_t> labels = std::vector<std::int32_t>(8, 3);
  std::unique_ptr<Point> point, along;
};

class Allocation : public testing::TestWithParam<const char*> {};

TEST_P(Allocation, IsNoneInAWarmStep) {
  Loop loop(GetParam());
  EXPECT_GT(creations, 0U);  // the stand-ins are really called
  EXPECT_GT(allocations, 0U);
  loop.step();
  const std::size_t made = creations;
  const std::size_t taken = allocations;
  const std::size_t executed = executions;
  for (int k = 0; k < 3; ++k) loop.step();
  EXPECT_EQ(allocations, taken);
  EXPECT_EQ(creations, made);
  EXPECT_GT(executions, executed);
}

TEST_P(Allocation, IsNoneUnderNoise) {
  Loop loop(GetParam(), true);
  loop.step();
  const std::size_t made = creations;
  const std::size_t taken = allocations;
  for (int k = 0; k < 3; ++k) {
    for (std::size_t s = 0; s < loop.net->noise_sites().size(); ++s) {
      std::ranges::fill(loop.workspace->factors(s), static_cast<float>(k));
    }
    loop.step();
  }
  EXPECT_EQ(allocations, taken);
  EXPECT_EQ(creations, made);
}

// Primitives are made once for a number of examples, and again for another.
TEST_P(Allocation, PlansAreSharedBySizes) {
  const auto net = network(GetParam(), {}, {16, 16, 3}, 10);
  const auto first = net->make_workspace(3);
  const std::size_t made = creations;
  const auto second = net->make_workspace(3);
  EXPECT_EQ(creations, made);
  const auto other = net->make_workspace(4);
  EXPECT_GT(creations, made);
}

INSTANTIATE_TEST_SUITE_P(Networks, Allocation,
                         testing::Values("cnn3", "keskar_c1", "lenet5", "mlp", "resnet8"),
                         [](const auto& i) { return std::string(i.param); });

}  // namespace
}  // namespace gapbench::nn
