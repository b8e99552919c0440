// Image sets, split and normalized.
#pragma once

#include <memory>

#include "data/data.h"
#include "data/sets/set.h"

namespace gapbench::data {

/// Cost of gather: about 1 ns a byte, no allocation. Throws Error for parts larger than the data.
std::unique_ptr<const Data> make_image_data(const Request& request, Description description,
                                            ImageRecords records);

}  // namespace gapbench::data
