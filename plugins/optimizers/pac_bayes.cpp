// PAC-Bayes: a Gaussian over the parameters, trained by the bound on the error of networks drawn from it.
//
//   q = N(mu, diag s),  s = exp(2 rho);   p = N(w_0, lambda I),  lambda = prior_variance exp(-j / grid), j = 1, 2 ...
//   L(mu, rho, log lambda) = E_q[ F(w) ] / log 2 + sqrt(B / 2)
//   B  = [ KL + 2 log(grid log(prior_variance / lambda)) + log(pi^2 m / (6 delta)) ] / (m - 1)
//   KL = (1/2) [ (sum_i s_i + |mu - w_0|^2) / lambda - d + d log lambda - sum_i log s_i ]
//
// w_0 is what the problem's initialization wrote, which has not seen the data, also where the trial starts
// from the end of another (start: METHOD): mu begins there. F is the objective on the mini-batch, m the number
// of training examples. Cross-entropy / log 2 is at least the error, of any number of classes; another loss is
// refused, and so are normalizations. lambda is trained as a real number, and rounded to the grid up or down, whichever is better, for what
// is recorded: the divergence and its choice, log(pi^2 j^2 / 6), which is what not knowing lambda costs. The
// bound itself: probe pac_bayes. The gradient of |mu - w_0|^2 is taken, which the authors' code leaves out.
// Estimates, and the options inner, draws and estimate: gapbench/gaussian_weights.h. rho begins at log(max(
// relative_deviation |w|, start_deviation)).
//
// Source: Dziugaite, Roy 2017, "Computing nonvacuous generalization bounds for deep (stochastic) neural
// networks with many more parameters than training data". State: w_0, mu and rho, 3 floats a parameter, lambda,
// and what the inner optimizer keeps of mu, rho and lambda. Cost per step: as variational's.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include <gapbench/gaussian_weights.h>
#include <gapbench/pac_bayes.h>
#include <gapbench/plugin.h>
#include <gapbench/tensors.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    gapbench::GaussianWeights::options,
    std::array{
        option::real("prior_variance", "above that of every prior that may be chosen")
            .above(0)
            .by_default(0.1),
        option::integer("grid", "priors that may be chosen, for each factor e of their variance")
            .at_least(1)
            .by_default(100),
        option::real("start_prior_variance", "lambda at the start").above(0).by_default(0.0025),
        option::real("relative_deviation", "sigma at the start, of the size of each parameter")
            .at_least(0)
            .by_default(1.0),
        option::real("start_deviation", "least sigma at the start").above(0).by_default(1e-3),
        option::real("delta", "probability that the bound may fail with")
            .above(0)
            .below(1)
            .by_default(0.025),
    });

const std::string further[] = {"prior.log_variance"};

class PacBayes final : public gapbench::GaussianWeights {
 public:
  PacBayes(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : GaussianWeights("pac_bayes", o, tensors, further),
        widest_(o.real("prior_variance")),
        grid_(static_cast<double>(o.count("grid"))),
        start_log_(std::log(o.real("start_prior_variance"))),
        relative_deviation_(o.real("relative_deviation")),
        start_deviation_(o.real("start_deviation")),
        delta_(o.real("delta")),
        center_of_prior_(dimension()) {
    if (gapbench::has_normalization(tensors)) {
      throw gapbench::Error("pac_bayes",
                            "is for networks without normalizations: what they measure of the "
                            "training set is in no prior; write norm: none of the network");
    }
    if (start_log_ <= highest_log()) return;
    throw gapbench::Error("pac_bayes.start_prior_variance",
                          "must be at most prior_variance exp(-1 / grid) = " +
                              std::to_string(std::exp(highest_log())));
  }

  void archive(gapbench::State& state) override {
    GaussianWeights::archive(state);
    state.field("prior_center", center_of_prior_);
  }

  std::optional<gapbench::Divergence> divergence() const override {
    if (!is_ready()) return std::nullopt;
    const Sums sums = sums_of(q());
    const double j = grid_ * (std::log(widest_) - q().back());
    const auto below = on_grid(sums, std::max(1.0, std::floor(j)));
    const auto above = on_grid(sums, std::max(1.0, std::ceil(j)));
    return below.nats + below.choice < above.nats + above.choice ? below : above;
  }
  void report(gapbench::Metrics& metrics) const override {
    GaussianWeights::report(metrics);
    metrics.add("prior_variance", std::exp(double{q().back()}), "");
  }

 private:
  double highest_log() const { return std::log(widest_) - 1 / grid_; }

  void begin_at(std::span<const float> w, std::span<float> v) const override {
    std::ranges::copy(w, v.begin());
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double sigma = std::max(relative_deviation_ * std::abs(w[i]), start_deviation_);
      v[dimension() + i] = static_cast<float>(std::log(sigma));
    }
    v.back() = static_cast<float>(start_log_);
  }

