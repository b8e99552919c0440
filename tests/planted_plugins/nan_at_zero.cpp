// lambda |w|, which has no derivative at w = 0: 0 / 0 there.
#include <gapbench/plugin.h>

#include <cmath>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("lambda", "strength").at_least(0)};

class NanAtZero final : public gapbench::Regularizer {
 public:
  explicit NanAtZero(const gapbench::Options& o) : lambda_(o.real("lambda")) {}

  double penalize_parameters(const gapbench::Parameters& p,
                             std::span<float> gradient) const override {
    double square = 0;
    for (const float w : p.values) square += double{w} * w;
    const double length = std::sqrt(square);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] += static_cast<float>(lambda_ * p.values[i] / length);  // here
    }
    return lambda_ * length;
  }

 private:
  double lambda_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<NanAtZero>(
    {.name = "nan_at_zero", .summary = "for tests", .example = "lambda=0.1"}, options));
