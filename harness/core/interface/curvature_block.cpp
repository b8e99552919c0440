#include "core/interface/curvature_block.h"

#include <algorithm>

#include "gapbench/matrix.h"

namespace gapbench {
namespace {

/// f(place in the block, place in the parameters)
template <class F>
void for_each_place(const CurvatureBlock& block, F f) {
  const std::size_t plain = block.bias ? block.columns - 1 : block.columns;
  for (std::size_t i = 0; i < block.rows; ++i) {
    for (std::size_t j = 0; j < plain; ++j) {
      f(i * block.columns + j, block.first + i * plain + j);
    }
    if (block.bias) f(i * block.columns + plain, block.first + block.rows * plain + i);
  }
}

std::vector<float> transposed(std::span<const float> m, std::size_t n) {
  std::vector<float> t(m.size());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) t[j * n + i] = m[i * n + j];
  }
  return t;
}

}  // namespace

CurvatureBlock diagonal_block(std::size_t first, std::span<const float> values) {
  CurvatureBlock block{.first = first, .rows = 1, .columns = values.size()};
  for (const float x : values) block.eigenvalues.push_back(std::max(0.0F, x));
  return block;
}

CurvatureBlock full_block(std::size_t first, std::size_t size, std::span<const float> packed) {
  std::vector<float> f(size * size);
  for (std::size_t i = 0, row = 0; i < size; row += ++i) {
    std::ranges::copy(packed.subspan(row, i + 1),
                      f.begin() + static_cast<std::ptrdiff_t>(i * size));
  }
  Eigenpairs pairs = eigen(f, size);
  CurvatureBlock block{.first = first, .rows = size, .columns = 1};
  for (const double x : pairs.values) block.eigenvalues.push_back(std::max(0.0, x));
  block.left = std::move(pairs.vectors);
  return block;
}

CurvatureBlock kronecker_block(const KroneckerLayer& layer, const TensorInfo& weight,
                               std::span<const float> a, std::span<const float> g) {
  Eigenpairs of_a = eigen(a, layer.inputs);
  Eigenpairs of_g = eigen(g, layer.outputs);
  CurvatureBlock block{.first = weight.offset, .rows = layer.outputs, .columns = layer.inputs};
  block.bias = layer.inputs * layer.outputs > weight.size;
  for (const double x : of_g.values) {
    for (const double y : of_a.values) {
      block.eigenvalues.push_back(std::max(0.0, x) * std::max(0.0, y));
    }
  }
  block.left = std::move(of_g.vectors);
  block.right = std::move(of_a.vectors);
  return block;
}

void add_rotated(const CurvatureBlock& block, std::span<float> e, std::span<float> w) {
  std::vector<float> turned(e.size());
  if (!block.left.empty()) {
    product(block.left, e, turned, block.rows);
    std::ranges::copy(turned, e.begin());
  }
  if (!block.right.empty()) {
    product_transposed(e, block.right, turned, block.rows);
    std::ranges::copy(turned, e.begin());
  }
  for_each_place(block, [&](std::size_t k, std::size_t place) { w[place] += e[k]; });
}

std::vector<float> take_rotated(const CurvatureBlock& block, std::span<float> w) {
  std::vector<float> e(block.eigenvalues.size());
  for_each_place(block, [&](std::size_t k, std::size_t place) {
    e[k] = w[place];
    w[place] = 0;
  });
  std::vector<float> turned(e.size());
  if (!block.left.empty()) {
    product(transposed(block.left, block.rows), e, turned, block.rows);
    e.swap(turned);
  }
  if (!block.right.empty()) {
    product(e, block.right, turned, block.rows);
    e.swap(turned);
  }
  return e;
}

}  // namespace gapbench
