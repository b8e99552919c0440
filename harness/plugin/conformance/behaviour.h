// All that a component does, to tell whether a setting matters.
#pragma once

#include <filesystem>
#include <string>

#include "gapbench/plugin.h"

namespace gapbench::plugin::conformance {

struct Behaviour {
  std::string bytes;   ///< equal where nothing that it does differs
  std::string broken;  ///< what of a training is not finite; empty: all is
};

/// What the component does on the small problems, with its example's options but for `change`: the
/// parameters of an optimizer after 1, 20 and 60 steps and what it stands for, values and gradients
/// of a regularizer's hooks, a probe's metrics, a problem's start and gradient, a posterior's draws
/// and what it says of itself, a data set's records from its folder in `data_root`. State is not looked at: what only lies in it does nothing. Throws
/// what the component throws.
Behaviour behaviour(const Component& component, const OptionMap& change,
                    const std::filesystem::path& data_root);

}  // namespace gapbench::plugin::conformance
