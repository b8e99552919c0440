// How an architecture is built.
#pragma once

#include <cstddef>
#include <memory>

#include "gapbench/options.h"
#include "nn/engine.h"
#include "nn/layer.h"
#include "nn/network.h"

namespace gapbench::nn {

/// What a file in architectures/ defines. To add one: write that file and name its recipe in the
/// table of architectures.cpp.
struct Recipe {
  Architecture about;
  /// Throws Error(about.name, ...) when the input is too small.
  std::unique_ptr<const Layer> (*build)(const Engine& engine, const Options& options,
                                        ImageShape input, std::size_t width);
};

/// Throws Error(name, ...) unless the input has at least `side` x `side` pixels.
void require_side(const char* name, ImageShape input, std::size_t side);

}  // namespace gapbench::nn
