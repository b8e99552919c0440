#include "gapbench/gradient_penalty.h"

#include <cmath>

#include "gapbench/numeric.h"

namespace gapbench {
namespace {

double factor_of(const Options& o) {
  const std::string& convention = o.choice("convention");
  if (convention == "smith") return o.real("lambda") / 4;
  if (convention == "geiping") return o.real("lambda") / 8;
  return o.real("lambda");
}

void shift(std::span<const float> w, double factor, std::span<const float> g,
           std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(w[i] + factor * g[i]);
}

// Writes H g to `out` by differences between w + up g_0 and w + down g_0, g_0 = g / |g|; at down =
// 0 the gradient is known: g.
void difference_product(MicroBatch& micro_batch, const Head& head, std::span<const float> g,
                        double up, double down, std::span<float> shifted, std::span<float> other,
                        std::span<float> out) {
  const double length = std::sqrt(dot(g, g));
  const auto w = micro_batch.parameters().values;
  shift(w, up / length, g, shifted);
  micro_batch.gradient_at(shifted, head, out);
  std::span<const float> below = g;
  if (down != 0) {
    shift(w, down / length, g, shifted);
    micro_batch.gradient_at(shifted, head, other);
    below = other;
  }
  const double scale = length / (up - down);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(scale * (static_cast<double>(out[i]) - below[i]));
  }
}

}  // namespace

GradientPenalty::GradientPenalty(const Options& o)
    : factor_(factor_of(o)),
      scheduled_(o.choice("schedule") == "learning_rate"),
      hessian_(o.choice("hessian") == "exact"                ? Hessian::exact
               : o.choice("hessian") == "forward_difference" ? Hessian::forward_difference
                                                             : Hessian::central_difference),
      step_(o.real("step")),
      sampled_(o.choice("every") == "sampled"),
      micro_batch_(o.count("micro_batch")) {}

bool GradientPenalty::skips(const MicroBatch& micro_batch) const {
  if (!sampled_) return false;
  const auto place = micro_batch.place();
  return micro_batch.step_random("penalized micro-batch").below(place.count) != place.index;
}

double GradientPenalty::coefficient(const MicroBatch& micro_batch) const {
  const auto place = micro_batch.place();
  double c = factor_;
  if (scheduled_) c *= place.schedule;
  if (sampled_) c *= static_cast<double>(place.count);
  return c;
}

double GradientPenalty::add(MicroBatch& micro_batch, const Head& head,
                            std::span<float> gradient) const {
  if (skips(micro_batch)) return 0;
  const double c = coefficient(micro_batch);
  if (hessian_ == Hessian::exact) return add_gradient_penalty(micro_batch, head, c, gradient);
  const auto g = micro_batch.scratch(0);
  micro_batch.gradient(head, g);
  const double squared = dot(g, g);
  if (gradient.empty() || squared == 0) return c * squared;
  const auto product = micro_batch.scratch(3);
  const bool central = hessian_ == Hessian::central_difference;
  difference_product(micro_batch, head, g, central ? step_ / 2 : step_, central ? -step_ / 2 : 0,
                     micro_batch.scratch(1), micro_batch.scratch(2), product);
  add_scaled(2 * c, product, gradient);
  return c * squared;
}

double add_gradient_penalty(MicroBatch& micro_batch, const Head& head, double c,
                            std::span<float> gradient) {
  const auto g = micro_batch.scratch(0);
  micro_batch.gradient(head, g);
  if (!gradient.empty()) {
    const auto product = micro_batch.scratch(1);
    micro_batch.hessian_vector(head, g, product);
    add_scaled(2 * c, product, gradient);
  }
  return c * dot(g, g);
}

}  // namespace gapbench