  void prepare(gapbench::Step& step) override {
    std::ranges::copy(step.initial_parameters(), center_of_prior_.begin());
    if (is_ready()) return;
    step.for_each_micro_batch([](gapbench::MicroBatch& m, std::size_t) {
      if (dynamic_cast<const gapbench::CrossEntropy*>(&m.loss()) != nullptr) return;
      throw gapbench::Error("pac_bayes",
                            "bounds the error of a classifier and needs the cross-entropy as its "
                            "loss, which this is not");
    });
  }

  double loss_weight() const noexcept override { return 1 / std::numbers::ln2; }

  void confine(std::span<float> v) const override {
    v.back() = std::min(v.back(), static_cast<float>(highest_log()));
  }

  struct Sums {
    double squares = 0;  // sum s + |mu - w_0|^2
    double logs = 0;     // sum log s
  };
  /// Writes every s to `kept` unless that is empty.
  Sums sums_of(std::span<const float> v, std::span<double> kept = {}) const {
    Sums sums;
    for (std::size_t i = 0; i < dimension(); ++i) {
      const double away = double{v[i]} - center_of_prior_[i];
      const double rho = v[dimension() + i];
      const double s = std::exp(2 * rho);
      sums.squares += s + away * away;
      sums.logs += 2 * rho;
      if (!kept.empty()) kept[i] = s;
    }
    return sums;
  }
  double kl(const Sums& sums, double log_lambda) const {
    const auto d = static_cast<double>(dimension());
    const double twice = sums.squares / std::exp(log_lambda) - d + d * log_lambda - sums.logs;
    return std::max(0.0, twice / 2);
  }
  static double choice(double j) {
    return std::log(std::numbers::pi * std::numbers::pi * j * j / 6);
  }
  gapbench::Divergence on_grid(const Sums& sums, double j) const {
    return {kl(sums, std::log(widest_) - j / grid_), choice(j)};
  }

  double penalty(std::span<const float> v, std::span<const float>,
                 std::span<double> slope) const override {
    const std::size_t d = dimension();
    const Sums sums = sums_of(v, slope.empty() ? slope : slope.subspan(d, d));
    const double log_lambda = v.back();
    const double lambda = std::exp(log_lambda);
    const double room = std::log(widest_) - log_lambda;  // j / grid
    const double b = gapbench::pac_bayes_complexity({kl(sums, log_lambda), choice(grid_ * room)},
                                                    examples(), delta_);
    const double value = std::sqrt(b / 2);
    if (slope.empty()) return value;
    const double by_kl = 1 / (4 * value * (examples() - 1));
    for (std::size_t i = 0; i < d; ++i) {
      slope[i] = by_kl * (double{v[i]} - center_of_prior_[i]) / lambda;
      slope[d + i] = by_kl * (slope[d + i] / lambda - 1);
    }
    slope[2 * d] = by_kl * ((static_cast<double>(d) - sums.squares / lambda) / 2 - 2 / room);
    return value;
  }

  double widest_;
  double grid_;
  double start_log_;
  double relative_deviation_;
  double start_deviation_;
  double delta_;
  std::vector<float> center_of_prior_;  // w_0
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<PacBayes>(
    {.name = "pac_bayes",
     .summary = "Gaussians over the parameters by the bound on their error; Dziugaite, Roy 2017",
     .example = "inner=sgd"},
    options));
