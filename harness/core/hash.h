// Checksums as lower-case hex, by OpenSSL.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace gapbench {

enum class Digest { sha256, md5 };

std::string hash_bytes(Digest digest, std::string_view bytes);

/// Reads the file in pieces. Throws Error when it cannot be read.
std::string hash_file(Digest digest, const std::filesystem::path& path);

}  // namespace gapbench
