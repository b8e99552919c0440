// Lists as grids: one tree with choices in it becomes all the trees without.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "suite/yaml/node.h"

namespace gapbench::suite {

/// A suite of more trials than this is a mistake.
inline constexpr std::size_t most_trials = 100'000;

/// What was chosen at one place of a tree that offered several values.
struct Axis {
  std::string path;   ///< "optimizer.learning_rate"
  std::string label;  ///< "0.1"
};

struct Variant {
  Node tree;  ///< without alternatives
  std::vector<Axis> axes;
};

/// Whether a list at this path is a value, and no choice of values.
bool is_list_by_nature(std::string_view path);

/// The cartesian product over every list in the tree, the first list varying slowest. A list of
/// blocks is a union: its blocks, each expanded in turn, are the values of one axis. A list of one
/// value is no axis. Lists by nature stay, but the blocks in them expand. Refuses more than most_trials variants.
std::vector<Variant> expand(const Node& tree, Mistakes& mistakes);

/// Writes `values` (a list) at a dotted path as alternatives, making blocks on the way. Lists on
/// the way are entered at every element; "regularizers.l2.lambda" at the blocks of that name.
/// Returns false when there is no such regularizer.
bool put_alternatives(Node& tree, std::string_view path, const Node& values);

/// Shortest labels that tell the nodes apart: scalars by their value, blocks by their name or kind
/// and, among equal names, the keys that differ ("cifar10-train20000"). Equal nodes get equal
/// labels. Only letters, digits and "_.+-" are used.
std::vector<std::string> distinguish(const std::vector<Node>& nodes);

/// "sgd[learning_rate=0.1,batch=64]": as little of each path as tells the axes apart.
std::string variant_name(const std::string& base, const std::vector<Axis>& axes);

}  // namespace gapbench::suite
