#include "records/trajectory.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

#include "core/file.h"
#include "core/hash.h"
#include "gapbench/error.h"
#include "records/record.h"

namespace gapbench::records {

namespace fs = std::filesystem;

std::vector<float> read_steps(const fs::path& record) {
  static_assert(std::endian::native == std::endian::little);
  const fs::path file = record / steps_file;
  const std::string bytes = read_file(file);
  std::vector<float> lengths(bytes.size() / sizeof(float));
  if (lengths.size() * sizeof(float) != bytes.size()) {
    throw Error(file.string(), fmt::format("{} bytes; step lengths take four each", bytes.size()));
  }
  if (!bytes.empty()) std::memcpy(lengths.data(), bytes.data(), bytes.size());
  for (std::size_t k = 0; k < lengths.size(); ++k) {
    if (lengths[k] >= 0 && std::isfinite(lengths[k])) continue;
    throw Error(file.string(), fmt::format("step {} has the length {}", k, lengths[k]));
  }
  return lengths;
}

std::string steps_hash(std::span<const float> lengths) {
  const std::string_view bytes(reinterpret_cast<const char*>(lengths.data()), lengths.size_bytes());
  return hash_bytes(Digest::sha256, bytes);
}

std::optional<std::string> unusable_source(const train::TrialSettings& settings,
                                           const fs::path& folder) {
  for (const train::TrajectorySource& source : settings.sources) {
    const std::string who = fmt::format("{} seed {}", source.method, settings.seed);
    const FolderState state = inspect(folder / source.folder, source.identity);
    if (!state.finished) return fmt::format("follows {}, which has not run", who);
    if (state.status != train::Status::ok) {
      return fmt::format("follows {}, which is {}", who, train::to_text(state.status));
    }
  }
  return std::nullopt;
}

train::Trajectories read_trajectories(const train::TrialSettings& settings,
                                      const fs::path& folder) {
  train::Trajectories trajectories;
  for (const train::TrajectorySource& source : settings.sources) {
    const fs::path record = (folder / source.folder).lexically_normal();
    const auto lengths = std::make_shared<const std::vector<float>>(read_steps(record));
    const std::string due = read_record(record).steps_sha256;
    if (!due.empty() && steps_hash(*lengths) != due) {
      throw Error((record / steps_file).string(),
                  "is not what the trial wrote: its hash in summary.json is another");
    }
    trajectories[source.option] = lengths;
  }
  return trajectories;
}

}  // namespace gapbench::records
