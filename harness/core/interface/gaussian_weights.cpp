#include "gapbench/gaussian_weights.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "gapbench/error.h"
#include "gapbench/probe.h"
#include "gapbench/stand_in_step.h"
#include "gapbench/tensors.h"

namespace gapbench {
namespace {

/// (mu, rho) of each tensor: first all means, then all logarithms of deviations, then the further ones.
std::vector<TensorInfo> doubled(std::span<const TensorInfo> tensors, std::size_t dimension,
                                std::span<const std::string> further) {
  std::vector<TensorInfo> both(tensors.begin(), tensors.end());
  both.insert(both.end(), tensors.begin(), tensors.end());
  for (std::size_t i = 0; i < both.size(); ++i) {
    both[i].name += i < tensors.size() ? ".mean" : ".rho";
    both[i].offset += i < tensors.size() ? 0 : dimension;
  }
  for (const std::string& name : further) {
    both.push_back({name, TensorKind::scale, {1}, both.back().offset + both.back().size, 1});
  }
  return both;
}

}  // namespace

/// L as an objective of v.
class GaussianWeightsStep final : public StandInStep {
 public:
  GaussianWeightsStep(Step& step, GaussianWeights& owner) : StandInStep(step), q_(owner) {}

  std::size_t dimension() const noexcept override { return q_.v_.size(); }
  std::span<const TensorInfo> tensors() const noexcept override { return q_.tensors_; }
  std::span<float> parameters() noexcept override { return q_.v_; }
  std::span<const float> initial_parameters() const noexcept override { return q_.initial_; }

  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override {
    if (!at.variances.empty() || !by_variance.empty()) refuse("gradients by variances");
    std::ranges::fill(out, 0.0F);
    double value = 0;
    for (std::size_t k = 0; k < q_.draws_; ++k) {
      const At there = draw(at, k);
      value += q_.loss_weight() * step().gradient(there, q_.term_, by_variance_of(there));
      value += add(place(at), out);
    }
    return value / static_cast<double>(q_.draws_);
  }

  double value(const At& at) override {
    double value = 0;
    for (std::size_t k = 0; k < q_.draws_; ++k) {
      const At there = draw(at, k);
      value += q_.loss_weight() * step().value(there);
      value += q_.penalty(place(at), q_.normals_, {});
    }
    return value / static_cast<double>(q_.draws_);
  }

  void hessian_vector(const At&, std::span<const float>, std::span<float>) override {
    refuse("Hessian-vector products");
  }
  void for_each_micro_batch(const At&,
                            const std::function<void(MicroBatch&, std::size_t)>&) override {
    refuse("micro-batches");
  }
  void mean_over(const At&, std::size_t, const MicroBatchTerm&, std::span<float>) override {
    refuse("micro-batches");
  }

 private:
  [[noreturn]] void refuse(const char* what) const {
    throw Error(q_.name_ + ".inner", std::string("asks for ") + what +
                                         "; must ask for gradients and values alone, as sgd, adam "
                                         "or sam do");
  }

  std::span<const float> place(const At& at) const {
    return at.parameters.empty() ? std::span<const float>(q_.v_) : at.parameters;
  }

  std::span<float> by_variance_of(const At& there) {
    return there.variances.empty() ? std::span<float>() : q_.by_variance_;
  }

  /// Where the question about q is asked: at w, whose e is written beside, or at mu under variances.
  At draw(const At& at, std::size_t k) {
    const std::span<const float> v = place(at);
    const std::size_t d = q_.dimension_;
    const bool silent = at.draw == At::no_noise;
    At there{.draw = silent ? At::no_noise : at.draw * q_.draws_ + k};
    std::ranges::fill(q_.normals_, 0.0F);
    is_local_ = q_.local_ && !silent;
    if (is_local_) {
      for (std::size_t i = 0; i < d; ++i) q_.drawn_[i] = std::exp(2 * v[d + i]);
      there.parameters = v.first(d);
      there.variances = q_.drawn_;
      return there;
    }
    if (!silent) step().random(q_.name_).at("draw", there.draw).normals(q_.normals_);
    for (std::size_t i = 0; i < d; ++i) {
      q_.drawn_[i] = v[i] + std::exp(v[d + i]) * q_.normals_[i];
    }
    there.parameters = q_.drawn_;
    return there;
  }

