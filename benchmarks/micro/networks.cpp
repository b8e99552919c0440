// The engine's passes on one thread: forward, gradient, exact Hessian-vector product and the
// gradient norms of single examples of each architecture.
//
//   bench_networks --benchmark_filter=cnn3       <network>/<precision>/<work>/<examples>
//
// <network>_group has group normalization in place of batch normalization, under which no example
// has a gradient of its own.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/engine_options.h"
#include "gapbench/head.h"
#include "nn/engine.h"
#include "nn/network.h"
#include "report.h"

namespace {

using namespace gapbench;

/// A network with random inputs, labels, parameters and direction.
class Setup {
 public:
  Setup(const std::string& name, const OptionMap& options, std::size_t examples)
      : network_(nn::make_network(
            name, Options::resolve(name, nn::find_architecture(name).options, options), {32, 32, 3},
            10)),
        workspace_(network_->make_workspace(examples)),
        w_(network_->dimension()),
        v_(network_->dimension()),
        gradient_(network_->dimension()),
        point_(network_->make_point()),
        direction_(network_->make_point()),
        labels_(examples),
        norms_(examples),
        cotangent_(examples * 10),
        cotangent_tangent_(examples * 10) {
    Random random(1);
    network_->initialize(random, w_);
    random.normal(v_);
    random.normal(workspace_->inputs());
    for (auto& label : labels_) label = static_cast<std::int32_t>(random.below(10));
    point_->assign(w_);
    direction_->assign(v_);
  }

  const nn::Network& network() const { return *network_; }
  std::size_t examples() const { return labels_.size(); }

  Outputs forward() {
    return {examples(), 10, workspace_->forward(*point_, Mode::training), labels_, {}};
  }

  void gradient() {
    point_->assign(w_);
    CrossEntropy().value(forward(), cotangent_);
    workspace_->backward(cotangent_, gradient_);
  }

  void example_norms() {
    point_->assign(w_);
    CrossEntropy().value(forward(), cotangent_);
    workspace_->backward(cotangent_, {});
    workspace_->example_norms(norms_);
  }

  void hessian_vector() {
    direction_->assign(v_);
    const Outputs z{examples(), 10, outputs_, labels_, {}};
    const auto moved = workspace_->tangent_forward(*direction_);
    CrossEntropy().curvature(z, moved, cotangent_tangent_);
    workspace_->tangent_backward(cotangent_tangent_, gradient_);
  }

  void prepare_hessian_vector() {
    const Outputs z = forward();
    outputs_.assign(z.values.begin(), z.values.end());
    CrossEntropy().value(z, cotangent_);
    workspace_->backward(cotangent_, gradient_);
  }

 private:
  std::unique_ptr<const nn::Network> network_;
  std::unique_ptr<nn::Workspace> workspace_;
  std::vector<float> w_, v_, gradient_, outputs_;
  std::unique_ptr<Point> point_, direction_;
  std::vector<std::int32_t> labels_;
  std::vector<double> norms_;
  std::vector<float> cotangent_, cotangent_tangent_;
};

struct Subject {
  std::string network;
  OptionMap options;
};

bool has_bf16() {
  const OptionMap any{{"precision", std::string("auto")}};
  const auto options = Options::resolve("engine", engine_options, any);
  return nn::make_engine(options).precision == nn::Precision::bf16;
}

void count(benchmark::State& state, const Setup& setup, double flops) {
  const auto images = static_cast<double>(setup.examples());
  bench::report(state, {.images = images, .flops = images * flops});
}

void forward(benchmark::State& state, const Subject& s) {
  Setup setup(s.network, s.options, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(setup.forward().values.data());
  count(state, setup, setup.network().flops().forward);
}

void gradient(benchmark::State& state, const Subject& s) {
  Setup setup(s.network, s.options, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) setup.gradient();
  const PassFlops f = setup.network().flops();
  count(state, setup, f.forward + f.backward);
}

void example_norms(benchmark::State& state, const Subject& s) {
  Setup setup(s.network, s.options, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) setup.example_norms();
  const PassFlops f = setup.network().flops();
  count(state, setup, f.forward + f.backward);
}

// The two tangent passes behind a gradient: what a Hessian-vector product costs more than it.
void hessian_vector(benchmark::State& state, const Subject& s) {
  Setup setup(s.network, s.options, static_cast<std::size_t>(state.range(0)));
  setup.prepare_hessian_vector();
  for (auto _ : state) setup.hessian_vector();
  const PassFlops f = setup.network().flops();
  count(state, setup, f.tangent_forward + f.tangent_backward);
}

using Case = std::pair<const char*, void (*)(benchmark::State&, const Subject&)>;

void register_cases(const std::string& name, const Subject& subject, std::span<const Case> cases) {
  for (const auto& [pass, f] : cases) {
    benchmark::RegisterBenchmark((name + pass).c_str(), f, subject)->Arg(16)->Arg(32);
  }
}

void register_all() {
  const Case cases[] = {
      {"/forward", forward}, {"/gradient", gradient}, {"/hessian_vector", hessian_vector}};
  const Case by_examples[] = {{"/gradient", gradient}, {"/example_norms", example_norms}};
  for (const nn::Architecture& a : nn::architectures()) {
    const bool has_norm =
        std::ranges::any_of(a.options, [](const auto& o) { return o.name == std::string("norm"); });
    for (const std::string precision : {"f32", "bf16"}) {
      if (precision == "bf16" && !has_bf16()) continue;
      Subject subject{a.name, {{"precision", precision}}};
      register_cases(subject.network + "/" + precision, subject, cases);
      if (has_norm) subject.options["norm"] = std::string("group");
      register_cases(subject.network + (has_norm ? "_group/" : "/") + precision, subject,
                     std::span(by_examples).subspan(has_norm ? 0 : 1));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  register_all();
  return bench::run_registered(argc, argv);
}
