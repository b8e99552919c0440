#include "plugin/conformance/reference.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace gapbench::plugin::conformance {
namespace {

constexpr std::size_t features = 5;
constexpr std::size_t hidden = 4;
constexpr std::size_t classes = 3;
constexpr std::size_t train_examples = 4096;
constexpr std::size_t test_examples = 64;

// Where the four tensors begin.
constexpr std::size_t at_u = 0;
constexpr std::size_t at_b = at_u + hidden * features;
constexpr std::size_t at_v = at_b + hidden;
constexpr std::size_t at_c = at_v + classes * hidden;
constexpr std::size_t dimension = at_c + classes;

using Hidden = std::array<double, hidden>;
using Logits = std::array<double, classes>;

// out = M x + shift, with M [rows, columns] at `m` and the shift at `s` of the flat vector.
template <std::size_t rows, class In>
std::array<double, rows> affine(std::span<const float> w, std::size_t m, std::size_t s,
                                const In& x) {
  std::array<double, rows> out{};
  for (std::size_t r = 0; r < rows; ++r) {
    out[r] = w[s + r];
    for (std::size_t k = 0; k < x.size(); ++k) out[r] += double{w[m + r * x.size() + k]} * x[k];
  }
  return out;
}

// sum += M^T g, with M [classes, hidden] at V.
void add_back(std::span<const float> w, const Logits& g, Hidden& sum) {
  for (std::size_t c = 0; c < classes; ++c) {
    for (std::size_t k = 0; k < hidden; ++k) sum[k] += w[at_v + c * hidden + k] * g[c];
  }
}

// sum[m ..] += g x^T, a matrix.
template <class G, class In>
void add_outer(std::vector<double>& sum, std::size_t m, const G& g, const In& x) {
  for (std::size_t r = 0; r < g.size(); ++r) {
    for (std::size_t k = 0; k < x.size(); ++k) sum[m + r * x.size() + k] += g[r] * x[k];
  }
}

template <class X>
void add_square(std::vector<double>& sum, const X& x) {
  add_outer(sum, 0, x, x);
}

// x and the homogeneous coordinate.
template <std::size_t n, class X>
std::array<double, n + 1> with_one(const X& x) {
  std::array<double, n + 1> all{};
  std::copy(x.begin(), x.end(), all.begin());
  all[n] = 1;
  return all;
}

class ReferencePasses final : public Passes {
 public:
  ReferencePasses(const Reference& problem, std::size_t capacity)
      : problem_(problem),
        z_(capacity * classes),
        z_tangent_(capacity * classes),
        labels_(capacity),
        x_(capacity),
        h_(capacity),
        h_tangent_(capacity),
        f_(capacity),
        y_(capacity),
        y_tangent_(capacity),
        u_(capacity),
        cotangent_(capacity * classes),
        sum_(dimension) {}

  Outputs forward(const Point& w, const Examples& examples, Mode) override {
    w_ = w.values();
    std::fill(u_.begin(), u_.end(), Hidden{});
    count_ = examples.indices.size();
    for (std::size_t i = 0; i < count_; ++i) {
      x_[i] = examples.ones ? ones() : problem_.input(examples.part, examples.indices[i]);
      labels_[i] = problem_.label(examples.part, examples.indices[i]);
      h_[i] = affine<hidden>(w_, at_u, at_b, x_[i]);
      for (double& a : h_[i]) a = std::tanh(a);
      f_[i] = factors(examples, i);
      y_[i] = times(f_[i], h_[i]);
      const Logits z = affine<classes>(w_, at_v, at_c, y_[i]);
      std::transform(z.begin(), z.end(), z_.begin() + offset(i), to_float);
    }
    return {count_,
            classes,
            std::span(z_).first(count_ * classes),
            std::span(labels_).first(count_),
            {}};
  }

  void backward(std::span<const float> cotangent, std::span<float> out) override {
    std::copy(cotangent.begin(), cotangent.end(), cotangent_.begin());
    std::fill(sum_.begin(), sum_.end(), 0.0);
    for (std::size_t i = 0; i < count_; ++i) {
      const Logits g = row(cotangent, i);
      add_gradient(i, g, y_[i], through_tanh(i, times(f_[i], back(i))));
    }
    if (!out.empty()) std::transform(sum_.begin(), sum_.end(), out.begin(), to_float);
  }

