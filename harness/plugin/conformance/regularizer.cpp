// The contract of regularizers, on the reference problem, hook by hook.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include "plugin/conformance/checks.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/reference.h"

namespace gapbench::plugin::conformance {
namespace {

constexpr std::size_t directions = 8;

// One hook as a function of the parameters: adds the gradient, returns the value.
using Hook = std::function<double(std::span<const float> w, std::span<float> gradient)>;

class RegularizerChecks {
 public:
  explicit RegularizerChecks(const Component& component)
      : regularizer_(component.make_regularizer(example_options(component))) {
    const TensorInfo& last = problem_.tensors().back();
    w_.resize(last.offset + last.size);
    problem_.initialize(Random(4), w_);
  }

  Hook on_parameters() const {
    return [this](std::span<const float> w, std::span<float> gradient) {
      return regularizer_->penalize_parameters({w, problem_.tensors()}, gradient);
    };
  }
  // The k-th micro-batch of 16 examples.
  Hook on_micro_batch(std::uint32_t k) const {
    return [this, k](std::span<const float> w, std::span<float> gradient) {
      PlainMicroBatch asked = micro_batch(w, k);
      asked.draws_labels_at(w_);
      return regularizer_->penalize_micro_batch(asked, gradient);
    };
  }

  // The k-th mini-batch of 12 examples: a penalty may cost several passes for each of them.
  Hook on_mini_batch(std::uint32_t k) const {
    return [this, k](std::span<const float> w, std::span<float> gradient) {
      std::vector<std::uint32_t> indices(12);
      for (std::uint32_t i = 0; i < indices.size(); ++i) indices[i] = 12 * k + i;
      PlainMiniBatch mini_batch(problem_, w, indices, Random(5).at("mini", k));
      mini_batch.draws_labels_at(w_);
      return regularizer_->penalize_mini_batch(mini_batch, gradient);
    };
  }

  // The k-th micro-batch under the head that stands in place of the loss, as an optimizer would have
  // it: a function of the parameters like the penalties.
  Hook on_loss(std::uint32_t k) const {
    return [this, k](std::span<const float> w, std::span<float> gradient) {
      const auto head = regularizer_->replace_loss(problem_.loss());
      Vector g(w.size());
      const double value = micro_batch(w, k).gradient(*head, g);
      for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += g[i];
      return value;
    };
  }

  Finding makes_a_head() const {
    if (regularizer_->replace_loss(problem_.loss()) != nullptr) return std::nullopt;
    return "replace_loss gives no head";
  }

  // The head's curvature, through the Hessian.
  Finding curvature_fits_gradient(const Hook& hook) const {
    const auto head = regularizer_->replace_loss(problem_.loss());
    std::size_t agreed = 0;
    std::string worst;
    for (std::size_t d = 0; d < directions; ++d) {
      const Vector v = normal_vector(w_.size(), Random(6).at("direction", d));
      Vector product(w_.size());
      micro_batch(w_, 0).hessian_vector(*head, v, product);
      const auto gradient_at = [&](double step) {
        const Vector there = shifted(w_, step, v);
        return ask([&](auto, auto g) { return hook(there, g); }).gradient;
      };
      const Vector difference =
          shifted(gradient_at(difference_step), -1, gradient_at(-difference_step));
      const Vector predicted = shifted(Vector(w_.size()), 2 * difference_step, product);
      const double error = distance(difference, predicted);
      if (error <= 1e-2 * norm(difference) + 1e-6) {
        ++agreed;
      } else {
        worst = fmt::format(
            "the product of its Hessian and the difference of its gradients are {} "
            "apart, of length {} and {}",
            error, norm(predicted), norm(difference));
      }
    }
    if (mostly(agreed, directions)) return std::nullopt;
    return worst;
  }

  // The factors of one example, which held `before`.
  Vector noise(std::uint32_t example, float before) const {
    Vector factors(site.size, before);
    regularizer_->multiply_noise(site, Random(8).at("example", example), factors);
    return factors;
  }

