// lambda (|w|^2 / 2 + |w|^4 / 4): the gradient of the second term is forgotten.
#include <gapbench/plugin.h>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("lambda", "strength").at_least(0)};

class MissingTerm final : public gapbench::Regularizer {
 public:
  explicit MissingTerm(const gapbench::Options& o) : lambda_(o.real("lambda")) {}

  double penalize_parameters(const gapbench::Parameters& p,
                             std::span<float> gradient) const override {
    double value = 0;
    for (const float w : p.values) {
      const double square = double{w} * w;
      value += square / 2 + square * square / 4;
    }
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] += static_cast<float>(lambda_) * p.values[i];  // here
    }
    return lambda_ * value;
  }

 private:
  double lambda_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<MissingTerm>(
    {.name = "missing_term", .summary = "for tests", .example = "lambda=0.1"}, options));