  void example_squares(std::span<float> out) override {
    std::vector<double> squares(dimension);
    for (std::size_t i = 0; i < count_; ++i) {
      std::fill(sum_.begin(), sum_.end(), 0.0);
      const Logits g = row(cotangent_, i);
      add_gradient(i, g, y_[i], through_tanh(i, times(f_[i], back(i))));
      for (std::size_t p = 0; p < dimension; ++p) squares[p] += sum_[p] * sum_[p];
    }
    std::transform(squares.begin(), squares.end(), out.begin(), to_float);
  }

  void factor_gradient(std::span<float> out) override {
    for (std::size_t i = 0; i < count_; ++i) {
      const Hidden df = times(h_[i], back(i));
      for (std::size_t k = 0; k < hidden; ++k) out[i * hidden + k] = to_float(df[k]);
    }
  }

  void factor_tangents(std::span<const float> u) override {
    std::fill(u_.begin(), u_.end(), Hidden{});
    for (std::size_t i = 0; i < u.size() / hidden; ++i) {
      for (std::size_t k = 0; k < hidden; ++k) u_[i][k] = u[i * hidden + k];
    }
  }

  void kronecker_factors(std::size_t layer, std::span<float> a, std::span<float> g) override {
    std::vector<double> inputs_sum(a.size());
    std::vector<double> cotangent_sum(g.size());
    for (std::size_t i = 0; i < count_; ++i) {
      const Logits dz = row(cotangent_, i);
      if (layer == 1) {
        add_square(inputs_sum, with_one<hidden>(y_[i]));
        add_outer(cotangent_sum, 0, dz, dz);
        continue;
      }
      const Hidden da = through_tanh(i, times(f_[i], back(i)));
      add_square(inputs_sum, with_one<features>(x_[i]));
      add_outer(cotangent_sum, 0, da, da);
    }
    const auto n = static_cast<double>(count_);
    const auto mean = [n](double x) { return static_cast<float>(x / n); };
    std::transform(inputs_sum.begin(), inputs_sum.end(), a.begin(), mean);
    std::transform(cotangent_sum.begin(), cotangent_sum.end(), g.begin(), mean);
  }

  std::span<const float> tangent_forward(const Point& v) override {
    v_ = v.values();
    for (std::size_t i = 0; i < count_; ++i) {
      h_tangent_[i] = through_tanh(i, affine<hidden>(v_, at_u, at_b, x_[i]));
      y_tangent_[i] = plus(times(f_[i], h_tangent_[i]), times(u_[i], h_[i]));
      Logits z = affine<classes>(v_, at_v, at_c, y_[i]);
      for (std::size_t c = 0; c < classes; ++c) {
        for (std::size_t k = 0; k < hidden; ++k) {
          z[c] += w_[at_v + c * hidden + k] * y_tangent_[i][k];
        }
      }
      std::transform(z.begin(), z.end(), z_tangent_.begin() + offset(i), to_float);
    }
    return std::span(z_tangent_).first(count_ * classes);
  }

  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    std::fill(sum_.begin(), sum_.end(), 0.0);
    for (std::size_t i = 0; i < count_; ++i) {
      const Logits g = row(cotangent_, i);
      const Logits g_tangent = row(cotangent_tangent, i);
      const Hidden dy = back(i);
      const Hidden dh = times(f_[i], dy);
      Hidden dy_tangent{};
      add_back(v_, g, dy_tangent);
      add_back(w_, g_tangent, dy_tangent);
      const Hidden dh_tangent = plus(times(f_[i], dy_tangent), times(u_[i], dy));
      Hidden da_tangent = through_tanh(i, dh_tangent);
      for (std::size_t k = 0; k < hidden; ++k) {
        da_tangent[k] -= 2 * dh[k] * h_[i][k] * h_tangent_[i][k];
      }
      add_gradient(i, g_tangent, y_[i], da_tangent);
      add_outer(sum_, at_v, g, y_tangent_[i]);
    }
    std::transform(sum_.begin(), sum_.end(), out.begin(), to_float);
  }

 private:
  static float to_float(double x) { return static_cast<float>(x); }
  static std::ptrdiff_t offset(std::size_t i) { return static_cast<std::ptrdiff_t>(i * classes); }

  static Logits row(std::span<const float> values, std::size_t i) {
    return {values[i * classes], values[i * classes + 1], values[i * classes + 2]};
  }

  static std::span<const float> ones() {
    static constexpr std::array<float, features> all{1, 1, 1, 1, 1};
    return all;
  }

