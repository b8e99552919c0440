#include "records/bundle.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <map>
#include <memory>

#include "core/file.h"
#include "gapbench/error.h"

namespace gapbench::records {
namespace {

namespace fs = std::filesystem;

/// A compressed tar archive in memory.
class Tar {
 public:
  Tar() : archive_(archive_write_new()) {
    check(archive_write_add_filter_gzip(archive_.get()));
    check(archive_write_set_filter_option(archive_.get(), "gzip", "timestamp", nullptr));
    check(archive_write_set_format_pax_restricted(archive_.get()));
    check(archive_write_open(archive_.get(), &bytes_, nullptr, append, nullptr));
  }

  void add(const std::string& name, const std::string& content) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                         archive_entry_free);
    constexpr int permissions = 0644;
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), permissions);
    archive_entry_set_mtime(entry.get(), 0, 0);
    check(archive_write_header(archive_.get(), entry.get()));
    if (archive_write_data(archive_.get(), content.data(), content.size()) < 0) {
      check(ARCHIVE_FATAL);
    }
  }

  std::string finish() {
    check(archive_write_close(archive_.get()));
    return std::move(bytes_);
  }

 private:
  static la_ssize_t append(archive*, void* bytes, const void* piece, std::size_t size) {
    static_cast<std::string*>(bytes)->append(static_cast<const char*>(piece), size);
    return static_cast<la_ssize_t>(size);
  }
  void check(int code) const {
    if (code != ARCHIVE_OK) throw Error("bundle", archive_error_string(archive_.get()));
  }
  struct Free {
    void operator()(archive* a) const { archive_write_free(a); }
  };

  std::string bytes_;
  std::unique_ptr<archive, Free> archive_;
};

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
  Tar tar;
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
