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

History read_history(const fs::path& folder) {
  History history;
  try {
    const std::vector<std::string> metrics = whole_lines(folder / "history.jsonl");
    const std::vector<std::string> times = whole_lines(folder / "timing.jsonl");
    for (std::size_t i = 0; i < std::min(metrics.size(), times.size()); ++i) {
      try {
        history.evaluations.push_back(parse_evaluation(metrics[i], times[i]));
      } catch (const Error& e) {
        history.broken =
            "line " + std::to_string(i + 1) + " of history.jsonl and timing.jsonl: " + e.what();
        return history;
      }
    }
  } catch (const Error& e) {
    history.broken = e.what();
  }
  return history;
}

}  // namespace gapbench::records
