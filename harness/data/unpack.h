// Archives.
#pragma once

#include <filesystem>

namespace gapbench::data {

/// Unpacks a tar archive (plain or compressed) into `folder`, which must be there. Files and
/// folders only. Throws Error for a damaged archive, for an entry that is absolute, climbs out with
/// "..", is a link or a device, or stands twice, and for a full disk; what was unpacked so far
/// stays.
void unpack(const std::filesystem::path& archive, const std::filesystem::path& folder);

}  // namespace gapbench::data