  /// Adds 1 / draws of the gradient at the draw; returns the penalty.
  double add(std::span<const float> v, std::span<float> out) {
    const std::size_t d = q_.dimension_;
    const double share = 1 / static_cast<double>(q_.draws_);
    const double weight = q_.loss_weight();
    const double penalty = q_.penalty(v, q_.normals_, q_.slope_);
    for (std::size_t i = 0; i < d; ++i) {
      const double rho = v[d + i];
      const double g = q_.term_[i];
      const double by_rho =
          is_local_ ? 2.0 * q_.drawn_[i] * q_.by_variance_[i] : g * std::exp(rho) * q_.normals_[i];
      out[i] += static_cast<float>(share * (weight * g + q_.slope_[i]));
      out[d + i] += static_cast<float>(share * (weight * by_rho + q_.slope_[d + i]));
    }
    for (std::size_t i = 2 * d; i < out.size(); ++i) {
      out[i] += static_cast<float>(share * q_.slope_[i]);
    }
    return penalty;
  }

  GaussianWeights& q_;
  bool is_local_ = false;  // the last draw
};

GaussianWeights::GaussianWeights(std::string name, const Options& o,
                                 std::span<const TensorInfo> tensors,
                                 std::span<const std::string> further)
    : name_(std::move(name)), draws_(o.count("draws")), local_(o.choice("estimate") == "local") {
  if (local_ && has_normalization(tensors)) {
    throw Error(name_ + ".estimate",
                "local is for networks without normalizations, whose scales and shifts have no "
                "outputs to draw; write estimate: weights, or norm: none of the network");
  }
  for (const TensorInfo& tensor : tensors) dimension_ += tensor.size;
  tensors_ = doubled(tensors, dimension_, further);
  inner_ = o.optimizer("inner", tensors_);
  for (auto* buffer : {&variances_, &normals_, &drawn_, &term_}) buffer->resize(dimension_);
  if (local_) by_variance_.resize(dimension_);
  v_.resize(2 * dimension_ + further.size());
  slope_.resize(v_.size());
}

void GaussianWeights::step(Step& step) {
  if (steps_ == 0) begin_at(step.parameters(), v_);
  require_unmoved(name_, std::span(v_).first(dimension_), step.parameters());
  if (initial_.empty()) {
    initial_.resize(v_.size());
    begin_at(step.initial_parameters(), initial_);
  }
  examples_ = static_cast<double>(step.training_examples());
  prepare(step);
  GaussianWeightsStep stand_in(step, *this);
  inner_->step(stand_in);
  confine(v_);
  ++steps_;
  std::copy_n(v_.begin(), dimension_, step.parameters().begin());
  refresh();
}

void GaussianWeights::archive(State& state) {
  state.field("both", v_);
  state.field("steps", steps_);
  PrefixedState inner(state, "inner.");
  inner_->archive(inner);
  refresh();  // where it was read
}

std::span<const float> GaussianWeights::evaluated() const noexcept {
  const auto averaged = inner_->evaluated();
  return averaged.empty() ? averaged : averaged.first(dimension_);
}

std::span<const float> GaussianWeights::q() const noexcept {
  const auto averaged = inner_->evaluated();
  return averaged.empty() ? std::span<const float>(v_) : averaged;
}

void GaussianWeights::draw(std::size_t k, Random random, std::span<float> w) const {
  random.at("draw", k).normals(w);
  for (std::size_t i = 0; i < w.size(); ++i) {
    w[i] = q()[i] + static_cast<float>(std::sqrt(variances_[i])) * w[i];
  }
}

void GaussianWeights::report(Metrics& metrics) const {
  double squares = 0;
  for (const float s : variances_) squares += s;
  metrics.add("deviation", std::sqrt(squares / static_cast<double>(dimension_)), "");
}

void GaussianWeights::refresh() {
  for (std::size_t i = 0; i < dimension_; ++i) {
    variances_[i] = static_cast<float>(std::exp(2.0 * q()[dimension_ + i]));
  }
}

}  // namespace gapbench
