// The neural tangent kernel, and how far it has moved since the start.
//
//   K_ij = (1/width) sum_c  dz_ic/dw . dz_jc/dw   over a fixed sample, in evaluation mode
//
// for the kernel of the outputs averaged over the `width` of them. Wide networks train as if K stayed
// what it was at the start point.
//
//   change      |K - K_0| / |K_0|, Frobenius norms
//   alignment   <K, K_0> / (|K| |K_0|)
//   trace       tr K / n
//   largest     the largest eigenvalue of K / n
//   condition   the largest over the smallest one, where that is above 0
//
// Source: Jacot, Gabriel, Hongler 2018, "Neural tangent kernel: convergence and generalization in
// neural networks"; Lee et al. 2019, "Wide neural networks of any depth evolve as linear models under
// gradient descent", for the change.
// State: none. Cost: 2 (1 forward + width backward) a sample, one output at a time; memory: one
// Jacobian row for each example, [micro_batch x count, parameters] floats, up to `largest_memory`.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gapbench/matrix.h>
#include <gapbench/plugin.h>

namespace {

using Floats = std::vector<float>;
namespace option = gapbench::option;

constexpr std::array options{
    option::integer("examples", "of the sample").at_least(2).by_default(32.0),
    option::real("largest_memory", "of the rows").above(0).in_unit("MiB").by_default(1024.0)};

class Ntk final : public gapbench::Probe {
 public:
  explicit Ntk(const gapbench::Options& o)
      : examples_(o.count("examples")), largest_(o.real("largest_memory")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const auto w = snapshot.parameters().values;
    const double mebibytes = static_cast<double>(examples_ * w.size()) * 4 / 1048576;
    if (mebibytes > largest_) {
      throw gapbench::Error("ntk.largest_memory",
                            "the rows take " + std::to_string(std::lround(mebibytes)) +
                                " MiB; ask for fewer examples, or for more memory");
    }
    const Floats now = kernel(snapshot, w);
    const Floats then = kernel(snapshot, snapshot.initial_parameters().values);
    const double size = std::sqrt(gapbench::dot(then, then));
    double apart = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
      const double d = double{now[i]} - then[i];
      apart += d * d;
    }
    const double size_now = std::sqrt(gapbench::dot(now, now));
    if (size > 0) metrics.add("change", std::sqrt(apart) / size, "");
    if (size > 0 && size_now > 0) {
      metrics.add("alignment", gapbench::dot(now, then) / (size * size_now), "");
    }
    const auto values = gapbench::eigen(now, examples_).values;
    const auto n = static_cast<double>(examples_);
    double trace = 0;
    for (const double value : values) trace += value / n;
    metrics.add("trace", trace, "");
    metrics.add("largest", values.back() / n, "");
    if (values.front() > 0) metrics.add("condition", values.back() / values.front(), "");
  }

 private:
  // [examples, examples], at w.
  Floats kernel(gapbench::Snapshot& snapshot, std::span<const float> w) const {
    Floats rows(examples_ * w.size());
    Floats sum(examples_ * examples_);
    std::size_t width = 1;
    for (std::size_t c = 0; c < width; ++c) {
      width = write_rows(snapshot, w, c, rows);
      Floats part(sum.size());
      const Floats same = rows;
      gapbench::product_transposed(rows, same, part, examples_);
      gapbench::add_scaled(1.0, part, sum);
    }
    for (float& k : sum) k /= static_cast<float>(width);
    return sum;
  }

  // Of output c; returns how many outputs there are.
  std::size_t write_rows(gapbench::Snapshot& snapshot, std::span<const float> w, std::size_t c,
                         Floats& rows) const {
    std::vector<std::size_t> width(examples_);
    snapshot.for_each_micro_batch({.size = 1,
                                   .count = examples_,
                                   .fixed = true,
                                   .mode = gapbench::Mode::evaluation,
                                   .at = {.parameters = w, .draw = gapbench::At::no_noise}},
                                  [&](gapbench::MicroBatch& m, std::size_t k) {
                                    width[k] = m.outputs().width;
                                    Floats unit(width[k]);
                                    unit[c] = 1;
                                    m.vector_jacobian(
                                        unit, std::span(rows).subspan(k * w.size(), w.size()));
                                  });
    return width.front();
  }

  std::size_t examples_;
  double largest_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<Ntk>(
    {.name = "ntk",
     .summary = "the neural tangent kernel and its change; Jacot et al. 2018, Lee et al. 2019",
     .example = "examples=6"},
    options));
