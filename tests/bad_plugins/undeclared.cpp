// Reads an option that it never declared.
#include <gapbench/plugin.h>

namespace {

class Undeclared final : public gapbench::Regularizer {
 public:
  explicit Undeclared(const gapbench::Options& o) : lambda_(o.real("lambda")) {}
  double penalize_parameters(const gapbench::Parameters&, std::span<float>) const override {
    return lambda_;
  }

 private:
  double lambda_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<Undeclared>(
    {.name = "undeclared", .summary = "reads what it did not declare; nobody 1900", .example = ""},
    {}));
