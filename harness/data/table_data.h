// Sets of numbers, split and standardized.
#pragma once

#include <memory>

#include "data/data.h"
#include "data/sets/set.h"

namespace gapbench::data {

/// Features and targets become (value - mean) / deviation, each with the mean and deviation of its
/// column over the training part, whatever the others are; a column that is constant there is only centred.
/// Of several pixels, columns are the channels. Labels are drawn as the request has it. The
/// description's notes tell the targets' scale. There is nothing to augment: gather throws Error
/// when asked to. Throws Error for parts larger than the data.
std::unique_ptr<const Data> make_table_data(const Request& request, Description description,
                                            TableRecords records);

}  // namespace gapbench::data
