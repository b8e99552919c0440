// lambda |w|^2 / 2, and cuts small parameters off on the way: a penalty only reads them.
#include <gapbench/plugin.h>

#include <cmath>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("lambda", "strength").at_least(0)};

class WritesInput final : public gapbench::Regularizer {
 public:
  explicit WritesInput(const gapbench::Options& o) : lambda_(o.real("lambda")) {}

  double penalize_parameters(const gapbench::Parameters& p,
                             std::span<float> gradient) const override {
    auto* w = const_cast<float*>(p.values.data());
    double value = 0;
    for (std::size_t i = 0; i < p.values.size(); ++i) {
      if (std::abs(w[i]) < 0.1F) w[i] = 0;  // here
      value += double{w[i]} * w[i] / 2;
      if (!gradient.empty()) gradient[i] += static_cast<float>(lambda_) * w[i];
    }
    return lambda_ * value;
  }

 private:
  double lambda_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<WritesInput>(
    {.name = "writes_input", .summary = "for tests", .example = "lambda=0.1"}, options));
