#include "records/text.h"

#include <fmt/format.h>

#include <cmath>

namespace gapbench::records {

std::string problem_text(const Record& record) {
  const auto network = record.folder.parent_path().parent_path();
  if (network.has_parent_path()) {
    return fmt::format("{} {}", network.parent_path().filename().string(),
                       network.filename().string());
  }
  return record.network.empty() ? record.dataset
                                : fmt::format("{} {}", record.dataset, record.network);
}

std::string duration_text(double seconds) {
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string trial_text(const Record& record) {
  return fmt::format("{} {} seed {}", problem_text(record), record.method, record.seed);
}

}  // namespace gapbench::records
