// Gzipped files, inflated into memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace gapbench::data {

/// The inflated contents of one gzip member. Throws Error(path, ...) when it is damaged, ends
/// early, is followed by other bytes, or inflates to more than `limit` bytes.
std::vector<unsigned char> inflate_gzip(const std::filesystem::path& path,
                                        std::span<const unsigned char> bytes, std::size_t limit);

}  // namespace gapbench::data
