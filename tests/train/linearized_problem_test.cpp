// A linearized network against the network's own Jacobian, and its dynamics against their closed form.
#include "train/linearized_problem.h"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "data/data.h"
#include "gapbench/error.h"
#include "nn/network.h"
#include "train/network_problem.h"
#include "train/problems.h"

namespace gapbench::train {
namespace {

using ::testing::HasSubstr;
using Vector = std::vector<float>;
using Doubles = std::vector<double>;

Doubles doubles(std::span<const float> v) { return {v.begin(), v.end()}; }

// a + factor b
Doubles plus(const Doubles& a, const Doubles& b, double factor = 1) {
  Doubles sum = a;
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += factor * b[i];
  return sum;
}

double norm(const Doubles& a) {
  double sum = 0;
  for (const double x : a) sum += x * x;
  return std::sqrt(sum);
}

double distance(const Doubles& a, const Doubles& b) { return norm(plus(a, b, -1)); }

// Row by row.
struct Matrix {
  std::vector<Doubles> rows;
  Doubles times(const Doubles& v) const {
    Doubles out;
    for (const Doubles& row : rows) {
      double sum = 0;
      for (std::size_t p = 0; p < v.size(); ++p) sum += row[p] * v[p];
      out.push_back(sum);
    }
    return out;
  }
  Doubles transposed_times(const Doubles& u) const {
    Doubles out(rows.front().size());
    for (std::size_t i = 0; i < rows.size(); ++i) out = plus(out, rows[i], u[i]);
    return out;
  }
};

constexpr std::size_t n = 12;  // examples of a sine, one output

std::unique_ptr<const Problem> network_problem(const std::string& name, const OptionMap& options,
                                               const std::string& set = "sinusoid") {
  data::Request request;
  request.name = set;
  request.options = Options::resolve(
      set, data::find_kind(set).options,
      {{"examples", static_cast<std::int64_t>(n)}, {"test_examples", std::int64_t{4}}});
  auto data = data::load(request);
  const auto& about = data->description();
  const std::size_t width = about.classes > 0 ? about.classes : about.target_width;
  auto network =
      nn::make_network(name, Options::resolve(name, nn::find_architecture(name).options, options),
                       {about.shape.height, about.shape.width, about.shape.channels}, width);
  return std::make_unique<NetworkProblem>(std::move(data), std::move(network));
}

const OptionMap small{{"width", std::int64_t{6}}, {"depth", std::int64_t{2}}};

// One problem at one point, all training examples at once.
class At {
 public:
  At(const Problem& problem, const Vector& w)
      : problem_(problem), point_(problem.make_point()), passes_(problem.make_passes(n)), w_(w) {
    for (std::uint32_t i = 0; i < n; ++i) all_.push_back(i);
    point_->assign(w_);
    outputs_ = passes_->forward(*point_, {.indices = all_}, Mode::training);
  }
  Doubles outputs() const { return doubles(outputs_.values); }
  Doubles targets() const { return doubles(outputs_.targets); }
  Vector backward(const Vector& cotangent) {
    Vector out(w_.size());
    passes_->backward(cotangent, out);
    return out;
  }
  Vector tangent(const Vector& v) {
    const auto direction = problem_.make_point();
    direction->assign(v);
    const auto found = passes_->tangent_forward(*direction);
    return {found.begin(), found.end()};
  }
  Vector tangent_backward(const Vector& cotangent) {
    Vector out(w_.size());
    passes_->tangent_backward(cotangent, out);
    return out;
  }
  Vector gradient() {
    Vector cotangent(n);
    problem_.loss().value(outputs_, cotangent);
    return backward(cotangent);
  }
  Matrix jacobian() {
    Matrix j;
    for (std::size_t i = 0; i < n; ++i) {
      Vector unit(n);
      unit[i] = 1;
      j.rows.push_back(doubles(backward(unit)));
    }
    return j;
  }

 private:
  const Problem& problem_;
  std::unique_ptr<Point> point_;
  std::unique_ptr<Passes> passes_;
  Vector w_;
  std::vector<std::uint32_t> all_;
  Outputs outputs_;
};

class Linearized : public ::testing::Test {
 protected:
  Linearized()
      : network_(network_problem("mlp", small)),
        linear_(network_problem("mlp", small), Random(3)),
        start_(dimension()),
        elsewhere_(dimension()) {
    network_->initialize(Random(3), start_);
    Random(4).normal(elsewhere_, 0.7);
  }
  std::size_t dimension() const {
    const TensorInfo& last = network_->tensors().back();
    return last.offset + last.size;
  }

