// Records as a command is given them: folders, or bundles.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/scratch.h"

namespace gapbench::cli {

/// Folders as they are; bundles (gapbench bundle) unpacked into a scratch folder, as long as this
/// lives. Throws Error for an archive that is damaged or reaches out of its folder.
class GivenRecords {
 public:
  explicit GivenRecords(const std::vector<std::string>& given);
  const std::vector<std::filesystem::path>& roots() const noexcept { return roots_; }

 private:
  std::optional<Scratch> scratch_;
  std::vector<std::filesystem::path> roots_;
};

}  // namespace gapbench::cli
