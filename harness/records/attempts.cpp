#include "records/attempts.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "core/file.h"

namespace gapbench::records {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view head = "attempt-";
constexpr std::array kept_files{"summary.json", "history.jsonl", "timing.jsonl", "environment.json",
                                "log.txt"};

std::string text_or_nothing(const fs::path& file) { return is_there(file) ? read_file(file) : ""; }

}  // namespace

bool is_kept_attempt(const fs::path& folder) {
  return folder.filename().string().starts_with(head) &&
         folder.parent_path().filename().string().starts_with("seed-");
}

void keep_attempt(const fs::path& folder) {
  if (!is_there(folder / "summary.json")) return;
  std::size_t next = 1;
  const auto place = [&folder](std::size_t n) { return folder / fmt::format("{}{}", head, n); };
  while (is_there(place(next))) ++next;
  const std::string summary = read_file(folder / "summary.json");
  if (next > 1 && text_or_nothing(place(next - 1) / "summary.json") == summary) return;
  const fs::path part = folder / fmt::format("{}{}.part", head, next);
  remove_folder(part);  // of a run that died in here
  make_folder(part);
  for (const char* name : kept_files) {
    if (is_there(folder / name)) {
      write_file_atomically(part / name, read_file(folder / name));
    }
  }
  rename_file(part, place(next));
}

}  // namespace gapbench::records
