#include "records/bundle.h"

#include <algorithm>
#include <map>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/archive_writer.h"

namespace gapbench::records {
namespace {

namespace fs = std::filesystem;

bool is_of_a_run_only(const std::string& name) {
  return name == "lease" || name.starts_with("checkpoint") || name.starts_with(".") ||
         name.find(".part.") != name.npos;
}

/// By their names in the archive, which sorts them.
std::map<std::string, fs::path> files_of(const fs::path& folder) {
  std::map<std::string, fs::path> files;
  try {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file() || entry.is_symlink()) continue;
      if (is_of_a_run_only(entry.path().filename())) continue;
      files[entry.path().lexically_relative(folder).generic_string()] = entry.path();
    }
  } catch (const fs::filesystem_error& e) {
    throw SystemError(folder.string(), "cannot be read: " + e.code().message());
  }
  return files;
}

}  // namespace

std::size_t write_bundle(const fs::path& file, const fs::path& folder,
                         const std::vector<Enclosed>& enclosed) {
  if (is_there(file)) throw Error(file.string(), "is there already: -o FILE gives another name");
  const fs::path whole = fs::absolute(folder).lexically_normal();
  const std::string top = (whole.has_filename() ? whole : whole.parent_path()).filename();
  auto files = files_of(folder);
  ArchiveWriter tar("bundle", ArchiveKind::tar_gz);
  for (const Enclosed& e : enclosed) {
    files.erase(e.name);  // an earlier one, which may say something else
    tar.add(top + "/" + e.name, e.content);
  }
  for (const auto& [name, path] : files) tar.add(top + "/" + name, read_file(path));
  write_file_atomically(file, tar.finish());
  return files.size() + enclosed.size();
}

bool is_bundle(const fs::path& file) { return file.string().ends_with(".tar.gz"); }

}  // namespace gapbench::records
