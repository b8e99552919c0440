// Blocks of curvature from the sums they are made of.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "gapbench/laplace.h"

namespace gapbench {

/// All training examples, as evaluation sees them.
inline const Sample fit_sample{.size = 128, .count = 0, .mode = Mode::evaluation};

CurvatureBlock diagonal_block(std::size_t first, std::span<const float> values);
/// packed: the rows of the lower half, one behind the other.
CurvatureBlock full_block(std::size_t first, std::size_t size, std::span<const float> packed);
CurvatureBlock kronecker_block(const KroneckerLayer& layer, const TensorInfo& weight,
                               std::span<const float> a, std::span<const float> g);

/// w += V e in the block's parameters; e [rows, columns] is used up.
void add_rotated(const CurvatureBlock& block, std::span<float> e, std::span<float> w);
/// V^T w of the block's parameters, [rows, columns], which are 0 afterwards.
std::vector<float> take_rotated(const CurvatureBlock& block, std::span<float> w);

}  // namespace gapbench
