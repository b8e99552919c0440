// Hamiltonian Monte Carlo: each step of training is a trajectory along the whole posterior, accepted or
// refused so that the states are exact draws. The reference that other posteriors are compared to.
//
//   U(w) = ( N F(w) + |w|^2 / (2 prior_variance) ) / temperature,   H = U(w) + |p|^2 / 2,   p ~ N(0, I)
//   leapfrog, L times:   p <- p - (e/2) grad U(w),  w <- w + e p,  p <- p - (e/2) grad U(w)
//   accept with probability min(1, exp(H_start - H_end)), else stay
//
// F is the objective over the training set, N its size; what F must be: see sgld. e = step_size f(k), f
// the schedule's factor; L = trajectory / step_size, rounded, 1 to most_leapfrogs. trajectory 0 is
// (pi/2) sqrt(prior_variance temperature): a quarter turn of the prior. Needs `batch: all`: along a
// mini-batch the states are no draws of the posterior (Betancourt 2015, "The fundamental incompatibility
// of scalable Hamiltonian Monte Carlo and naive data subsampling"), `mini_batches: true` does it all the
// same. The method's noise (dropout) is switched off; augmentation would make U another function in
// every epoch. e is adapted in the first burn_in steps by dual averaging, so that `target` of the
// trajectories are accepted, and is fixed from then on:
//
//   x_t = log(10 step_size) - sqrt(t) / .05 h_t,  h_t = (1 - 1/(t+10)) h_(t-1) + (target - accepted)/(t+10)
//   log e = x_t within burn-in, then the mean of x_t with weights t^-.75
//
// A trajectory whose energy grows by more than 1,000 nats, or is not finite, breaks off and is refused
// (divergent). Energies are doubles of f32 outputs. Reported, of the steps after burn-in: acceptance
// (mean probability), divergent, energy_error (mean |H_end - H_start| of the others); and step_size and
// leapfrogs, as they are now.
//
// Source: Duane, Kennedy, Pendleton, Roweth 1987, "Hybrid Monte Carlo"; Neal 2011, "MCMC using
// Hamiltonian dynamics"; adaptation: Hoffman, Gelman 2014, "The No-U-Turn sampler", section 3.2;
// trajectory: Izmailov, Vikram, Hoffman, Wilson 2021, "What are Bayesian neural network posteriors really
// like?". State: the chain. Cost per step: L + 1 gradients and 1 normal a parameter.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <gapbench/chain.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    std::array{
        option::real("step_size", "e of a leapfrog; where there is a burn-in, the first guess")
            .above(0),
        option::real("trajectory", "its length in units of the parameters; 0: a quarter turn")
            .at_least(0)
            .by_default(0.0),
        option::integer("most_leapfrogs", "bounds the cost of a step while e is small")
            .at_least(1)
            .by_default(1000),
        option::real("prior_variance", "of the Gaussian prior of each parameter, centered at 0")
            .above(0),
        option::real("target", "share of trajectories to accept, adapted to in the burn-in")
            .above(0)
            .below(1)
            .by_default(0.8),
        option::real("temperature", "1 samples the posterior").above(0).by_default(1.0),
        option::flag("mini_batches", "go along mini-batches, too: no draws of the posterior")
            .by_default(false),
    },
    gapbench::Chain::options);

/// Hoffman and Gelman 2014, equation 6 and algorithm 5.
class DualAveraging {
 public:
  DualAveraging(double first, double target) : center_(std::log(10 * first)), target_(target) {
    log_step_ = mean_ = std::log(first);
  }
  void learn(double accepted) {
    ++steps_;
    const auto t = static_cast<double>(steps_);
    const double share = 1 / (t + 10);
    miss_ = (1 - share) * miss_ + share * (target_ - accepted);
    log_step_ = center_ - std::sqrt(t) / 0.05 * miss_;
    const double weight = std::pow(t, -0.75);
    mean_ = weight * log_step_ + (1 - weight) * mean_;
  }
  double now() const { return std::exp(log_step_); }
  double settled() const { return std::exp(mean_); }
  void archive(gapbench::State& state) {
    state.field("adapted", steps_);
    state.field("miss", miss_);
    state.field("log_step", log_step_);
    state.field("mean_log_step", mean_);
  }

 private:
  double center_;
  double target_;
  std::uint64_t steps_ = 0;
  double miss_ = 0;
  double log_step_;
  double mean_;
};

/// What is told of the trajectories after burn-in.
struct Account {
  std::uint64_t trajectories = 0;
  std::uint64_t divergent = 0;  // of them, broken off
  double accepted = 0;          // sum of probabilities
  double energy = 0;            // sum of |change of H| of the others
  double step_size = 0;
  std::uint64_t leapfrogs = 0;

  void archive(gapbench::State& state) {
    state.field("trajectories", trajectories);
    state.field("divergent", divergent);
    state.field("accepted", accepted);
    state.field("energy", energy);
    state.field("step_size", step_size);
    state.field("leapfrogs", leapfrogs);
  }
};

