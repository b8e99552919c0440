// Times and sizes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gapbench {

/// "90s", "10m", "2h", or a number of seconds, above 0 and at most 1e10 s; nothing for anything else.
std::optional<double> seconds_in(std::string_view text);

/// "512M", "4G", "1T", or a plain number of bytes, with powers of 1024; nothing for anything else,
/// and for less than a byte.
std::optional<std::uint64_t> bytes_in(std::string_view text);

/// What is right, for messages: "a time above 0 such as 90s, 10m or 2h".
inline constexpr const char* form_of_time = "a time above 0 such as 90s, 10m or 2h";
inline constexpr const char* form_of_size = "a size such as 512M or 4G";

}  // namespace gapbench
