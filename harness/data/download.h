// One file over the network, resumable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "data/remote.h"

namespace gapbench::data {

/// Called now and then during a transfer: bytes on disk so far and in all (0: the server does not
/// say). On the calling thread.
using Progress =
    std::function<void(const std::string& file, std::uint64_t bytes, std::uint64_t total)>;

/// Downloads `url` (http, https or file) to `part` and checks the digest. Where `part` is there
/// already, only the rest is asked for; a server that ignores that sends everything again.
///
/// Throws Error:
///   - the transfer broke off: what came is kept, the same call resumes;
///   - the server refused (404 ...), no such host: a part from before is kept;
///   - the digest differs: both are named, `part` is removed;
///   - another process is at work on `part`.
void download(const std::string& url, const RemoteFile& file, const std::filesystem::path& part,
              const Progress& progress);

}  // namespace gapbench::data
