// Settings of the network or the data that make rows of the tables, in place of sections.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gapbench/options.h"

namespace gapbench::suite {

struct Method;
struct Node;
class Mistakes;
struct Parts;

/// Whether a setting's name is an option of the network, the data set or the problem:
/// "network.precision", "dataset.seed", "problem.dimension".
bool can_be_row(std::string_view setting);

/// "sgd [network.precision=f32]": the method with those of the settings `rows` that it has, which is
/// what tables, `baseline` and `claims` call the row. The method alone where it has none of them.
std::string row_name(const std::string& method, const OptionMap& settings,
                     const std::vector<std::string>& rows);

/// A method on networks and data that have the same values of these settings.
struct RowOfSuite {
  const Method* method;
  std::string name;
};

/// Each once, the methods in their order.
std::vector<RowOfSuite> rows_of(const Parts& parts);

///   rows: [network.precision]
///
/// Sorted. Reports names that are no option of any of the parts, and names given twice.
std::vector<std::string> read_rows(const Node& root, const Parts& parts, Mistakes& mistakes);

}  // namespace gapbench::suite
