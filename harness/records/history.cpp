#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/record.h"
#include "records/record_json.h"

namespace gapbench::records {
namespace fs = std::filesystem;

std::vector<std::string> whole_lines(const fs::path& file) {
  const std::string text = read_file(file);
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

namespace {

/// A finished trial's history ends where its summary does; empty where it does, or none is there.
std::string lost_tail(const fs::path& folder, const History& history) {
  try {
    if (!is_there(folder / "summary.json")) return "";
    const auto final = read_record(folder).outcome.final;
    const std::uint64_t last = history.evaluations.empty() ? 0 : history.evaluations.back().step;
    if (!final || (!history.evaluations.empty() && last >= final->step)) return "";
    return "history.jsonl ends at step " + std::to_string(last) + ", and summary.json at step " +
           std::to_string(final->step) + ": its tail is lost";
  } catch (const Error&) {  // a broken summary is named elsewhere
    return "";
  }
}

}  // namespace

std::string last_whole_line(const fs::path& file) {
  constexpr std::size_t first_piece = 4096;
  for (std::size_t piece = first_piece;; piece *= 4) {
    const auto [text, is_all] = read_tail(file, piece);
    const std::size_t end = text.rfind('\n');
    const std::size_t before =
        end == std::string::npos || end == 0 ? end : text.rfind('\n', end - 1);
    if (!is_all && (end == std::string::npos || before == std::string::npos || end == 0)) continue;
    if (end == std::string::npos) return "";
    const std::size_t start = before == std::string::npos || end == 0 ? 0 : before + 1;
    return text.substr(start, end - start);
  }
}

History parse_history(const std::vector<std::string>& metrics,
                      const std::vector<std::string>& times) {
  History history;
  for (std::size_t i = 0; i < std::min(metrics.size(), times.size()); ++i) {
    try {
      history.evaluations.push_back(parse_evaluation(metrics[i], times[i]));
    } catch (const Error& e) {
      history.broken =
          "line " + std::to_string(i + 1) + " of history.jsonl and timing.jsonl: " + e.what();
      break;
    }
  }
  return history;
}

History read_history(const fs::path& folder) {
  History history;
  try {
    const std::vector<std::string> metrics = whole_lines(folder / "history.jsonl");
    history = parse_history(metrics, whole_lines(folder / "timing.jsonl"));
  } catch (const Error& e) {
    history.broken = e.what();
  }
  if (history.broken.empty()) history.broken = lost_tail(folder, history);
  return history;
}

}  // namespace gapbench::records