  std::unique_ptr<const Problem> network_;
  LinearizedProblem linear_;
  Vector start_, elsewhere_;
};

TEST_F(Linearized, StartsAsTheNetworkAndIsItsTaylorExpansion) {
  At there(*network_, start_);
  EXPECT_EQ(At(linear_, start_).outputs(), there.outputs());
  const Doubles moved = plus(doubles(elsewhere_), doubles(start_), -1);
  const Doubles expected = plus(there.outputs(), there.jacobian().times(moved));
  EXPECT_LT(distance(At(linear_, elsewhere_).outputs(), expected), 1e-5 * norm(expected));
  EXPECT_GT(distance(At(*network_, elsewhere_).outputs(), expected), 0.1 * norm(expected))
      << "the network itself is elsewhere";
}

TEST_F(Linearized, HasTheSameDerivativesEverywhere) {
  const Matrix j = At(*network_, start_).jacobian();
  At at(linear_, elsewhere_);
  const Matrix found = at.jacobian();
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_LT(distance(found.rows[i], j.rows[i]), 1e-6 * norm(j.rows[i])) << i;
  }
  Vector v(dimension()), u(n);
  Random(5).normal(v);
  Random(6).normal(u);
  const Doubles along = j.times(doubles(v));
  EXPECT_LT(distance(doubles(at.tangent(v)), along), 1e-5 * norm(along));
  const Doubles back = j.transposed_times(doubles(u));
  EXPECT_LT(distance(doubles(at.tangent_backward(u)), back), 1e-5 * norm(back));
}

// Squared error, descent of rate a: residuals r_k = (I - (2 a / n) J J')^k r_0, and the parameters move
// in the row space of J alone: w_k - w_0 = -(2 a / n) J' sum_(i < k) r_i.
TEST_F(Linearized, DescentIsItsClosedForm) {
  constexpr double rate = 0.02;
  constexpr int steps = 400;
  Vector w = start_;
  for (int k = 0; k < steps; ++k) {
    const Vector g = At(linear_, w).gradient();
    for (std::size_t i = 0; i < w.size(); ++i) w[i] -= static_cast<float>(rate) * g[i];
  }
  At there(*network_, start_);
  const Matrix j = there.jacobian();
  const Doubles first = plus(there.outputs(), there.targets(), -1);
  Doubles r = first;
  Doubles moved(w.size());
  for (int k = 0; k < steps; ++k) {
    const Doubles slope = j.transposed_times(r);
    moved = plus(moved, slope, -2 * rate / n);
    r = plus(r, j.times(slope), -2 * rate / n);
  }
  const Doubles found = plus(At(linear_, w).outputs(), there.targets(), -1);
  EXPECT_LT(distance(found, r), 1e-4 * norm(first));
  EXPECT_LT(norm(r), 0.8 * norm(first)) << "it has gone some way";
  const Doubles went = plus(doubles(w), doubles(start_), -1);
  EXPECT_LT(distance(went, moved), 1e-4 * norm(moved));
}

TEST_F(Linearized, CostsItsPasses) {
  const PassFlops of = network_->flops(), found = linear_.flops();
  EXPECT_EQ(found.forward, of.forward + of.tangent_forward);
  EXPECT_EQ(found.tangent_backward, of.backward);
}

TEST(LinearizedNetworks, BatchNormalizationIsRefusedInWords) {
  const OptionMap normalized{{"norm", std::string("batch")}};
  try {
    const LinearizedProblem problem(network_problem("cnn3", normalized, "synthetic10"), Random(1));
    FAIL() << "not refused";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("linearize: is not of networks with batch normalization"));
  }
}

// As a trial has it: around the start of its own seed.
TEST(LinearizedNetworks, AreAnOptionOfNetworks) {
  TrialSettings settings;
  settings.data.set.name = "sinusoid";
  settings.data.set.options = {{"examples", static_cast<std::int64_t>(n)}};
  settings.network = {"mlp", small, 0};
  settings.network.options["linearize"] = true;
  settings.seed = 7;
  const auto registry = plugin::Registry::load({});
  const auto problem = load_problem(settings, registry, "").problem;
  settings.network.options.erase("linearize");
  const auto network = load_problem(settings, registry, "").problem;
  const TensorInfo& last = network->tensors().back();
  Vector start(last.offset + last.size);
  network->initialize(start_random(7), start);
  EXPECT_EQ(At(*problem, start).outputs(), At(*network, start).outputs());
  Vector far = start, half = start;
  for (std::size_t i = 0; i < start.size(); ++i) {
    far[i] += 1;
    half[i] += 0.5F;
  }
  Doubles middle = plus(At(*problem, start).outputs(), At(*problem, far).outputs());
  for (double& z : middle) z /= 2;
  EXPECT_LT(distance(At(*problem, half).outputs(), middle), 1e-5 * norm(middle));
  EXPECT_GT(distance(At(*network, half).outputs(), middle), 1e-2 * norm(middle));
}

}  // namespace
}  // namespace gapbench::train
