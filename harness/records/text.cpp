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
  return plain(fmt::format("{} {} seed {}", problem_text(record), record.method, record.seed));
}

std::string shortened(std::string reason) {
  constexpr std::size_t most = 1000;
  if (reason.size() <= most) return reason;
  const std::size_t whole = reason.size();
  std::size_t end = most;
  const auto goes_on = [&reason](std::size_t at) {  // a byte 10xxxxxx of UTF-8
    return (static_cast<unsigned char>(reason[at]) & 0xC0U) == 0x80U;
  };
  while (end > 0 && goes_on(end)) --end;
  reason.resize(end);
  return fmt::format("{} ... ({} bytes)", reason, whole);
}

std::string plain(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) text[i] = ' ';
    const bool is_c1 = c == 0xC2 && i + 1 < text.size() &&
                       static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
                       static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (is_c1) text[i] = text[i + 1] = ' ';
  }
  return text;
}

}  // namespace gapbench::records
