// Declares itself rightly, but cannot be made.
#include <gapbench/plugin.h>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("strength", "of nothing").at_least(0).by_default(1.0),
};

class Throws final : public gapbench::Regularizer {
 public:
  explicit Throws(const gapbench::Options& o) {
    throw gapbench::Error("throws.strength", "cannot be " + std::to_string(o.real("strength")));
  }
  double penalize_parameters(const gapbench::Parameters&, std::span<float>) const override {
    return 0;
  }
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<Throws>(
    {.name = "throws", .summary = "cannot be made; nobody 1900", .example = ""}, options));
