#include "plugin/conformance/gradient_diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "plugin/conformance/numbers.h"

namespace gapbench::plugin::conformance {
namespace {

// Of single differences, which have more rounding than those along all parameters.
constexpr double tolerance = 0.03;

bool agree(std::span<const float> a, std::span<const float> b, double size) {
  return distance(a, b) <= tolerance * size;
}

/// c where given = c difference, else 0.
double factor(std::span<const float> given, std::span<const float> difference) {
  const double c = dot(given, difference) / dot(difference, difference);
  return agree(given, shifted(Vector(given.size()), c, difference), norm(given)) ? c : 0;
}

/// p where |given| goes as |difference|^p, else 0: the slope of a line through the logarithms of
/// those that are large enough.
double power(std::span<const float> given, std::span<const float> difference) {
  const double least = 0.05 * norm(difference) / std::sqrt(static_cast<double>(given.size()));
  std::vector<double> x;
  std::vector<double> y;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (std::abs(difference[i]) < least || given[i] == 0) continue;
    x.push_back(std::log(std::abs(double{difference[i]})));
    y.push_back(std::log(std::abs(double{given[i]})));
  }
  const auto n = static_cast<double>(x.size());
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) mean_x += x[i] / n, mean_y += y[i] / n;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  if (n < 8 || xx == 0 || yy == 0) return 0;
  return xy * xy / (xx * yy) > 0.99 ? xy / xx : 0;
}

/// "U, b" where those agree and others do not; empty else.
std::string right_in(std::span<const float> given, std::span<const float> difference,
                     std::span<const TensorInfo> tensors, std::string& wrong) {
  std::string right;
  for (const TensorInfo& t : tensors) {
    const auto a = given.subspan(t.offset, t.size);
    const auto b = difference.subspan(t.offset, t.size);
    const double size = std::max(
        norm(b), 0.1 * norm(difference) *
                     std::sqrt(static_cast<double>(t.size) / static_cast<double>(given.size())));
    std::string& list = agree(a, b, size) ? right : wrong;
    list += (list.empty() ? "" : ", ") + std::string(t.name);
  }
  return right;
}

}  // namespace

std::string diagnosis(std::span<const float> given, std::span<const float> difference,
                      std::span<const TensorInfo> tensors) {
  if (norm(given) == 0) return "the gradient is 0 where the value changes";
  if (norm(difference) == 0) return "the value does not change where the gradient is not 0";
  const double c = factor(given, difference);
  if (c != 0 && std::abs(c + 1) < tolerance) return "the gradient has the wrong sign";
  if (c != 0) return fmt::format("the gradient is {:.2g} times the value's", c);
  std::string wrong;
  if (const auto right = right_in(given, difference, tensors, wrong); !right.empty()) {
    return fmt::format("the gradient is right in {}, not in {}", right, wrong);
  }
  const double p = power(given, difference);
  if (p != 0 && std::abs(p - 1) > 0.1) {
    return fmt::format("the gradient has a wrong power: it goes as the value's to the {:.2g}", p);
  }
  return "the gradient lacks a term, or has one too many";
}

}  // namespace gapbench::plugin::conformance
