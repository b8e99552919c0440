// Batch normalization.
#pragma once

#include <memory>
#include <string>

#include "nn/layers/normalization.h"

namespace gapbench::nn {

/// Normalization of every channel over the examples and pixels of the micro-batch: ghost batch
/// normalization (Hoffer, Hubara, Soudry 2017), the group being the micro-batch that a workspace is
/// given. Formulas: Normalization, m = examples h w.
///
/// Mode::training uses the micro-batch's own mean and (biased) variance and reports them, the
/// variance unbiased, m / (m - 1), as PyTorch keeps it; Mode::evaluation uses the point's running
/// ones as constants. x and y [examples, h, w, c]. Statistics: mean [c], variance [c].
/// Source: Ioffe, Szegedy 2015, "Batch normalization".
std::unique_ptr<Layer> make_batch_norm(std::string name, ImageShape shape);

}  // namespace gapbench::nn