/// The chain, and how it was made.
class Draws final : public gapbench::Posterior {
 public:
  Draws(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : chain(o, tensors) {}
  void draw(std::size_t k, gapbench::Random random, std::span<float> w) const override {
    chain.draw(k, random, w);
  }
  std::size_t size() const noexcept override { return chain.size(); }
  bool is_ready() const noexcept override { return chain.is_ready(); }
  std::uint64_t ready_after() const noexcept override { return chain.ready_after(); }
  void report(gapbench::Metrics& metrics) const override {
    chain.report(metrics);
    metrics.add("step_size", account.step_size, "");
    metrics.add("leapfrogs", static_cast<double>(account.leapfrogs), "");
    if (account.trajectories == 0) return;
    const auto n = static_cast<double>(account.trajectories);
    metrics.add("acceptance", account.accepted / n, "");
    metrics.add("divergent", static_cast<double>(account.divergent), "trajectories");
    if (account.divergent == account.trajectories) return;
    const auto whole = static_cast<double>(account.trajectories - account.divergent);
    metrics.add("energy_error", account.energy / whole, "nats");
  }

  gapbench::Chain chain;
  Account account;
};

class Hmc final : public gapbench::Optimizer {
 public:
  Hmc(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : step_size_(o.real("step_size")),
        prior_variance_(o.real("prior_variance")),
        temperature_(o.real("temperature")),
        length_(o.real("trajectory")),
        most_leapfrogs_(o.count("most_leapfrogs")),
        mini_batches_(o.flag("mini_batches")),
        burn_in_(o.count("burn_in")),
        adaptation_(step_size_, o.real("target")),
        draws_(o, tensors) {
    if (length_ == 0) length_ = std::numbers::pi / 2 * std::sqrt(prior_variance_ * temperature_);
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    for (auto* buffer : {&place_, &momentum_, &gradient_}) buffer->resize(dimension);
  }

  void step(gapbench::Step& step) override {
    require_whole(step);
    const bool adapts = step.index() < burn_in_;
    const double size = adapts         ? adaptation_.now()
                        : burn_in_ > 0 ? adaptation_.settled()
                                       : step_size_;
    const auto most = static_cast<double>(most_leapfrogs_);
    const auto leapfrogs =
        static_cast<std::size_t>(std::clamp(std::round(length_ / size), 1.0, most));
    std::ranges::copy(step.parameters(), place_.begin());
    step.random("hmc momentum").normals(momentum_);
    const double change = travel(step, size * step.schedule(), leapfrogs);
    const double probability = change <= 0 ? 1 : std::exp(-change);  // 0 where it broke off
    if (step.random("hmc").uniform() < probability) {
      std::ranges::copy(place_, step.parameters().begin());
    }
    book({change, probability}, size, leapfrogs, adapts);
    draws_.chain.offer(step.parameters());
  }

  void archive(gapbench::State& state) override {
    adaptation_.archive(state);
    draws_.account.archive(state);
    draws_.chain.archive(state);
  }

  gapbench::Posterior* posterior() noexcept override { return &draws_; }

 private:
  struct Result {
    double change;
    double probability;
  };

  void require_whole(const gapbench::Step& step) const {
    if (mini_batches_ || step.batch_size() == step.training_examples()) return;
    throw gapbench::Error("hmc",
                          "needs the whole training set in each step, got mini-batches of " +
                              std::to_string(step.batch_size()) + " of " +
                              std::to_string(step.training_examples()) +
                              " examples; write batch: all (or mini_batches: true for trajectories "
                              "along mini-batches, whose states are no draws of the posterior)");
  }

  void book(Result result, double size, std::size_t leapfrogs, bool adapts) {
    Account& account = draws_.account;
    account.step_size = size;
    account.leapfrogs = leapfrogs;
    if (adapts) return adaptation_.learn(result.probability);
    ++account.trajectories;
    account.accepted += result.probability;
    if (std::isfinite(result.change)) {
      account.energy += std::abs(result.change);
    } else {
      ++account.divergent;
    }
  }

  /// U at place_; its gradient goes to gradient_.
  double potential(gapbench::Step& step) {
    const auto examples = static_cast<double>(step.training_examples());
    const gapbench::At at{.parameters = place_, .draw = gapbench::At::no_noise};
    const double loss = step.gradient(at, gradient_);
    const auto data = static_cast<float>(examples / temperature_);
    const auto prior = static_cast<float>(1 / (prior_variance_ * temperature_));
    double squares = 0;
    for (std::size_t i = 0; i < place_.size(); ++i) {
      squares += double{place_[i]} * place_[i];
      gradient_[i] = data * gradient_[i] + prior * place_[i];
    }
    return (examples * loss + squares / (2 * prior_variance_)) / temperature_;
  }

  /// Moves place_ and momentum_ along; returns how much H has grown.
  double travel(gapbench::Step& step, double size, std::size_t leapfrogs) {
    constexpr double hopeless = 1000;
    const double start = potential(step) + gapbench::dot(momentum_, momentum_) / 2;
    double change = 0;
    for (std::size_t l = 0; l < leapfrogs; ++l) {
      push(size / 2);
      gapbench::add_scaled(size, momentum_, place_);
      const double energy = potential(step);
      push(size / 2);
      change = energy + gapbench::dot(momentum_, momentum_) / 2 - start;
      if (!(change < hopeless)) break;
    }
    return change < hopeless ? change : HUGE_VAL;
  }

  void push(double time) { gapbench::add_scaled(-time, gradient_, momentum_); }

  double step_size_;
  double prior_variance_;
  double temperature_;
  double length_;
  std::size_t most_leapfrogs_;
  bool mini_batches_;
  std::uint64_t burn_in_;
  DualAveraging adaptation_;
  Draws draws_;
  std::vector<float> place_;
  std::vector<float> momentum_;
  std::vector<float> gradient_;  // of U
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Hmc>(
    {.name = "hmc",
     .summary = "Hamiltonian Monte Carlo on the whole training set; Neal 2011",
     .example = "step_size=0.02 trajectory=0.1 most_leapfrogs=5 prior_variance=1 burn_in=15 "
                "mini_batches=true"},
    options));
