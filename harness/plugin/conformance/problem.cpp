// The contract of problems: shape, start point, and the four passes against each other.
#include <fmt/format.h>

#include <cmath>
#include <set>

#include "plugin/conformance/checks.h"
#include "plugin/conformance/problem_passes.h"

namespace gapbench::plugin::conformance {
namespace {

Finding tensors(const Problem& problem) {
  std::set<std::string> names;
  std::size_t end = 0;
  for (const TensorInfo& t : problem.tensors()) {
    std::size_t product = 1;
    for (const std::size_t extent : t.shape) product *= extent;
    if (t.offset != end) return fmt::format("{} begins at {}, not at {}", t.name, t.offset, end);
    if (t.size == 0) return t.name + " is empty";
    if (t.size != product) {
      return fmt::format("{} has size {}, its shape holds {}", t.name, t.size, product);
    }
    if (!names.insert(t.name).second) return t.name + " comes twice";
    end += t.size;
  }
  if (end == 0) return "has no parameters";
  return std::nullopt;
}

Finding parts(const Problem& problem) {
  if (problem.width() == 0) return "its outputs have width 0";
  if (problem.examples(Part::train) == 0) return "has no training examples";
  if (problem.examples(Part::test) == 0) return "has no test examples";
  return std::nullopt;
}

Finding flops(const Problem& problem) {
  const PassFlops f = problem.flops();
  for (const double x : {f.forward, f.backward, f.tangent_forward, f.tangent_backward}) {
    if (!(x > 0) || !std::isfinite(x)) return fmt::format("a pass has {} operations", x);
  }
  return std::nullopt;
}

Finding start(const Problem& problem) {
  const Vector first = start_point(problem, 1);
  if (!all_finite(first)) return "a start parameter is not finite, or was not written";
  if (start_point(problem, 1) != first) return "the same seed gives two start points";
  return std::nullopt;
}

Finding start_depends_on_seed(const Problem& problem) {
  if (start_point(problem, 1) != start_point(problem, 2)) return std::nullopt;
  return "every seed gives the same start point";
}

}  // namespace

void check_problem_passes(const Problem& problem, Checks& checks) {
  bool sound = checks.run("its tensors lie one after another", [&] { return tensors(problem); });
  sound = checks.run("has training and test examples", [&] { return parts(problem); }) && sound;
  if (!sound) return;
  checks.run("counts the operations of its passes", [&] { return flops(problem); });
  if (!checks.run("its start point follows from the seed", [&] { return start(problem); })) return;
  checks.remark("its start point differs between seeds",
                [&] { return start_depends_on_seed(problem); });
  for (const Mode mode : {Mode::training, Mode::evaluation}) {
    const ProblemPasses p(problem, mode);
    const std::string place = mode == Mode::training ? "training: " : "evaluation: ";
    const auto run = [&](const char* name, auto f, Company company = Company::alone) {
      return checks.run(place + name, f, company);
    };
    // The rest trusts the sizes of what the passes give.
    if (!run("gathers any number of examples", [&] { return p.gathers(); })) continue;
    run("repeats bit for bit in any order of passes", [&] { return p.repeats(); });
    run(
        "serves two threads at a time", [&] { return p.side_by_side(); }, Company::several);
    run("the gradient is the loss's", [&] { return p.gradient_fits_value(); });
    run("tangent and cotangent agree, <u, Jv> = <J'u, v>", [&] { return p.adjoint(); });
    run("the Hessian is symmetric, <u, Hv> = <v, Hu>", [&] { return p.symmetric(); });
    run("the Hessian is the gradient's derivative", [&] { return p.hessian_fits_gradient(); });
    if (problem.has_example_norms() && !(mode == Mode::training && problem.couples_examples())) {
      run("norms of examples are their gradients'",
          [&] { return p.example_norms_fit_gradients(); });
    }
    if (problem.has_example_squares() && !(mode == Mode::training && problem.couples_examples())) {
      run("squares of examples are their gradients'",
          [&] { return p.example_squares_fit_gradients(); });
    }
    if (problem.has_factor_derivatives() && !problem.noise_sites().empty()) {
      run("the gradient by noise factors is the loss's",
          [&] { return p.factor_gradient_fits_value(); });
      run("noise factors move the gradient as their tangents say",
          [&] { return p.factor_tangents_fit_gradient(); });
    }
    if (!problem.kronecker_layers().empty()) {
      run("its Kronecker layers are its tensors", [&] { return p.kronecker_layers_fit_tensors(); });
    }
  }
}

void check_problem(const Component& component, Checks& checks) {
  const Options options = example_options(component);
  const auto problem = component.make_problem(options, Random(1));
  checks.run("is the same when made again", [&]() -> Finding {
    const auto twin = component.make_problem(options, Random(1));
    if (first_loss(*problem) == first_loss(*twin)) return std::nullopt;
    return "the same options and random key give another loss";
  });
  check_problem_passes(*problem, checks);
}

}  // namespace gapbench::plugin::conformance
