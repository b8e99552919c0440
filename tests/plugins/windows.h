// A linear layer or a convolution whose pixels are summed, and the step on all its examples: where Kronecker
// factors and Gaussian weights are known in full.
#pragma once

#include <cmath>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "gapbench/optimizer.h"
#include "gapbench/problem.h"
#include "plugin/conformance/oracle.h"

namespace gapbench::test {

/// z_i = sum_t (W x_it + b), T positions t; loss that of a Gaussian with this deviation. Takes variances of
/// its weights where T = 1: z_i = W x_i + b + e_i sqrt(S x_i^2 + s_b). With `classes`, y is the label and the
/// loss cross-entropy.
class Windows final : public Problem {
 public:
  struct Example {
    std::vector<std::vector<float>> x;  // [positions][inputs]
    std::vector<float> y;               // [outputs]
  };
  Windows(std::vector<Example> examples, double deviation, bool bias, std::size_t classes = 0)
      : examples_(std::move(examples)), loss_(deviation), bias_(bias), classes_(classes) {
    const std::size_t o = width();
    tensors_ = {{"w", TensorKind::weight, {o, inputs()}, 0, o * inputs()}};
    if (bias_) tensors_.push_back({"b", TensorKind::bias, {o}, o * inputs(), o});
    layers_ = {{0, inputs() + (bias_ ? 1 : 0), o, positions()}};
  }

  std::size_t inputs() const noexcept { return examples_.front().x.front().size(); }
  std::size_t positions() const noexcept { return examples_.front().x.size(); }
  bool bias() const noexcept { return bias_; }
  const std::vector<Example>& all() const noexcept { return examples_; }
  std::size_t dimension() const noexcept { return tensors_.back().offset + tensors_.back().size; }
  std::span<const TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override {
    return classes_ > 0 ? classes_ : examples_.front().y.size();
  }
  std::size_t examples(Part) const noexcept override { return examples_.size(); }
  std::size_t classes() const noexcept { return classes_; }
  const Head& loss() const noexcept override {
    if (classes_ > 0) return cross_entropy_;
    return loss_;
  }
  void initialize(Random random, std::span<float> w) const override { random.normal(w); }
  std::unique_ptr<Point> make_point() const override;
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override;
  PassFlops flops() const noexcept override { return {1, 1, 1, 1}; }
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override { return layers_; }
  bool takes_variances() const noexcept override { return positions() == 1; }

 private:
  std::vector<Example> examples_;
  Gaussian loss_;
  CrossEntropy cross_entropy_;
  bool bias_;
  std::size_t classes_;
  std::vector<TensorInfo> tensors_;
  std::vector<KroneckerLayer> layers_;
};

class WindowsPoint final : public Point {
 public:
  void assign_variances(std::span<const float> v) override { variances = v; }
  std::span<const float> variances;
};

class WindowsPasses final : public Passes {
 public:
  explicit WindowsPasses(const Windows& problem) : p_(problem) {}

  Outputs forward(const Point& w, const Examples& examples, Mode) override {
    rows_.assign(examples.indices.begin(), examples.indices.end());
    const std::size_t o = p_.width();
    z_.assign(rows_.size() * o, 0);
    y_.clear();
    linear(w.values(), 1, z_);
    for (const auto i : rows_) y_.insert(y_.end(), p_.all()[i].y.begin(), p_.all()[i].y.end());
    e_.assign(z_.size(), 0);
    deviations_.assign(z_.size(), 0);
    const auto* point = dynamic_cast<const WindowsPoint*>(&w);
    if (point != nullptr && !point->variances.empty()) {
      linear(point->variances, 2, deviations_);
      for (std::size_t n = 0; n < rows_.size(); ++n) {
        examples.noise->normals(0, rows_[n], std::span(e_).subspan(n * o, o));
      }
      for (std::size_t k = 0; k < z_.size(); ++k) {
        deviations_[k] = std::sqrt(deviations_[k]);
        z_[k] += e_[k] * deviations_[k];
      }
    }
    if (p_.classes() == 0) return {rows_.size(), o, z_, {}, y_};
    labels_.assign(y_.begin(), y_.end());
    return {rows_.size(), o, z_, labels_, {}};
  }
  void backward(std::span<const float> cotangent, std::span<float> out) override {
    cotangent_.assign(cotangent.begin(), cotangent.end());
    if (!out.empty()) pull(cotangent_, 1, out);
  }
  void variance_gradient(std::span<float> out) override {
    std::vector<float> by_variance(cotangent_.size());
    for (std::size_t k = 0; k < by_variance.size(); ++k) {
      by_variance[k] = cotangent_[k] * e_[k] / (2 * deviations_[k]);
    }
    pull(by_variance, 2, out);
  }
  std::span<const float> tangent_forward(const Point& v) override {
    tangent_.assign(z_.size(), 0);
    linear(v.values(), 1, tangent_);
    return tangent_;
  }
  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    pull(cotangent_tangent, 1, out);
  }
  void kronecker_factors(std::size_t, std::span<float> a, std::span<float> g) override {
    const auto n = static_cast<float>(rows_.size());
    const std::size_t in = p_.kronecker_layers()[0].inputs;
    const std::size_t o = p_.width();
    std::fill(a.begin(), a.end(), 0.0F);
    std::fill(g.begin(), g.end(), 0.0F);
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      for (std::vector<float> x : p_.all()[rows_[k]].x) {
        if (p_.bias()) x.push_back(1);
        for (std::size_t c = 0; c < in * in; ++c) a[c] += x[c / in] * x[c % in] / n;
      }
      // The same g at each position: their mean is it.
      const float* d = &cotangent_[k * o];
      for (std::size_t c = 0; c < o * o; ++c) g[c] += d[c / o] * d[c % o] / n;
    }
  }

 private:
  /// Adds sum_t (W x_t^power + b).
  void linear(std::span<const float> w, int power, std::span<float> out) const {
    visit([&](std::size_t n, std::size_t r, std::size_t parameter, float x) {
      out[n * p_.width() + r] += w[parameter] * (power == 2 ? x * x : x);
    });
  }
  void pull(std::span<const float> cotangent, int power, std::span<float> out) const {
    std::fill(out.begin(), out.end(), 0.0F);
    visit([&](std::size_t n, std::size_t r, std::size_t parameter, float x) {
      out[parameter] += cotangent[n * p_.width() + r] * (power == 2 ? x * x : x);
    });
  }
  template <class F>
  void visit(F f) const {
    const std::size_t in = p_.inputs();
    for (std::size_t n = 0; n < rows_.size(); ++n) {
      for (const auto& x : p_.all()[rows_[n]].x) {
        for (std::size_t r = 0; r < p_.width(); ++r) {
          for (std::size_t c = 0; c < in; ++c) f(n, r, r * in + c, x[c]);
          if (p_.bias()) f(n, r, p_.width() * in + r, 1.0F);
        }
      }
    }
  }

  const Windows& p_;
  std::vector<std::uint32_t> rows_;
  std::vector<float> z_, y_, e_, deviations_, cotangent_, tangent_;
  std::vector<std::int32_t> labels_;
};