  Finding noise_is_finite() const {
    if (all_finite(noise(0, 1))) return std::nullopt;
    return "a factor is not finite";
  }

  Finding noise_multiplies() const {
    const Vector of_one = noise(0, 1);
    const Vector of_two = noise(0, 2);
    for (std::size_t i = 0; i < of_one.size(); ++i) {
      if (of_two[i] == 2 * of_one[i]) continue;
      return fmt::format("a factor that held 1 gets {}, one that held 2 gets {}, not twice that",
                         of_one[i], of_two[i]);
    }
    return std::nullopt;
  }

  Finding noise_repeats() const {
    const Vector first = noise(0, 1);
    noise(1, 1);
    if (noise(0, 1) == first) return std::nullopt;
    return "asked twice with one key, it answers differently";
  }

  Finding noise_side_by_side() const {
    const Vector alone[] = {noise(0, 1), noise(1, 1)};
    for (int repeat = 0; repeat < 20; ++repeat) {
      Vector other;
      std::jthread thread([&] { other = noise(1, 1); });
      const Vector here = noise(0, 1);
      thread.join();
      if (here == alone[0] && other == alone[1]) continue;
      return "two threads at a time get other answers than one after the other";
    }
    return std::nullopt;
  }

  Finding finite(const Hook& hook) const {
    const auto [value, gradient] = ask(hook);
    if (!std::isfinite(value)) return fmt::format("the value is {}", value);
    if (!all_finite(gradient)) return "the gradient is not finite";
    return std::nullopt;
  }

  Finding gradient_fits_value(const Hook& hook) const {
    const auto [value, gradient] = ask(hook);
    std::size_t agreed = 0;
    std::string worst;
    for (std::size_t d = 0; d < directions; ++d) {
      Vector direction = normal_vector(w_.size(), Random(6).at("direction", d));
      const Vector up = shifted(w_, difference_step, direction);
      const Vector down = shifted(w_, -difference_step, direction);
      const double difference = hook(up, {}) - hook(down, {});
      // Along the points as rounded, so that only the penalty's own rounding is left.
      const double predicted = dot(gradient, up) - dot(gradient, down);
      const double size = norm(gradient) * distance(up, down) / std::sqrt(double(w_.size()));
      const double allowed = difference_tolerance * size + 1e-6 * std::abs(value);
      if (std::abs(difference - predicted) <= allowed) {
        ++agreed;
      } else {
        worst = fmt::format("the value changes by {} where the gradient says {}", difference,
                            predicted);
      }
    }
    if (mostly(agreed, directions)) return std::nullopt;
    return worst;
  }

  Finding adds(const Hook& hook) const {
    const auto [value, gradient] = ask(hook);
    const Vector before = normal_vector(w_.size(), Random(7));
    Vector after = before;
    hook(w_, after);
    for (std::size_t i = 0; i < after.size(); ++i) {
      const double sum = double{before[i]} + gradient[i];
      const double scale = std::abs(double{before[i]}) + std::abs(double{gradient[i]});
      if (std::abs(after[i] - sum) > 1e-5 * scale) {
        return fmt::format("the gradient held {} and gets {}, which makes {}, not {}", before[i],
                           gradient[i], sum, after[i]);
      }
    }
    return std::nullopt;
  }

  Finding value_alone(const Hook& hook) const {
    const double value = ask(hook).value;
    const double alone = hook(w_, {});
    if (std::abs(value - alone) <= 1e-6 * std::abs(value)) return std::nullopt;
    return fmt::format("the value is {} with a gradient and {} without", value, alone);
  }

  Finding repeats(const Hook& hook) const {
    const Answer first = ask(hook);
    ask([&](auto w, auto g) { return hook(shifted(w, 0.1, w), g); });
    const Answer again = ask(hook);
    if (first.value == again.value && first.gradient == again.gradient) return std::nullopt;
    return "asked twice for the same, it answers differently";
  }

