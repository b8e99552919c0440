// lambda sum |w|^3, whose gradient is 3 lambda w |w|, not 3 lambda w.
#include <gapbench/plugin.h>

#include <cmath>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("lambda", "strength").at_least(0)};

class WrongPower final : public gapbench::Regularizer {
 public:
  explicit WrongPower(const gapbench::Options& o) : lambda_(o.real("lambda")) {}

  double penalize_parameters(const gapbench::Parameters& p,
                             std::span<float> gradient) const override {
    double value = 0;
    for (const float w : p.values) value += std::pow(std::abs(double{w}), 3);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] += static_cast<float>(3 * lambda_) * p.values[i];  // here
    }
    return lambda_ * value;
  }

 private:
  double lambda_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<WrongPower>(
    {.name = "wrong_power", .summary = "for tests", .example = "lambda=0.1"}, options));
