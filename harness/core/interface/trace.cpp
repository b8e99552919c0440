#include "gapbench/trace.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "gapbench/error.h"
#include "gapbench/hutchinson.h"
#include "gapbench/numeric.h"

namespace gapbench {
namespace {

using Floats = std::vector<float>;
using Basis = std::vector<Floats>;

double norm(std::span<const float> v) { return std::sqrt(dot(v, v)); }

void require(const std::string& where, std::size_t products, std::size_t least) {
  if (products >= least) return;
  throw Error(where, "needs at least " + std::to_string(least) + " products, got " +
                         std::to_string(products));
}

// v -= Q Q' v, twice: once leaves a rest of the size of its own rounding.
void leave(const Basis& basis, Floats& v) {
  for (int pass = 0; pass < 2; ++pass) {
    for (const Floats& q : basis) add_scaled(-dot(q, v), q, v);
  }
}

void append(Basis& basis, Floats column, double longest) {
  constexpr double rounding = 1e-6;
  leave(basis, column);
  const double length = norm(column);
  if (!(length > rounding * longest)) return;
  for (float& x : column) x = static_cast<float>(x / length);
  basis.push_back(std::move(column));
}

// Of the columns A s.
Basis range_of(const SymmetricOperator& product, std::size_t dimension, std::size_t columns,
               const Random& random) {
  Basis images(columns, Floats(dimension));
  Floats signs(dimension);
  double longest = 0;
  for (std::size_t k = 0; k < columns; ++k) {
    draw_signs(random.at("sketch", k), signs);
    product(signs, images[k]);
    longest = std::max(longest, norm(images[k]));
  }
  Basis basis;
  for (Floats& image : images) append(basis, std::move(image), longest);
  return basis;
}

}  // namespace

TraceEstimate hutchinson_trace(const SymmetricOperator& product, std::size_t dimension,
                               std::size_t products, Random random) {
  require("hutchinson_trace", products, 2);
  Floats v(dimension);
  Floats image(dimension);
  std::vector<double> forms(products);
  for (std::size_t s = 0; s < products; ++s) {
    draw_signs(random.at("draw", s), v);
    product(v, image);
    forms[s] = dot(v, image);
  }
  const MeanError mean = mean_with_error(forms);
  return {mean.value, mean.error, products};
}

TraceEstimate hutch_plus_plus(const SymmetricOperator& product, std::size_t dimension,
                              std::size_t products, Random random) {
  require("hutch_plus_plus", products, 6);
  const std::size_t columns = products / 3;
  const Basis basis = range_of(product, dimension, columns, random);
  Floats image(dimension);
  double trace = 0;
  for (const Floats& q : basis) {
    product(q, image);
    trace += dot(q, image);
  }
  Floats g(dimension);
  std::vector<double> forms(products - 2 * columns);
  for (std::size_t s = 0; s < forms.size(); ++s) {
    draw_signs(random.at("rest", s), g);
    leave(basis, g);
    product(g, image);
    forms[s] = dot(g, image);
  }
  const MeanError rest = mean_with_error(forms);
  return {trace + rest.value, rest.error, columns + basis.size() + forms.size()};
}

}  // namespace gapbench
