// Linear regression on a noisy linear teacher, over-parameterized where features > train.
//
//   y = x . beta + noise e,    x [features] ~ N(0, I),  e ~ N(0, 1),  |beta| = signal
//   outputs z = x . w, loss (z - y)^2, no bias; start point N(0, start^2 I), by default 0
//
// Facts. From w = 0 gradient descent converges to the solution of least norm (least squares where
// train >= features). With gamma = features/train its excess risk E (x.w - x.beta)^2 tends to
//
//   gamma < 1:  noise^2 gamma / (1 - gamma)
//   gamma > 1:  signal^2 (1 - 1/gamma) + noise^2 / (gamma - 1)
//
// as both grow (Hastie et al., theorem 1, isotropic features): infinite at gamma = 1, the double
// descent. The expected test loss is the excess risk + noise^2. The Hessian is (2/n) X'X.
//
// Source: Hastie, Montanari, Rosset, Tibshirani 2022, "Surprises in high-dimensional ridgeless
// least squares interpolation". Cost of a pass: 2 features operations an example.

#include <algorithm>
#include <cmath>
#include <vector>

#include <gapbench/plugin.h>

namespace {

using gapbench::OptionSpec;
using gapbench::Part;
using Floats = std::vector<float>;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::integer("features", "length of an input").at_least(1).by_default(200.0),
    option::integer("train", "training examples").at_least(1).by_default(100.0),
    option::integer("test", "test examples").at_least(1).by_default(1000.0),
    option::real("noise", "standard deviation of the noise").at_least(0).by_default(0.5),
    option::real("signal", "length of the teacher").at_least(0).by_default(1.0),
    option::real("start", "standard deviation of the start point").at_least(0).by_default(0.0),
};

struct Data {
  std::size_t features;
  Floats x;  // [examples, features]
  Floats y;  // [examples]

  std::span<const float> row(std::size_t i) const {
    return std::span(x).subspan(i * features, features);
  }
};

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

Data draw(std::size_t examples, const Floats& teacher, double noise, gapbench::Random random) {
  Data data{teacher.size(), Floats(examples * teacher.size()), Floats(examples)};
  random.at("inputs").normal(data.x);
  random.at("noise").normal(data.y, noise);
  for (std::size_t i = 0; i < examples; ++i) {
    data.y[i] = static_cast<float>(data.y[i] + dot(data.row(i), teacher));
  }
  return data;
}

class LinearPasses final : public gapbench::Passes {
 public:
  LinearPasses(const Data& train, const Data& test, std::size_t capacity)
      : train_(train),
        test_(test),
        rows_(capacity),
        z_(capacity),
        y_(capacity),
        tangent_(capacity) {}

  gapbench::Outputs forward(const gapbench::Point& w, const gapbench::Examples& examples,
                            gapbench::Mode) override {
    const Data& data = examples.part == Part::train ? train_ : test_;
    count_ = examples.indices.size();
    for (std::size_t i = 0; i < count_; ++i) {
      rows_[i] = data.row(examples.indices[i]);
      y_[i] = data.y[examples.indices[i]];
    }
    return {count_, 1, multiply(w.values(), z_), {}, std::span(y_).first(count_)};
  }
  void backward(std::span<const float> cotangent, std::span<float> out) override {
    std::fill(out.begin(), out.end(), 0.0F);
    for (std::size_t i = 0; i < count_; ++i) {
      for (std::size_t k = 0; k < out.size(); ++k) out[k] += cotangent[i] * rows_[i][k];
    }
  }
  std::span<const float> tangent_forward(const gapbench::Point& v) override {
    return multiply(v.values(), tangent_);
  }
  // The outputs are linear in w: only the cotangent moves.
  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    backward(cotangent_tangent, out);
  }

 private:
  std::span<const float> multiply(std::span<const float> w, Floats& out) const {
    for (std::size_t i = 0; i < count_; ++i) out[i] = static_cast<float>(dot(rows_[i], w));
    return std::span(out).first(count_);
  }

  const Data& train_;
  const Data& test_;
  std::size_t count_ = 0;
  std::vector<std::span<const float>> rows_;
  Floats z_;
  Floats y_;
  Floats tangent_;
};

class LinearTeacher final : public gapbench::Problem {
 public:
  LinearTeacher(const gapbench::Options& o, gapbench::Random random) : start_(o.real("start")) {
    const std::size_t d = o.count("features");
    Floats teacher(d);
    random.at("teacher").normal(teacher);
    const double scale = o.real("signal") / std::sqrt(dot(teacher, teacher));
    for (float& x : teacher) x = static_cast<float>(scale * x);
    train_ = draw(o.count("train"), teacher, o.real("noise"), random.at("train"));
    test_ = draw(o.count("test"), teacher, o.real("noise"), random.at("test"));
    tensors_ = {{"weight", gapbench::TensorKind::weight, {1, d}, 0, d}};
  }

  std::span<const gapbench::TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override { return 1; }
  std::size_t examples(Part part) const noexcept override {
    if (part == Part::validation) return 0;
    return part == Part::train ? train_.y.size() : test_.y.size();
  }
  const gapbench::Head& loss() const noexcept override { return loss_; }
  void initialize(gapbench::Random random, std::span<float> w) const override {
    random.normal(w, start_);
  }
  std::unique_ptr<gapbench::Passes> make_passes(std::size_t capacity) const override {
    return std::make_unique<LinearPasses>(train_, test_, capacity);
  }
  gapbench::PassFlops flops() const noexcept override {
    const double pass = 2.0 * static_cast<double>(train_.features);
    return {pass, pass, pass, pass};
  }

 private:
  double start_;
  Data train_;
  Data test_;
  std::vector<gapbench::TensorInfo> tensors_;
  gapbench::SquaredError loss_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::problem<LinearTeacher>(
    {.name = "linear_teacher",
     .summary = "ridgeless linear regression, the double descent; Hastie et al. 2022",
     .example = "features=20 train=10 test=30"},
    options));
