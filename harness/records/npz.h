// Parameters in NumPy's format.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "records/parameters.h"

namespace gapbench::records {

/// A .npy file, version 1.0, of little-endian floats in C order (NumPy enhancement proposal 1).
std::string npy(const NamedTensor& tensor, std::span<const float> values);

/// A .npz file: a zip archive, nothing compressed, of NAME.npy for each tensor; the same bytes for
/// the same numbers. Written whole or not at all. Throws Error when it cannot be written, and for a
/// file that is there and no zip archive.
void write_npz(const std::filesystem::path& file, const NamedParameters& end);

}  // namespace gapbench::records
