// The contract of regularizers, hook by hook.
#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "gapbench/error.h"
#include "plugin/conformance/checks.h"
#include "plugin/conformance/gradient_diagnosis.h"
#include "plugin/conformance/lockstep.h"
#include "plugin/conformance/regularizer_hooks.h"

namespace gapbench::plugin::conformance {
namespace {

constexpr std::size_t directions = 8;

Finding writes_within(const RegularizerHooks& r, Hook hook) {
  r.ask(hook);
  return std::nullopt;
}

Finding is_finite(const RegularizerHooks& r, Hook hook) {
  const auto [value, gradient] = r.ask(hook);
  if (!std::isfinite(value)) return fmt::format("the value is {}", value);
  if (!all_finite(gradient)) return "the gradient is not finite";
  return std::nullopt;
}

// Of the value, along each parameter alone.
Vector differences(const RegularizerHooks& r, Hook hook) {
  Vector slopes(r.w().size());
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    Vector up = r.w();
    Vector down = r.w();
    up[i] += static_cast<float>(difference_step);
    down[i] -= static_cast<float>(difference_step);
    slopes[i] =
        static_cast<float>((r.value(hook, up) - r.value(hook, down)) / (double{up[i]} - down[i]));
  }
  return slopes;
}

Finding gradient_fits_value(const RegularizerHooks& r, Hook hook) {
  const Vector& w = r.w();
  const auto [value, gradient] = r.ask(hook);
  std::size_t agreed = 0;
  std::string worst;
  for (std::size_t d = 0; d < directions; ++d) {
    const Vector direction = normal_vector(w.size(), Random(6).at("direction", d));
    const Vector up = shifted(w, difference_step, direction);
    const Vector down = shifted(w, -difference_step, direction);
    const double difference = r.value(hook, up) - r.value(hook, down);
    // Along the points as rounded, so that only the penalty's own rounding is left.
    const double predicted = dot(gradient, up) - dot(gradient, down);
    const double size = norm(gradient) * distance(up, down) / std::sqrt(double(w.size()));
    const double allowed = difference_tolerance * size + 1e-6 * std::abs(value);
    if (std::abs(difference - predicted) <= allowed) {
      ++agreed;
    } else {
      worst =
          fmt::format("the value changes by {} where the gradient says {}", difference, predicted);
    }
  }
  if (mostly(agreed, directions)) return std::nullopt;
  return diagnosis(gradient, differences(r, hook), r.tensors()) + ": " + worst;
}

Finding adds(const RegularizerHooks& r, Hook hook) {
  const Vector gradient = r.ask(hook).gradient;
  const Vector before = normal_vector(r.w().size(), Random(7));
  const Vector after = r.ask(hook, 0, r.w(), before).gradient;
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

Finding gives_value_alone(const RegularizerHooks& r, Hook hook) {
  const double value = r.ask(hook).value;
  const double alone = r.value(hook, r.w());
  if (std::abs(value - alone) <= 1e-6 * std::abs(value)) return std::nullopt;
  return fmt::format("the value is {} with a gradient and {} without", value, alone);
}

Finding repeats(const RegularizerHooks& r, Hook hook) {
  const auto first = r.ask(hook);
  const Vector elsewhere = shifted(r.w(), 0.1, r.w());
  for (int again = 0; again < 4; ++again) {
    r.ask(hook, 0, elsewhere, elsewhere);
    if (r.ask(hook) != first) return "asked twice for the same, it answers differently";
  }
  return std::nullopt;
}

// Two threads on two micro-batches through one object, as training does it: a few times in lockstep,
// so that one overwrites what the other has kept between two questions, then as it comes.
Finding serves_two_threads(const RegularizerHooks& r, Hook hook) {
  constexpr int in_lockstep = 3;
  const std::uint32_t other_batch = hook == Hook::parameters ? 0 : 1;
  const RegularizerHooks::Answer alone[] = {r.ask(hook), r.ask(hook, other_batch)};
  for (int repeat = 0; repeat < 20; ++repeat) {
    RegularizerHooks::Answer answers[2];
    Lockstep together;
    const auto ask = [&](std::uint32_t batch, RegularizerHooks::Answer& answer) {
      answer = r.ask(hook, batch, r.w(), Vector(r.w().size()), [&] {
        if (repeat < in_lockstep) together.meet();
      });
    };
    side_by_side(
        together, [&] { ask(0, answers[0]); }, [&] { ask(other_batch, answers[1]); });
    if (answers[0] == alone[0] && answers[1] == alone[1]) continue;
    return "two threads at a time get other answers than one after the other";
  }
  return std::nullopt;
}

Finding makes_a_head(const RegularizerHooks& r) {
  if (r.head() != nullptr) return std::nullopt;
  return "replace_loss gives no head";
}

// The head's curvature, through the Hessian.
Finding curvature_fits_gradient(const RegularizerHooks& r) {
  const auto head = r.head();
  const Vector none(r.w().size());
  std::size_t agreed = 0;
  std::string worst;
  for (std::size_t d = 0; d < directions; ++d) {
    const Vector v = normal_vector(r.w().size(), Random(6).at("direction", d));
    const auto gradient_at = [&](double step) {
      return r.ask(Hook::loss, 0, shifted(r.w(), step, v), none).gradient;
    };
    const Vector difference =
        shifted(gradient_at(difference_step), -1, gradient_at(-difference_step));
    const Vector predicted = shifted(none, 2 * difference_step, r.hessian_vector(*head, v));
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

void check_hook(const Component& component, const std::string& place, Hook hook, Checks& checks) {
  using Check = Finding (*)(const RegularizerHooks&, Hook);
  const auto run = [&](const char* name, Scene (*scene)(), Check check,
                       Company company = Company::alone) {
    const auto body = [&] { return check(RegularizerHooks(component, scene()), hook); };
    return checks.run(place + ": " + name, body, company);
  };
  // Not every problem has what a penalty is about (noise sites, say): it may say so.
  const auto run_unless_refused = [&](const char* name, Scene (*scene)(), Check check) {
    const auto body = [&]() -> Finding {
      try {
        return check(RegularizerHooks(component, scene()), hook);
      } catch (const Error& e) {
        if (e.where() == component.about.name) return std::nullopt;
        throw;
      }
    };
    checks.run(place + ": " + name, body);
  };
  const auto usual = [] { return usual_scene(4); };
  const auto wide = [] { return wide_scene(8192); };
  if (!run("writes only where it may", usual, writes_within)) return;
  run("value and gradient are finite", usual, is_finite);
  run("they are finite at parameters of 0", zero_scene, is_finite);
  run_unless_refused("they are finite where the loss's gradient is 0", still_scene, is_finite);
  run("they are finite on one example", single_scene, is_finite);
  run("the gradient is the value's", usual, gradient_fits_value);
  run("adds to the gradient it is given", usual, adds);
  run("gives the value alone for an empty gradient", usual, gives_value_alone);
  run("repeats bit for bit", usual, repeats);
  run_unless_refused("repeats bit for bit on 32,768 parameters", wide, repeats);
  run("serves two threads at a time", usual, serves_two_threads, Company::several);
}

}  // namespace

void check_regularizer(const Component& component, Checks& checks) {
  if ((component.hooks & hook_parameters) != 0) {
    check_hook(component, "parameters", Hook::parameters, checks);
  }
  if ((component.hooks & hook_micro_batch) != 0) {
    check_hook(component, "micro-batch", Hook::micro_batch, checks);
  }
  if ((component.hooks & hook_mini_batch) != 0) {
    check_hook(component, "mini-batch", Hook::mini_batch, checks);
  }
  const auto usual = [&component] { return RegularizerHooks(component, usual_scene(4)); };
  if ((component.hooks & hook_loss) != 0 &&
      checks.run("loss: offers a head", [&] { return makes_a_head(usual()); })) {
    check_hook(component, "loss", Hook::loss, checks);
    checks.run("loss: the head's curvature is its gradient's derivative",
               [&] { return curvature_fits_gradient(usual()); });
  }
  if ((component.hooks & hook_noise) != 0) check_noise(component, checks);
  if ((component.hooks & hook_inputs) != 0) check_inputs(component, checks);
  if ((component.hooks & hook_mixing) != 0) check_mixing(component, checks);
}

}  // namespace gapbench::plugin::conformance
