// lambda |w|^2 / 2, whose gradient replaces what was there instead of being added to it.
#include <gapbench/plugin.h>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("lambda", "strength").at_least(0)};

class OverwritesGradient final : public gapbench::Regularizer {
 public:
  explicit OverwritesGradient(const gapbench::Options& o) : lambda_(o.real("lambda")) {}

  double penalize_parameters(const gapbench::Parameters& p,
                             std::span<float> gradient) const override {
    double value = 0;
    for (const float w : p.values) value += double{w} * w / 2;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] = static_cast<float>(lambda_) * p.values[i];  // here
    }
    return lambda_ * value;
  }

 private:
  double lambda_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<OverwritesGradient>(
    {.name = "overwrites_gradient", .summary = "for tests", .example = "lambda=0.1"}, options));
