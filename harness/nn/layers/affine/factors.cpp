#include "nn/layers/affine/factors.h"

#include <algorithm>
#include <cassert>

#include "nn/onednn.h"

namespace gapbench::nn {
namespace {

void square(std::span<float> values) {
  for (float& x : values) x *= x;
}

/// Weights in plain order, their biases behind them.
class SquareSum {
 public:
  SquareSum(const Patches& seen, std::size_t outputs, bool are_squares, std::span<float> out)
      : row_(seen.size()),
        inputs_(seen.size() - (seen.homogeneous ? 1 : 0)),
        are_squares_(are_squares),
        weights_(out.data()),
        biases_(out.data() + inputs_ * outputs) {
    assert(out.size() == row_ * outputs);
    std::ranges::fill(out, 0.0F);
  }

  /// Adds the rows, or their squares, of `count` outputs.
  void add(const float* rows, std::size_t begin, std::size_t count) {
    for (std::size_t c = 0; c < count; ++c) {
      const float* const from = rows + c * row_;
      float* const to = weights_ + (begin + c) * inputs_;
      for (std::size_t k = 0; k < inputs_; ++k) to[k] += of(from[k]);
      if (row_ > inputs_) biases_[begin + c] += of(from[inputs_]);
    }
  }

 private:
  float of(float x) const { return are_squares_ ? x : x * x; }

  std::size_t row_;
  std::size_t inputs_;
  bool are_squares_;
  float* weights_;
  float* biases_;
};

}  // namespace

void AffineFactors::compute(std::span<float> a, std::span<float> g) const {
  const auto n = static_cast<double>(examples_);
  sum(patches_.seen, x_, 1 / n, a);
  sum(patches_.given, dy_, 1 / (n * static_cast<double>(patches_.given.positions())), g);
}

void AffineFactors::sum(const Patches& patches, const void* tensor, double share,
                        std::span<float> out) const {
  const std::size_t size = patches.size();
  assert(out.size() == size * size);
  const std::size_t together = patches.together(examples_);
  for (std::size_t first = 0; first < examples_; first += together) {
    gather_together(patches, tensor, first, rows_);
    const bool begins = first == 0;
    add_column_gram(patches.rows(examples_), size, static_cast<float>(share), rows_, begins,
                    out.data());
  }
}

void AffineFactors::gather_together(const Patches& patches, const void* tensor, std::size_t first,
                                    float* rows) const {
  for (std::size_t i = 0; i < patches.together(examples_); ++i) {
    gather(patches, tensor, first + i, Order::plain,
           rows + i * patches.positions() * patches.size());
  }
}

void AffineFactors::squares(std::span<float> out) const {
  const auto& [seen, given] = patches_;
  const std::size_t rows = given.rows(examples_);
  const std::span inputs(rows_, rows * seen.size());
  const std::span outputs(rows_ + inputs.size(), rows * given.size());
  float* const term = rows_ + inputs.size() + outputs.size();
  const std::size_t together = given.together(examples_);
  const bool are_squares = given.positions() == 1;
  SquareSum sum(seen, given.size(), are_squares, out);
  for (std::size_t first = 0; first < examples_; first += together) {
    gather_together(seen, x_, first, inputs.data());
    gather_together(given, dy_, first, outputs.data());
    if (are_squares) {
      square(inputs);
      square(outputs);
    }
    for (std::size_t begin = 0; begin < given.size(); begin += ProductPatches::outputs_together) {
      const std::size_t count = std::min(ProductPatches::outputs_together, given.size() - begin);
      columns_product(rows, {outputs.data() + begin, count, given.size()},
                      {inputs.data(), seen.size(), seen.size()}, term);
      sum.add(term, begin, count);
    }
  }
}

}  // namespace gapbench::nn
