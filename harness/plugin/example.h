// Options written on one line: the examples of plugins.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gapbench/options.h"

namespace gapbench::plugin {

/// Reads "learning_rate=0.1 nesterov=true epsilon=outside": words `name=value` separated by blanks,
/// each value read in whole as its option's kind. Ranges and missing options are left to
/// Options::resolve. Throws Error(owner, ...) naming every word that cannot be read.
OptionMap parse_example(const std::string& owner, std::span<const OptionSpec> specs,
                        std::string_view text);

}  // namespace gapbench::plugin
