// The UCI regression sets with their splits.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/remote.h"

namespace gapbench::data {

/// Nine sets as Gal and Ghahramani 2016 publish them, with 20 splits each (protein: 5) as in
/// Hernandez-Lobato and Adams 2015: names of their folders, in order.
std::vector<std::string> uci_folders();

/// Where the set of this folder is published, file by file with its SHA-256 (uci.sha256); nothing
/// where it is none of them.
std::optional<Remote> uci_remote(std::string_view folder);

}  // namespace gapbench::data
