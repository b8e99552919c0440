// gapbench's side of the comparison with its peers: times steps on request.
//
//   bench_steps        reads one request a line from standard input, answers one line each, JSON
//
//   {"work": "sgd_step", "network": "resnet20", "options": {}, "batch": 128, "micro_batch": 32,
//    "threads": 2, "seconds": 5}
//   -> {"step_seconds": [0.07, ...], "step_flops": 3.1e10}
//
// What is timed is the trainer's own step: batches of synthetic pictures gathered and normalized,
// the objective over its micro-batches on TBB workers, and the sgd plugin's momentum update. The
// first line it writes tells which build it is, and what the machine's cores reach together at most. Setting up and two steps to warm up are not timed;
// the last setup is kept, so that turns with another program can be taken at no cost.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "../micro/peak.h"
#include "core/aligned.h"
#include "plugin/registry.h"
#include "run/environment.h"
#include "run/process.h"
#include "train/batches.h"
#include "train/objective.h"
#include "train/problems.h"
#include "train/team.h"
#include "train/trainer.h"

namespace {

using namespace gapbench;
using Json = nlohmann::ordered_json;

OptionMap options_of(const Json& json) {
  OptionMap options;
  for (const auto& [name, value] : json.items()) {
    if (value.is_number_integer()) {
      options[name] = value.get<std::int64_t>();
    } else {
      options[name] = value.get<std::string>();
    }
  }
  return options;
}

/// What a measurement is of; equal ones share a setup.
struct Request {
  std::string work, network;
  Json options;
  std::size_t batch, micro_batch, threads;
  bool operator==(const Request&) const = default;
};

train::TrialSettings settings_of(const Request& request) {
  train::TrialSettings settings;
  settings.data.set = {"synthetic10", {{"examples", std::int64_t{1024}}}};
  settings.network = {request.network, options_of(request.options)};
  settings.batch = request.batch;
  return settings;
}

std::unique_ptr<Optimizer> make_sgd(const plugin::Registry& plugins, const Problem& problem) {
  const Component& sgd = *plugins.find(ComponentKind::optimizer, "sgd").component;
  const OptionMap options{{"learning_rate", 1e-3}, {"momentum", 0.9}};
  return sgd.make_optimizer(Options::resolve("sgd", plugin::options_of(sgd), options),
                            problem.tensors());
}

train::Penalty make_penalty(const plugin::Registry& plugins) {
  const Component& c = *plugins.find(ComponentKind::regularizer, "gradient_norm").component;
  const auto options = Options::resolve("gradient_norm", plugin::options_of(c), {{"lambda", 1e-3}});
  return {c.make_regularizer(options), c.hooks};
}

/// A network in training.
class Training {
 public:
  Training(Request request, const plugin::Registry& plugins)
      : request_(std::move(request)),
        loaded_(train::load_problem(settings_of(request_), plugins, {})),
        optimizer_(make_sgd(plugins, *loaded_.problem)),
        w_(train::dimension_of(*loaded_.problem)),
        v_(w_.size()),
        out_(w_.size()),
        team_(*loaded_.problem, request_.threads, w_.size(), request_.micro_batch),
        calendar_(settings_of(request_), loaded_.problem->examples(Part::train)),
        batches_(calendar_, loaded_.problem->examples(Part::train), random_),
        norms_(request_.batch),
        objective_(*loaded_.problem, team_, penalties_, request_.micro_batch, false, random_, w_) {
    loaded_.problem->initialize(random_.at("init"), w_);
    random_.at("direction").normal(v_);
    if (request_.work == "penalty_step") penalties_.push_back(make_penalty(plugins));
  }

  const Request& request() const { return request_; }

  /// Of all steps so far; a multiply-add is 2.
  double flops() const { return train::flops_of(team_.counts(), loaded_.problem->flops()); }

  void step() {
    objective_.begin({.index = done_, .examples = batches_.of(done_)});
    ++done_;
    if (request_.work == "sgd_step" || request_.work == "penalty_step") {
      optimizer_->step(objective_);
    } else if (request_.work == "gradient") {
      objective_.gradient(out_);
    } else if (request_.work == "forward") {
      objective_.value({});
    } else if (request_.work == "hessian_vector") {
      objective_.hessian_vector(v_, out_);
    } else if (request_.work == "example_norms") {
      example_norms();
    } else {
      throw Error("work", "unknown: " + request_.work);
    }
  }

 private:
  void example_norms() {
    objective_.for_each_micro_batch([&](MicroBatch& m, std::size_t k) {
      const auto norms = std::span(norms_).subspan(k * request_.micro_batch, m.size());
      m.example_gradient_norms(m.loss(), norms);
    });
  }

  Request request_;
  Random random_{1};
  train::LoadedProblem loaded_;
  std::unique_ptr<Optimizer> optimizer_;
  AlignedVector<float> w_, v_, out_;
  train::Team team_;
  train::Calendar calendar_;
  train::Batches batches_;
  std::vector<train::Penalty> penalties_;
  std::vector<double> norms_;
  train::Objective objective_;
  std::uint64_t done_ = 0;
};

double now() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

/// Steps until `seconds` have gone by, two at least.
Json measure(Training& training, double seconds) {
  Json answer;
  const double flops_before = training.flops();
  const double start = now();
  double before = start;
  while (before - start < seconds || answer["step_seconds"].size() < 2) {
    training.step();
    const double after = now();
    answer["step_seconds"].push_back(after - before);
    before = after;
  }
  answer["step_flops"] =
      (training.flops() - flops_before) / static_cast<double>(answer["step_seconds"].size());
  return answer;
}

/// Of all cores at once, by kind of arithmetic; null where there is none.
Json peaks() {
  const std::size_t cores = run::allowed_cores().size();
  Json answer;
  using bench::Arithmetic;
  for (const auto& [name, kind] : {std::pair{"f32", Arithmetic::f32},
                                   {"bf16", Arithmetic::bf16},
                                   {"tiles", Arithmetic::tiles}}) {
    const auto peak = bench::measured_peak(kind, cores);
    answer[name] = peak ? Json(*peak) : Json();
  }
  return answer;
}

Request read(const Json& json) {
  Request request{json.at("work"),  json.at("network"),     json.at("options"),
                  json.at("batch"), json.at("micro_batch"), json.at("threads")};
  if (request.micro_batch == 0) request.micro_batch = train::default_micro_batch;
  return request;
}

}  // namespace

int main() {
  try {
    const auto plugins = plugin::Registry::load(plugin::search_path({}));
    std::unique_ptr<Training> training;
    std::cout << Json{{"build", run::build_text()},
                      {"default_micro_batch", train::default_micro_batch},
                      {"peaks", peaks()}}
              << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
      const Json json = Json::parse(line);
      const Request request = read(json);
      if (training == nullptr || !(training->request() == request)) {
        training.reset();  // memory of the old one first
        training = std::make_unique<Training>(request, plugins);
      }
      for (int i = 0; i < 2; ++i) training->step();
      std::cout << measure(*training, json.at("seconds")) << std::endl;
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_steps: {}\n", error.what());
    return 1;
  }
}
