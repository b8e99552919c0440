// What of a network's options the machine decides, and what is not said.
#pragma once

#include <string>

#include "gapbench/options.h"

namespace gapbench::nn {

/// Why a network of these options cannot be computed on this machine, or nothing: its CPU has no
/// bf16 products.
std::string why_not_here(const OptionMap& given);

/// `precision: auto` as what it is on this machine, so that f32 and bf16 are never one network; and
/// `linearize: false` left out: trials that do not ask for it are what they were before there was one.
void settle(OptionMap& given);

}  // namespace gapbench::nn
