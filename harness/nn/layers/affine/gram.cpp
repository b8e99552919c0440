#include "nn/layers/affine/gram.h"

#include <algorithm>

#include "nn/layers/sweeps.h"
#include "nn/onednn.h"

namespace gapbench::nn {
namespace {

std::size_t longest_row(const ProductPatches& p) { return std::max(p.seen.size(), p.given.size()); }

}  // namespace

bool AffineGram::is_cheaper(const ProductPatches& p, double factor) noexcept {
  const auto seen = static_cast<double>(p.seen.size());
  const auto given = static_cast<double>(p.given.size());
  return factor * static_cast<double>(p.given.positions()) * (seen + given) < seen * given;
}

std::size_t AffineGram::scratch(const ProductPatches& p) noexcept {
  const std::size_t positions = p.given.positions();
  return positions * (longest_row(p) + 2 * positions);
}

AffineGram::AffineGram(const ProductPatches& patches, const void* x, const void* dy, float* scratch)
    : patches_(patches), x_(x), dy_(dy), rows_(scratch) {
  const std::size_t positions = patches.given.positions();
  const std::size_t pairs = positions * positions;
  inputs_ = {scratch + positions * longest_row(patches), pairs};
  outputs_ = {inputs_.data() + pairs, pairs};
}

double AffineGram::squared_norm(std::size_t example) const {
  const auto& [seen, given] = patches_;
  const std::size_t positions = given.positions();
  gather(seen, x_, example, Order::by_pixels, rows_);
  row_gram(positions, seen.size(), rows_, inputs_.data());
  gather(given, dy_, example, Order::by_pixels, rows_);
  row_gram(positions, given.size(), rows_, outputs_.data());
  return std::max(0.0, sweep::product_sum(inputs_.data(), outputs_.data(), inputs_.size()));
}

}  // namespace gapbench::nn