  static Hidden times(const Hidden& a, const Hidden& b) {
    Hidden out{};
    for (std::size_t k = 0; k < hidden; ++k) out[k] = a[k] * b[k];
    return out;
  }
  static Hidden plus(const Hidden& a, const Hidden& b) {
    Hidden out{};
    for (std::size_t k = 0; k < hidden; ++k) out[k] = a[k] + b[k];
    return out;
  }
  static Hidden factors(const Examples& examples, std::size_t i) {
    std::array<float, hidden> f{};
    f.fill(1);
    if (examples.noise != nullptr) examples.noise->factors(0, examples.indices[i], f);
    Hidden out{};
    std::copy(f.begin(), f.end(), out.begin());
    return out;
  }

  // dy of example i, under the last cotangent.
  Hidden back(std::size_t i) const {
    Hidden dy{};
    add_back(w_, row(cotangent_, i), dy);
    return dy;
  }

  // The derivative of tanh is 1 - tanh^2.
  Hidden through_tanh(std::size_t i, Hidden d) const {
    for (std::size_t k = 0; k < hidden; ++k) d[k] *= 1 - h_[i][k] * h_[i][k];
    return d;
  }

  void add_gradient(std::size_t i, const Logits& g, const Hidden& h, const Hidden& da) {
    add_outer(sum_, at_v, g, h);
    add_outer(sum_, at_c, g, std::array<double, 1>{1});
    add_outer(sum_, at_u, da, x_[i]);
    add_outer(sum_, at_b, da, std::array<double, 1>{1});
  }

  const Reference& problem_;
  std::span<const float> w_;
  std::span<const float> v_;
  std::size_t count_ = 0;
  std::vector<float> z_;
  std::vector<float> z_tangent_;
  std::vector<std::int32_t> labels_;
  std::vector<std::span<const float>> x_;
  std::vector<Hidden> h_;
  std::vector<Hidden> h_tangent_;
  std::vector<Hidden> f_, y_, y_tangent_;  // y = f h
  std::vector<Hidden> u_;                  // f'
  std::vector<float> cotangent_;
  std::vector<double> sum_;
};

}  // namespace

Reference::Reference()
    : tensors_{{"hidden.weight", TensorKind::weight, {hidden, features}, at_u, hidden * features},
               {"hidden.bias", TensorKind::bias, {hidden}, at_b, hidden},
               {"output.weight", TensorKind::weight, {classes, hidden}, at_v, classes * hidden},
               {"output.bias", TensorKind::bias, {classes}, at_c, classes}},
      inputs_((train_examples + test_examples) * features),
      labels_(train_examples + test_examples) {
  const Random random(2);
  random.at("inputs").normal(inputs_);
  std::array<float, classes * features> scores{};
  random.at("scores").normal(scores);
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    double best = -INFINITY;
    for (std::size_t c = 0; c < classes; ++c) {
      double score = 0;
      for (std::size_t k = 0; k < features; ++k) {
        score += double{scores[c * features + k]} * inputs_[i * features + k];
      }
      if (score <= best) continue;
      best = score;
      labels_[i] = static_cast<std::int32_t>(c);
    }
  }
}

std::size_t Reference::width() const noexcept { return classes; }

std::size_t Reference::examples(Part part) const noexcept {
  if (part == Part::train) return train_examples;
  return part == Part::test ? test_examples : 0;
}

void Reference::initialize(Random random, std::span<float> w) const { random.normal(w); }

std::unique_ptr<Passes> Reference::make_passes(std::size_t capacity) const {
  return std::make_unique<ReferencePasses>(*this, capacity);
}

PassFlops Reference::flops() const noexcept {
  constexpr double products = 2.0 * (hidden * features + classes * hidden);
  return {products, 2 * products, 2 * products, 4 * products};
}

std::span<const KroneckerLayer> Reference::kronecker_layers() const noexcept {
  static constexpr KroneckerLayer layers[] = {{0, features + 1, hidden}, {2, hidden + 1, classes}};
  return layers;
}

std::span<const NoiseSite> Reference::noise_sites() const noexcept { return sites_; }

std::span<const float> Reference::input(Part part, std::size_t example) const {
  const std::size_t first = part == Part::train ? 0 : train_examples;
  return std::span(inputs_).subspan((first + example) * features, features);
}

std::int32_t Reference::label(Part part, std::size_t example) const {
  return labels_[(part == Part::train ? 0 : train_examples) + example];
}

}  // namespace gapbench::plugin::conformance
