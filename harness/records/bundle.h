// Records as one file, to be shared.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gapbench::records {

/// A file of a bundle that is no record: its table, the versions.
struct Enclosed {
  std::string name;
  std::string content;
};

/// Packs all files under `folder`, but for what only a run in progress needs (checkpoints, leases,
/// half-written files), and the enclosed ones into a compressed tar archive, below one folder of
/// `folder`'s name; an enclosed file stands for one of its name there. The same bytes for the same
/// files: no times, no owners. Returns how many files it holds. Written whole or not at all; memory:
/// the archive. Throws Error for a file that is there already, and SystemError.
std::size_t write_bundle(const std::filesystem::path& file, const std::filesystem::path& folder,
                         const std::vector<Enclosed>& enclosed);

/// Whether the name is that of a bundle: it ends with ".tar.gz".
bool is_bundle(const std::filesystem::path& file);

}  // namespace gapbench::records
