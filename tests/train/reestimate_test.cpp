// Batch normalization's statistics, measured anew over the training part.
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "data/data.h"
#include "nn/chain.h"
#include "nn/layer_network.h"
#include "train/evaluation.h"
#include "train/network_problem.h"
#include "train/statistics.h"
#include "train/trainer.h"

namespace gapbench::train {
namespace {

using ::testing::FloatNear;
using Vector = std::vector<float>;

constexpr std::size_t units = 3;

std::unique_ptr<const data::Data> load(std::size_t examples) {
  data::Request request;
  request.name = "synthetic10";
  request.options = Options::resolve(
      request.name, data::find_kind(request.name).options,
      {{"examples", static_cast<std::int64_t>(examples)}, {"test_examples", std::int64_t{8}}});
  return data::load(request);
}

// Inputs -> norm -> linear -> norm -> ReLU -> outputs.
std::unique_ptr<const nn::Network> make_network(const Shape& shape) {
  const nn::Engine engine{dnnl::engine(dnnl::engine::kind::cpu, 0)};
  const nn::ImageShape input{shape.height, shape.width, shape.channels};
  return std::make_unique<nn::LayerNetwork>(engine.device, input,
                                            nn::Chain(engine, input)
                                                .flatten()
                                                .normalize("inputs", {})
                                                .linear("hidden", units, 2)
                                                .normalize("hidden.norm", {})
                                                .activation(Activation::relu)
                                                .linear("output", 10, 1)
                                                .finish());
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

// Of one column of `rows`, variance over n - 1.
Moments moments(const std::vector<std::vector<double>>& rows, std::size_t column) {
  Moments m;
  const auto n = static_cast<double>(rows.size());
  for (const auto& row : rows) m.mean += row[column] / n;
  for (const auto& row : rows) m.variance += std::pow(row[column] - m.mean, 2) / (n - 1);
  return m;
}

class Reestimate : public ::testing::Test {
 protected:
  static constexpr std::size_t examples = 20;

  Reestimate() {
    auto data = load(examples);
    auto network = make_network(data->description().shape);
    inputs_ = data->description().shape.size();
    std::vector<std::uint32_t> all(examples);
    std::iota(all.begin(), all.end(), 0U);
    Vector values(examples * inputs_);
    std::vector<std::int32_t> labels(examples);
    data->gather({Part::train, all}, values, labels, {});
    for (std::size_t i = 0; i < examples; ++i) {
      rows_.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(i * inputs_),
                         values.begin() + static_cast<std::ptrdiff_t>((i + 1) * inputs_));
    }
    w_.resize(network->dimension());
    network->initialize(Random(1), w_);
    problem_ = std::make_unique<NetworkProblem>(std::move(data), std::move(network));
  }

  Vector measured(std::size_t micro_batch, std::size_t threads = 1) {
    Team team(*problem_, threads, w_.size(), examples);
    const auto point = problem_->make_point();
    point->assign(w_);
    return measure_statistics(*problem_, team, *point, micro_batch);
  }

  // The linear layer behind a normalization by these moments; scales start at 1, shifts at 0.
  std::vector<std::vector<double>> hidden() const {
    std::vector<Moments> of(inputs_);
    for (std::size_t c = 0; c < inputs_; ++c) of[c] = moments(rows_, c);
    const auto weight = std::span(w_).subspan(problem_->tensors()[2].offset);
    std::vector<std::vector<double>> z(examples, std::vector<double>(units));
    for (std::size_t i = 0; i < examples; ++i) {
      for (std::size_t u = 0; u < units; ++u) {
        for (std::size_t c = 0; c < inputs_; ++c) {
          const double biased = of[c].variance * (examples - 1) / examples;
          z[i][u] +=
              weight[u * inputs_ + c] * (rows_[i][c] - of[c].mean) / std::sqrt(biased + 1e-5);
        }
      }
    }
    return z;
  }

  std::size_t inputs_ = 0;
  std::vector<std::vector<double>> rows_;  ///< the training examples
  Vector w_;
  std::unique_ptr<const Problem> problem_;
};

// One micro-batch of all: layout means then variances, layer after layer.
TEST_F(Reestimate, GivesTheMomentsOfTheTrainingSet) {
  const Vector s = measured(examples);
  ASSERT_EQ(s.size(), 2 * inputs_ + 2 * units);
  for (std::size_t c = 0; c < inputs_; ++c) {
    const Moments m = moments(rows_, c);
    ASSERT_THAT(s[c], FloatNear(static_cast<float>(m.mean), 1e-6F)) << c;
    ASSERT_THAT(s[inputs_ + c], FloatNear(static_cast<float>(m.variance), 1e-5F)) << c;
  }
  for (std::size_t u = 0; u < units; ++u) {
    const Moments m = moments(hidden(), u);
    EXPECT_NEAR(s[2 * inputs_ + u], m.mean, 1e-4);
    EXPECT_NEAR(s[2 * inputs_ + units + u], m.variance, 1e-4 * m.variance);
  }
}

// 7, 7 and 6 examples: the mean stays that of all, the variance is the mean of those within.
TEST_F(Reestimate, AveragesMicroBatchesByTheirSizes) {
  const Vector s = measured(7);
  for (std::size_t c = 0; c < inputs_; ++c) {
    double variance = 0;
    for (std::size_t first = 0; first < examples; first += 7) {
      const std::size_t end = std::min(first + 7, examples);
      const auto at = [&](std::size_t i) { return rows_.begin() + static_cast<std::ptrdiff_t>(i); };
      variance +=
          static_cast<double>(end - first) / examples * moments({at(first), at(end)}, c).variance;
    }
    ASSERT_THAT(s[c], FloatNear(static_cast<float>(moments(rows_, c).mean), 1e-6F)) << c;
    ASSERT_THAT(s[inputs_ + c], FloatNear(static_cast<float>(variance), 1e-5F)) << c;
  }
}

TEST_F(Reestimate, GivesTheSameBitsOnAnyNumberOfThreads) {
  for (const std::size_t micro_batch : {1U, 3U}) {
    EXPECT_EQ(measured(micro_batch, 2), measured(micro_batch, 1));
  }
}

class Descent final : public Optimizer {
 public:
  /// Where it stands for its own iterate, it says so.
  explicit Descent(bool says_so = false) : says_so_(says_so) {}
  void step(Step& s) override {
    Vector g(s.dimension());
    s.gradient(g);
    for (std::size_t i = 0; i < g.size(); ++i) s.parameters()[i] -= 0.05F * g[i];
    if (says_so_) iterate_.assign(s.parameters().begin(), s.parameters().end());
  }
  void archive(State&) override {}
  std::span<const float> evaluated() const noexcept override { return iterate_; }

