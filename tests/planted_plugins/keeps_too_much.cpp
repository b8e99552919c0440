// A regularizer that mixes, and gives labels more than all.
#include <gapbench/plugin.h>

namespace {

class KeepsTooMuch final : public gapbench::Regularizer {
 public:
  explicit KeepsTooMuch(const gapbench::Options&) {}
  double mix_input(gapbench::Shape, gapbench::Random random, std::span<const float> other,
                   std::span<float> input) const override {
    const double share = random.uniform();
    for (std::size_t k = 0; k < input.size(); ++k) {
      input[k] += static_cast<float>((1 - share) * (other[k] - input[k]));
    }
    return 2 * share;
  }
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<KeepsTooMuch>(
    {.name = "keeps_too_much", .summary = "a share in percent; nobody", .example = ""}));
