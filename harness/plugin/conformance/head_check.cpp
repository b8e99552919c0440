#include "plugin/conformance/head_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <typeinfo>

#include "plugin/conformance/checks.h"
#include "plugin/conformance/numbers.h"

namespace gapbench::plugin::conformance {
namespace {

constexpr std::size_t directions = 4;

bool is_of_the_interface(const Head& head) {
  const std::type_info& type = typeid(head);
  return type == typeid(CrossEntropy) || type == typeid(SquaredError) ||
         type == typeid(Projection) || type == typeid(Gaussian) || type == typeid(FisherRoot);
}

// The head around some outputs: its value and cotangent where they are moved.
class Neighbourhood {
 public:
  Neighbourhood(const Head& head, const Outputs& z)
      : head_(head), z_(z), cotangent_(z.values.size()) {
    value_ = head.value(z, cotangent_);
  }

  /// What its value's change along `t` says of the cotangent.
  Finding of_value(const Vector& t) const {
    const Vector up = shifted(z_.values, difference_step, t);
    const Vector down = shifted(z_.values, -difference_step, t);
    const double change = value_at(up) - value_at(down);
    const double predicted = dot(cotangent_, up) - dot(cotangent_, down);
    const double allowed = difference_tolerance * norm(cotangent_) * distance(up, down) +
                           1e-6 * std::max(1.0, std::abs(value_));
    if (std::abs(change - predicted) <= allowed) return std::nullopt;
    return fmt::format("a head's value changes by {} where its cotangent says {}", change,
                       predicted);
  }

  Finding of_cotangent(const Vector& t) const {
    const Vector change = shifted(cotangent_at(shifted(z_.values, difference_step, t)), -1,
                                  cotangent_at(shifted(z_.values, -difference_step, t)));
    Vector curvature(t.size());
    head_.curvature(z_, t, curvature);
    const Vector predicted = shifted(Vector(t.size()), 2 * difference_step, curvature);
    const double allowed =
        difference_tolerance * (norm(change) + norm(predicted)) + 1e-6 * norm(cotangent_);
    const double error = distance(change, predicted);
    if (error <= allowed) return std::nullopt;
    return fmt::format(
        "a head's curvature and the difference of its cotangents are {} apart, of "
        "length {} and {}",
        error, norm(predicted), norm(change));
  }

 private:
  double value_at(const Vector& values) const {
    Outputs moved = z_;
    moved.values = values;
    return head_.value(moved, {});
  }
  Vector cotangent_at(const Vector& values) const {
    Outputs moved = z_;
    moved.values = values;
    Vector cotangent(values.size());
    head_.value(moved, cotangent);
    return cotangent;
  }

  const Head& head_;
  Outputs z_;
  Vector cotangent_;
  double value_ = 0;
};

}  // namespace

void require_derivatives(const Head& head, const Outputs& z) {
  if (is_of_the_interface(head)) return;
  // A search may look where there is nothing to compare any more.
  if (!std::ranges::all_of(z.values, [](float x) { return std::isfinite(x); })) return;
  const Neighbourhood here(head, z);
  std::size_t agreed[2] = {};
  Finding worst[2];
  for (std::size_t d = 0; d < directions; ++d) {
    const Vector t = normal_vector(z.values.size(), Random(18).at("direction", d));
    const Finding found[] = {here.of_value(t), here.of_cotangent(t)};
    for (std::size_t k = 0; k < 2; ++k) {
      if (found[k]) {
        worst[k] = found[k];
      } else {
        ++agreed[k];
      }
    }
  }
  for (std::size_t k = 0; k < 2; ++k) {
    if (!mostly(agreed[k], directions)) throw Violation(*worst[k]);
  }
}

}  // namespace gapbench::plugin::conformance
