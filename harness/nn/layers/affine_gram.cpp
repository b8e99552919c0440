#include "nn/layers/affine_gram.h"

#include <algorithm>

#include "nn/layers/sweeps.h"

namespace gapbench::nn {
namespace {

std::size_t longest_row(const AffineKernels& k) { return std::max(k.seen.size(), k.given.size()); }

}  // namespace

bool AffineGram::is_cheaper(const AffineKernels& k) noexcept {
  const std::size_t seen = k.seen.size();
  const std::size_t given = k.given.size();
  return !k.input_copy.primitive && 2 * k.given.positions() * (seen + given) < seen * given;
}

std::size_t AffineGram::scratch(const AffineKernels& k) noexcept {
  const std::size_t positions = k.given.positions();
  return positions * (longest_row(k) + 2 * positions);
}

AffineGram::AffineGram(const AffinePlan& plan, const void* x, const void* dy, float* scratch)
    : seen_(plan.kernels().seen), given_(plan.kernels().given), x_(x), dy_(dy), rows_(scratch) {
  const std::size_t positions = given_.positions();
  const std::size_t pairs = positions * positions;
  inputs_ = {scratch + positions * longest_row(plan.kernels()), pairs};
  outputs_ = {inputs_.data() + pairs, pairs};
}

double AffineGram::squared_norm(std::size_t example) const {
  const std::size_t positions = given_.positions();
  gather(seen_, x_, example, Order::by_pixels, rows_);
  row_gram(positions, seen_.size(), rows_, inputs_.data());
  gather(given_, dy_, example, Order::by_pixels, rows_);
  row_gram(positions, given_.size(), rows_, outputs_.data());
  return std::max(0.0, sweep::product_sum(inputs_.data(), outputs_.data(), inputs_.size()));
}

}  // namespace gapbench::nn
