// Global average pooling.
#pragma once

#include <memory>

#include "nn/layers/pooling/average_pool.h"

namespace gapbench::nn {

/// y = the mean of x over all pixels, channel by channel: the AveragePool whose one window is the
/// whole image, with its four passes. x [examples, h, w, c], y [examples, 1, 1, c].
/// Source: Lin, Chen, Yan 2013, "Network in network".
std::unique_ptr<Layer> make_global_average_pool(ImageShape input);

}  // namespace gapbench::nn
