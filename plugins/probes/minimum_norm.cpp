// How far the parameters are from the solution of least distance to the start point, on a model that
// is linear in them.
//
//   z(w) = z(w_0) + J (w - w_0),   w* = w_0 + J^+ (y - z(w_0)),   y the targets of all training examples
//
// w* is where gradient descent ends on squared error, from w_0 and where there are more parameters
// than examples; with momentum too, and not under methods that scale the parameters apart.
//
//   distance       |w - w*| / |w* - w_0|
//   off_row_space  the length of what is in w - w_0 and not in the row space of J, over |w* - w_0|: no
//                  gradient moves it, so descent leaves it at 0
//   residual       |y - z(w)| / |y - z(w_0)|
//
// J is taken at w_0, whole: [examples x width, parameters] floats. Not for networks but where they are
// linear: `distance` then compares with the solution of the linearized model. The target of a label is
// its one-hot vector, as SquaredError has it. Rows must be linearly independent; where there are more
// of them than parameters only the residual is reported.
//
// Source: Zhang, Bengio, Hardt, Recht, Vinyals 2017, "Understanding deep learning requires rethinking
// generalization", section 5; Wilson, Roelofs, Stern, Srebro, Recht 2017, "The marginal value of
// adaptive gradient methods in machine learning", section 3.
// State: none. Cost: 1 forward and `width` backward of each training example, one by one, and the
// Cholesky factor of a matrix of that side.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gapbench/matrix.h>
#include <gapbench/plugin.h>

namespace {

using Floats = std::vector<float>;
namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::integer("largest", "outputs of the whole training part").at_least(1).by_default(2000.0),
};

double length(std::span<const float> x) { return std::sqrt(gapbench::dot(x, x)); }

Floats difference(std::span<const float> a, std::span<const float> b) {
  Floats d(a.begin(), a.end());
  for (std::size_t i = 0; i < d.size(); ++i) d[i] -= b[i];
  return d;
}

struct Linearized {
  std::size_t rows = 0;
  Floats jacobian;  // [rows, parameters], at the start point
  Floats missing;   // y - z(w_0)
};

gapbench::Sample one_by_one(std::span<const float> w) {
  return {.size = 1,
          .count = 0,
          .mode = gapbench::Mode::evaluation,
          .at = {.parameters = w, .draw = gapbench::At::no_noise}};
}

// y - z(w), example after example.
Floats missing_at(gapbench::Snapshot& snapshot, std::span<const float> w, std::size_t width) {
  Floats missing(snapshot.training_examples() * width);
  gapbench::Sample all = one_by_one(w);
  all.size = std::min<std::size_t>(128, snapshot.training_examples());
  snapshot.for_each_micro_batch(all, [&](gapbench::MicroBatch& m, std::size_t k) {
    const gapbench::Outputs z = m.outputs();
    for (std::size_t i = 0; i < z.values.size(); ++i) {
      const bool is_label =
          !z.labels.empty() && z.labels[i / width] == static_cast<std::int32_t>(i % width);
      const float target = z.labels.empty() ? z.targets[i] : (is_label ? 1.0F : 0.0F);
      missing[k * all.size * width + i] = target - z.values[i];
    }
  });
  return missing;
}

class MinimumNorm final : public gapbench::Probe {
 public:
  explicit MinimumNorm(const gapbench::Options& o) : largest_(o.count("largest")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const auto start = snapshot.initial_parameters().values;
    const std::size_t width = width_of(snapshot, start);
    const Floats missing = missing_at(snapshot, start, width);
    const Floats left = missing_at(snapshot, snapshot.parameters().values, width);
    metrics.add("residual", length(left) / length(missing), "");
    if (missing.size() > start.size()) return;
    const Linearized model = linearize(snapshot, start, missing);
    const Floats solution = pulled_back(model, model.missing);  // w* - w_0
    const Floats moved = difference(snapshot.parameters().values, start);
    const double size = length(solution);
    metrics.add("distance", length(difference(moved, solution)) / size, "");
    metrics.add("off_row_space", length(difference(moved, projected(model, moved))) / size, "");
  }

 private:
  Linearized linearize(gapbench::Snapshot& snapshot, std::span<const float> start,
                       const Floats& missing) const {
    if (missing.size() > largest_) {
      throw gapbench::Error("minimum_norm.largest",
                            "the training part has " + std::to_string(missing.size()) + " outputs");
    }
    Linearized model{missing.size(), {}, missing};
    const std::size_t width = missing.size() / snapshot.training_examples();
    model.jacobian.resize(model.rows * start.size());
    snapshot.for_each_micro_batch(one_by_one(start), [&](gapbench::MicroBatch& m, std::size_t k) {
      Floats unit(width);
      for (std::size_t c = 0; c < width; ++c) {
        unit.assign(width, 0);
        unit[c] = 1;
        m.vector_jacobian(
            unit, std::span(model.jacobian).subspan((k * width + c) * start.size(), start.size()));
      }
    });
    return model;
  }

  static std::size_t width_of(gapbench::Snapshot& snapshot, std::span<const float> start) {
    std::size_t width = 0;
    gapbench::Sample first = one_by_one(start);
    first.count = 1;
    first.fixed = true;
    snapshot.for_each_micro_batch(
        first, [&width](gapbench::MicroBatch& m, std::size_t) { width = m.outputs().width; });
    return width;
  }

  static Floats projected(const Linearized& model, const Floats& v) {
    Floats along(model.rows);
    gapbench::product(model.jacobian, v, along, model.rows);
    return pulled_back(model, along);
  }
  // J^T (J J^T)^-1 b
  static Floats pulled_back(const Linearized& model, Floats b) {
    const std::size_t n = model.rows;
    Floats gram(n * n);
    Floats lower(n * n);
    const Floats same = model.jacobian;
    gapbench::product_transposed(model.jacobian, same, gram, n);
    gapbench::cholesky(gram, n, lower);
    gapbench::solve_lower(lower, n, b);
    gapbench::solve_lower_transposed(lower, n, b);
    Floats out(model.jacobian.size() / n);
    gapbench::product(b, model.jacobian, out, 1);
    return out;
  }

  std::size_t largest_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<MinimumNorm>(
    {.name = "minimum_norm",
     .summary = "distance to the solution of least norm; Zhang et al. 2017, Wilson et al. 2017",
     .example = ""},
    options));
