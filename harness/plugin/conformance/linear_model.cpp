#include "plugin/conformance/linear_model.h"

#include <algorithm>
#include <cmath>

#include "plugin/conformance/numbers.h"

namespace gapbench::plugin::conformance {
namespace {

constexpr std::size_t classes = 4;
constexpr std::size_t train_examples = 4096;
constexpr std::size_t test_examples = 64;

// Second derivatives of the outputs are 0: a tangent goes back as a cotangent does.
class LinearPasses final : public Passes {
 public:
  LinearPasses(const LinearModel& model, std::size_t capacity)
      : model_(model),
        inputs_(model.tensors()[0].size / classes),
        z_(capacity * classes),
        tangent_(capacity * classes) {}

  Outputs forward(const Point& w, const Examples& examples, Mode) override {
    x_.clear();
    labels_.clear();
    for (const std::uint32_t i : examples.indices) {
      x_.push_back(model_.input(examples.part, i));
      labels_.push_back(model_.label(i));
    }
    return {x_.size(), classes, apply(w.values(), z_), labels_, {}, 0};
  }

  void backward(std::span<const float> cotangent, std::span<float> out) override {
    cotangent_.assign(cotangent.begin(), cotangent.end());
    if (!out.empty()) pull(cotangent, out);
  }

  void kronecker_factors(std::size_t, std::span<float> a, std::span<float> g) override {
    const double n = static_cast<double>(x_.size());
    const auto mean = [&](std::size_t size, std::span<float> out, auto value) {
      for (std::size_t k = 0; k < out.size(); ++k) {
        double sum = 0;
        for (std::size_t i = 0; i < x_.size(); ++i) sum += value(i, k / size) * value(i, k % size);
        out[k] = static_cast<float>(sum / n);
      }
    };
    mean(inputs_, a, [&](std::size_t i, std::size_t k) { return double{x_[i][k]}; });
    mean(classes, g,
         [&](std::size_t i, std::size_t k) { return double{cotangent_[i * classes + k]}; });
  }

  std::span<const float> tangent_forward(const Point& v) override {
    return apply(v.values(), tangent_);
  }

  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    pull(cotangent_tangent, out);
  }

 private:
  void pull(std::span<const float> cotangent, std::span<float> out) const {
    for (std::size_t c = 0; c < classes; ++c) {
      std::vector<double> sum(inputs_);
      for (std::size_t i = 0; i < x_.size(); ++i) {
        const double factor = cotangent[i * classes + c];
        for (std::size_t k = 0; k < inputs_; ++k) sum[k] += factor * x_[i][k];
      }
      std::ranges::transform(sum, out.subspan(c * inputs_, inputs_).begin(),
                             [](double x) { return static_cast<float>(x); });
    }
  }

  std::span<const float> apply(std::span<const float> w, Vector& out) const {
    for (std::size_t i = 0; i < x_.size(); ++i) {
      for (std::size_t c = 0; c < classes; ++c) {
        out[i * classes + c] = static_cast<float>(dot(w.subspan(c * inputs_, inputs_), x_[i]));
      }
    }
    return std::span(out).first(x_.size() * classes);
  }

  const LinearModel& model_;
  std::size_t inputs_;
  Vector z_;
  Vector tangent_;
  Vector cotangent_;
  std::vector<std::span<const float>> x_;
  std::vector<std::int32_t> labels_;
};

}  // namespace

LinearModel::LinearModel(std::size_t inputs, float scale)
    : tensor_{"weight", TensorKind::weight, {classes, inputs}, 0, classes * inputs},
      layer_{.tensor = 0, .inputs = inputs, .outputs = classes},
      row_(train_examples + test_examples + inputs) {
  if (scale != 0) Random(6).normal(row_, scale);
}

std::size_t LinearModel::width() const noexcept { return classes; }

std::size_t LinearModel::examples(Part part) const noexcept {
  if (part == Part::train) return train_examples;
  return part == Part::test ? test_examples : 0;
}

void LinearModel::initialize(Random random, std::span<float> w) const { random.normal(w); }

std::unique_ptr<Passes> LinearModel::make_passes(std::size_t capacity) const {
  return std::make_unique<LinearPasses>(*this, capacity);
}

PassFlops LinearModel::flops() const noexcept {
  const double products = 2.0 * static_cast<double>(tensor_.size);
  return {products, products, products, products};
}

std::span<const float> LinearModel::input(Part part, std::size_t example) const {
  const std::size_t first = part == Part::train ? 0 : train_examples;
  return std::span(row_).subspan(first + example, tensor_.size / classes);
}

std::int32_t LinearModel::label(std::size_t example) const {
  return static_cast<std::int32_t>(example % classes);
}

}  // namespace gapbench::plugin::conformance
