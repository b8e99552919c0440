// lambda |g|^2 on each micro-batch, whose gradient is 2 lambda H g: the 2 is forgotten.
#include <gapbench/plugin.h>

#include <vector>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("lambda", "strength").at_least(0)};

class FactorTwo final : public gapbench::Regularizer {
 public:
  explicit FactorTwo(const gapbench::Options& o) : lambda_(o.real("lambda")) {}

  double penalize_micro_batch(gapbench::MicroBatch& m, std::span<float> gradient) const override {
    std::vector<float> g(m.dimension());
    std::vector<float> hg(m.dimension());
    m.gradient(m.loss(), g);
    double square = 0;
    for (const float x : g) square += double{x} * x;
    if (gradient.empty()) return lambda_ * square;
    m.hessian_vector(m.loss(), g, hg);
    const auto factor = static_cast<float>(lambda_);  // here
    for (std::size_t i = 0; i < g.size(); ++i) gradient[i] += factor * hg[i];
    return lambda_ * square;
  }

 private:
  double lambda_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<FactorTwo>(
    {.name = "factor_two", .summary = "for tests", .example = "lambda=0.1"}, options));
