// Batch normalization.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "nn/layers/normalization/normalization.h"

namespace gapbench::nn {

/// Normalization of every channel over the examples and pixels of the micro-batch: ghost batch
/// normalization (Hoffer, Hubara, Soudry 2017). With `ghost` 0 the group is the micro-batch that a
/// workspace is given, else each run of `ghost` examples in it; the last run may be shorter.
/// Formulas: Normalization, m = examples of the group times h w.
///
/// Mode::training uses the group's own mean and (biased) variance and reports them, the variance
/// unbiased, m / (m - 1), as PyTorch keeps it, averaged over the groups by their examples;
/// Mode::evaluation uses the point's running ones as constants. x and y [examples, h, w, c].
/// Statistics: mean [c], variance [c]. Source: Ioffe, Szegedy 2015, "Batch normalization".
std::unique_ptr<Layer> make_batch_norm(std::string name, ImageShape shape, std::size_t ghost = 0);

}  // namespace gapbench::nn
