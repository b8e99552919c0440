// What the kernel grants this process, and what it counts: control groups of version 2 and 1.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace gapbench::run {

/// Cores' worth of processor time that the control groups of this process may use, the smallest of
/// all levels; nothing without a quota. `root`: where /proc and /sys are; another one is for tests.
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

/// How many processes the kernel has killed for want of memory, as far as can be seen from here: in
/// the control group of this process, else on the whole machine; 0 where neither tells.
std::uint64_t oom_kills(const std::filesystem::path& root = "/");

/// Threads of this process, this one included; 0 where the system does not tell.
std::size_t own_threads();

/// "512M", "4G", "1T", or a plain number of bytes, with powers of 1024. Throws Error that names
/// `option`.
std::uint64_t bytes_of(const char* option, const std::string& text);

}  // namespace gapbench::run