  // Two threads on two micro-batches through one object, as training does it.
  Finding side_by_side(const Hook& a, const Hook& b) const {
    const Answer alone[] = {ask(a), ask(b)};
    for (int repeat = 0; repeat < 20; ++repeat) {
      Answer together[2];
      std::exception_ptr failure;
      std::latch both_ready(2);
      {
        std::jthread other([&] {
          both_ready.arrive_and_wait();
          try {
            together[1] = ask(b);
          } catch (const std::exception&) {
            failure = std::current_exception();
          }
        });
        both_ready.arrive_and_wait();
        together[0] = ask(a);
      }
      if (failure) std::rethrow_exception(failure);
      for (int k = 0; k < 2; ++k) {
        if (together[k].value != alone[k].value || together[k].gradient != alone[k].gradient) {
          return "two threads at a time get other answers than one after the other";
        }
      }
    }
    return std::nullopt;
  }

 private:
  PlainMicroBatch micro_batch(std::span<const float> w, std::uint32_t k) const {
    std::vector<std::uint32_t> indices(16);
    for (std::uint32_t i = 0; i < indices.size(); ++i) indices[i] = 16 * k + i;
    return {problem_, w, indices, Random(5).at("micro", k)};
  }

  struct Answer {
    double value = 0;
    Vector gradient;
  };
  Answer ask(const Hook& hook) const {
    Answer answer{0, Vector(w_.size())};
    answer.value = hook(w_, answer.gradient);
    return answer;
  }

  inline static const NoiseSite site{"hidden1", 64};
  Reference problem_;
  std::unique_ptr<Regularizer> regularizer_;
  Vector w_;
};

void check_hook(const RegularizerChecks& c, const std::string& place, const Hook& a, const Hook& b,
                Checks& checks) {
  const auto run = [&](const char* name, auto f) { checks.run(place + ": " + name, f); };
  run("value and gradient are finite", [&] { return c.finite(a); });
  run("the gradient is the value's", [&] { return c.gradient_fits_value(a); });
  run("adds to the gradient it is given", [&] { return c.adds(a); });
  run("gives the value alone for an empty gradient", [&] { return c.value_alone(a); });
  run("repeats bit for bit", [&] { return c.repeats(a); });
  run("serves two threads at a time", [&] { return c.side_by_side(a, b); });
}

}  // namespace

void check_regularizer(const Component& component, Checks& checks) {
  const RegularizerChecks c(component);
  if ((component.hooks & hook_parameters) != 0) {
    check_hook(c, "parameters", c.on_parameters(), c.on_parameters(), checks);
  }
  if ((component.hooks & hook_micro_batch) != 0) {
    check_hook(c, "micro-batch", c.on_micro_batch(0), c.on_micro_batch(1), checks);
  }
  if ((component.hooks & hook_mini_batch) != 0) {
    check_hook(c, "mini-batch", c.on_mini_batch(0), c.on_mini_batch(1), checks);
  }
  if ((component.hooks & hook_loss) != 0 &&
      checks.run("loss: offers a head", [&] { return c.makes_a_head(); })) {
    check_hook(c, "loss", c.on_loss(0), c.on_loss(1), checks);
    checks.run("loss: the head's curvature is its gradient's derivative",
               [&] { return c.curvature_fits_gradient(c.on_loss(0)); });
  }
  if ((component.hooks & hook_noise) != 0) {
    checks.run("noise: factors are finite", [&] { return c.noise_is_finite(); });
    checks.run("noise: multiplies the factors it is given", [&] { return c.noise_multiplies(); });
    checks.run("noise: repeats bit for bit", [&] { return c.noise_repeats(); });
    checks.run("noise: serves two threads at a time", [&] { return c.noise_side_by_side(); });
  }
}

}  // namespace gapbench::plugin::conformance
