// The data sets of a suite.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "suite/language/fields.h"

namespace gapbench::suite {

/// `split_seed: 3`, or `split_seed: seed`: each seed draws its own training and validation part, or
/// with `split_seed: seed/4` each four in turn. How many seeds share a draw; the key is asked for then.
/// 0 where the block has none or a number.
std::uint64_t read_seeds_per_draw(Block& block);

/// `test_fraction: 0.2`, of a set whose test part is drawn; nothing where it is not given.
std::optional<double> read_test_fraction(Block& block);

/// `unseen: [8, 9]`, ascending; none where it is not given.
std::vector<std::size_t> read_unseen(Block& block);

/// `deviation: 0.3`, of the noise of a regression's targets.
std::optional<double> read_deviation(Block& block);

/// `label_noise` and `label_seed`; the former is left to a set that declares an option of that name.
void read_label_noise(Block& block, train::DataSettings& data);

struct DataBlock {
  train::DataSettings settings;
  bool regression = false;
  Place place;
};

/// {name: cifar10, train: 20000, ..., <options of the set>}; checksum left empty.
std::optional<DataBlock> read_data(const Node& node, const Catalog& catalog, Mistakes& mistakes);

}  // namespace gapbench::suite
