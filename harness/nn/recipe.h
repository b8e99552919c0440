// What a file in architectures/ defines.
#pragma once

#include "gapbench/layers.h"
#include "gapbench/options.h"
#include "nn/network.h"

namespace gapbench::nn {

/// To add one: write its file and name its recipe in the table of architectures.cpp.
struct Recipe {
  Architecture about;
  NetworkBuilder* build;
};

}  // namespace gapbench::nn