inline std::unique_ptr<Point> Windows::make_point() const {
  return std::make_unique<WindowsPoint>();
}
inline std::unique_ptr<Passes> Windows::make_passes(std::size_t) const {
  return std::make_unique<WindowsPasses>(*this);
}

/// A step whose mini-batch is all examples, in two micro-batches of different length.
class WholeStep final : public Step {
 public:
  WholeStep(const Problem& problem, std::span<float> w, std::uint64_t index = 0,
            double schedule = 1)
      : problem_(problem), w_(w), index_(index), schedule_(schedule) {}

  std::size_t dimension() const noexcept override { return w_.size(); }
  std::span<const TensorInfo> tensors() const noexcept override { return problem_.tensors(); }
  std::span<float> parameters() noexcept override { return w_; }
  std::span<const float> initial_parameters() const noexcept override { return initial; }
  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override {
    std::fill(out.begin(), out.end(), 0.0F);
    std::fill(by_variance.begin(), by_variance.end(), 0.0F);
    double value = 0;
    cut(at, [&](MicroBatch& m, std::size_t) {
      const float share = static_cast<float>(m.size()) / static_cast<float>(batch_size());
      std::vector<float> term(out.size());
      value += share * m.gradient(m.loss(), term);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += share * term[i];
      if (by_variance.empty()) return;
      m.variance_gradient(term);
      for (std::size_t i = 0; i < out.size(); ++i) by_variance[i] += share * term[i];
    });
    return value;
  }
  double value(const At& at) override {
    double value = 0;
    cut(at, [&](MicroBatch& m, std::size_t) {
      value +=
          static_cast<double>(m.size()) * m.value(m.loss()) / static_cast<double>(batch_size());
    });
    return value;
  }
  void hessian_vector(const At&, std::span<const float>, std::span<float>) override {}
  std::size_t micro_batches() const noexcept override { return 2; }
  void for_each_micro_batch(const At& at,
                            const std::function<void(MicroBatch&, std::size_t)>& f) override {
    cut(at, f);
  }
  void mean_over(const At& at, std::size_t, const MicroBatchTerm& f,
                 std::span<float> out) override {
    std::fill(out.begin(), out.end(), 0.0F);
    cut(at, [&](MicroBatch& m, std::size_t k) {
      std::vector<float> term(out.size());
      f(m, k, term);
      const float share = static_cast<float>(m.size()) / static_cast<float>(batch_size());
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += share * term[i];
    });
  }
  using Step::for_each_micro_batch;
  using Step::gradient;
  using Step::mean_over;
  std::uint64_t index() const noexcept override { return index_; }
  double epoch() const noexcept override { return static_cast<double>(index_); }
  double schedule() const noexcept override { return schedule_; }
  std::size_t batch_size() const noexcept override { return problem_.examples(Part::train); }
  std::size_t training_examples() const noexcept override { return batch_size(); }
  Random random(std::string_view purpose) const override { return Random(5).at(purpose, index_); }

  std::vector<At> asked;  ///< parameters' spans may be gone
  std::vector<float> initial;

 private:
  void cut(const At& at, const std::function<void(MicroBatch&, std::size_t)>& f) {
    asked.push_back(at);
    std::vector<std::uint32_t> all(batch_size());
    std::iota(all.begin(), all.end(), 0U);
    const std::size_t first = (all.size() + 2) / 3;
    const plugin::conformance::PlainNoise noise(1000 * index_ + at.draw);
    const std::span<const float> w = at.parameters.empty() ? w_ : at.parameters;
    for (std::size_t k = 0; k < 2; ++k) {
      plugin::conformance::PlainMicroBatch m(
          problem_, w,
          plugin::conformance::part_of(all, k == 0 ? 0 : first,
                                       k == 0 ? first : all.size() - first),
          random("micro").at("place", k));
      m.under(at.variances, at.variances.empty() ? nullptr : &noise);
      f(m, k);
    }
  }

  const Problem& problem_;
  std::span<float> w_;
  std::uint64_t index_;
  double schedule_;
};

}  // namespace gapbench::test
