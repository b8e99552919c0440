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
#include "records/kept.h"
#include "records/record.h"

namespace gapbench::records {

namespace fs = std::filesystem;

namespace {

std::vector<float> read_floats(const fs::path& file, const char* what) {
  static_assert(std::endian::native == std::endian::little);
  const std::string bytes = read_file(file);
  std::vector<float> numbers(bytes.size() / sizeof(float));
  if (numbers.size() * sizeof(float) != bytes.size()) {
    throw Error(file.string(), fmt::format("{} bytes; {} take four each", bytes.size(), what));
  }
  if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

}  // namespace

std::vector<float> read_end(const fs::path& record) {
  const fs::path file = record / end_file;
  std::vector<float> numbers = read_floats(file, "parameters");
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    if (std::isfinite(numbers[k])) continue;
    throw Error(file.string(), fmt::format("number {} is {}", k, numbers[k]));
  }
  return numbers;
}

std::vector<float> read_steps(const fs::path& record) {
  const fs::path file = record / steps_file;
  std::vector<float> lengths = read_floats(file, "step lengths");
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

train::HandedOver read_handed_over(const train::TrialSettings& settings, const fs::path& folder) {
  train::HandedOver handed;
  for (const train::TrajectorySource& source : settings.sources) {
    const fs::path record = (folder / source.folder).lexically_normal();
    if (source.hands != train::Hands::steps) {
      const Record there = read_record(record);
      if (there.files.contains(end_file)) read_kept_file(there, end_file);  // throws
      handed.put(source, std::make_shared<const std::vector<float>>(read_end(record)));
      continue;
    }
    auto lengths = std::make_shared<const std::vector<float>>(read_steps(record));
    const std::string due = read_record(record).steps_sha256;
    if (!due.empty() && steps_hash(*lengths) != due) {
      throw Error((record / steps_file).string(),
                  "is not what the trial wrote: its hash in summary.json is another");
    }
    handed.put(source, std::move(lengths));
  }
  return handed;
}

}  // namespace gapbench::records
