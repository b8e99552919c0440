// Calls a function that nobody defines.
#include "dummy.h"

extern "C" double gapbench_function_that_nobody_defines();

namespace {

class Unresolved final : public gapbench::Regularizer {
 public:
  explicit Unresolved(const gapbench::Options&) {}
  double penalize_parameters(const gapbench::Parameters&, std::span<float>) const override {
    return gapbench_function_that_nobody_defines();
  }
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<Unresolved>(
    {.name = "unresolved", .summary = "does not link; nobody 1900", .example = ""}, {}));