 private:
  bool says_so_;
  Vector iterate_;
};

struct Trial {
  std::vector<Evaluation> history;
  Outcome outcome;
};

Trial train(const Problem& problem, RunningStatistics statistics, bool says_so = false) {
  TrialSettings settings;
  settings.batch = 10;
  settings.micro_batch = 5;
  settings.budget = {4, Length::Unit::steps};
  settings.running_statistics = statistics;
  Trial trial;
  Observer observer;
  observer.evaluated = [&](const Evaluation& e) { trial.history.push_back(e); };
  CostMeter meter;
  Method method;
  method.optimizer = std::make_unique<Descent>(says_so);
  trial.outcome = Trainer(settings, problem, std::move(method), meter, observer).run();
  return trial;
}

// Before the first step the parameters are known: evaluation uses the statistics of micro-batches
// of 5 there. Training goes the same way with both settings.
TEST_F(Reestimate, IsWhatEvaluationUses) {
  const Trial moving = train(*problem_, RunningStatistics::moving);
  const Trial anew = train(*problem_, RunningStatistics::reestimate);
  ASSERT_EQ(anew.history.size(), 2U);
  EXPECT_EQ(anew.history[1].objective, moving.history[1].objective);
  EXPECT_EQ(anew.outcome.cost.train_passes.forward, moving.outcome.cost.train_passes.forward);
  EXPECT_NE(anew.history[0].train.loss, moving.history[0].train.loss);
  EXPECT_NE(anew.history[1].test->loss, moving.history[1].test->loss);

  Vector start(w_.size());
  problem_->initialize(Random(0).at("init"), start);
  Team team(*problem_, 1, w_.size(), examples);
  const auto point = problem_->make_point();
  point->assign(start);
  point->assign_buffers(measure_statistics(*problem_, team, *point, 5));
  EXPECT_EQ(evaluate(*problem_, team, *point, Part::train).loss, anew.history[0].train.loss);
}

// The moving averages belong to the point that is trained at: a method that stands for another one
// has its statistics measured, whatever the settings say.
TEST_F(Reestimate, IsUsedAtAPointOfItsOwn) {
  const Trial anew = train(*problem_, RunningStatistics::reestimate);
  const Trial own = train(*problem_, RunningStatistics::moving, true);
  EXPECT_EQ(own.history[1].train.loss, anew.history[1].train.loss);
  EXPECT_EQ(own.history[1].test->loss, anew.history[1].test->loss);
  EXPECT_NE(own.history[1].test->loss,
            train(*problem_, RunningStatistics::moving).history[1].test->loss);
}

}  // namespace
}  // namespace gapbench::train
