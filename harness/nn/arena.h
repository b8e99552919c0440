// The memory of one workspace.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <vector>

namespace gapbench::nn {

/// Hands out 64-byte aligned, uninitialized arrays that live as long as the arena. Nothing is
/// written here, so pages that no pass touches (the tangents of a run that never asks for one)
/// take no memory.
class Arena {
 public:
  float* floats(std::size_t count) {
    const std::size_t rounded = (count + line - 1) / line * line;
    if (rounded > left_) add_block(std::max(rounded, block));
    float* const start = next_;
    next_ += rounded;
    left_ -= rounded;
    return start;
  }

 private:
  static constexpr std::size_t line = 16;                     // floats of 64 bytes
  static constexpr std::size_t block = std::size_t{1} << 18;  // floats of 1 MiB
  static constexpr std::align_val_t alignment{64};

  struct Release {
    void operator()(float* p) const noexcept { ::operator delete(p, alignment); }
  };

  void add_block(std::size_t count) {
    blocks_.emplace_back(static_cast<float*>(::operator new(count * sizeof(float), alignment)));
    next_ = blocks_.back().get();
    left_ = count;
  }

  std::vector<std::unique_ptr<float, Release>> blocks_;
  float* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace gapbench::nn
