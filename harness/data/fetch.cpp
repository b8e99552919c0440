#include "data/fetch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <vector>

#include "core/descriptor.h"
#include "core/file.h"
#include "data/sets/set.h"
#include "data/sets/uci.h"
#include "data/unpack.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;

/// A folder that is gone when this is.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {
    std::error_code ignored;  // what cannot be removed cannot be made, either, and that tells why
    fs::remove_all(path_, ignored);
    make_folder(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// "a/b.tar.gz?key=1" is an archive, "a/b" and "a/b/" are folders.
bool names_an_archive(const std::string& url) {
  const std::string last = url.substr(url.find_last_of('/') + 1);
  return last.find(".t") != std::string::npos || last.find(".gz") != std::string::npos ||
         last.find('?') != std::string::npos;
}

std::string url_of(const Remote& remote, const RemoteFile& file, const std::string& given) {
  std::string base = given.empty() ? remote.base_url : given;
  if (base.starts_with('/')) base = "file://" + base;
  if (remote.archive && names_an_archive(base)) return base;
  if (!base.ends_with('/')) base += '/';
  return base + file.below + file.name;
}

void move_into_place(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::rename(from, to, code);
  if (code) throw Error(to.string(), "cannot be moved into place: " + code.message());
}

[[noreturn]] void refuse_to_overwrite(const fs::path& path) {
  throw Error(path.string(),
              "is there but is not the published data; move it away and fetch again");
}

fs::path part_of(const fs::path& folder, const RemoteFile& file) {
  return folder / (file.name + ".part");
}

/// What fetches that were killed while they unpacked have left.
void remove_leftovers(const fs::path& root, const std::string& folder) {
  std::error_code ignored;
  std::vector<fs::path> old;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    if (entry.path().filename().string().starts_with("." + folder + ".")) {
      old.push_back(entry.path());
    }
  }
  for (const fs::path& path : old) fs::remove_all(path, ignored);
}

void fetch_archive(const Remote& remote, const fs::path& root, const std::string& url,
                   const Progress& progress) {
  const fs::path place = root / remote.folder;
  std::error_code ignored;
  if (fs::exists(place, ignored)) refuse_to_overwrite(place);
  const RemoteFile& file = remote.files.front();
  const fs::path part = part_of(root, file);
  // Until all is in place: the lock of a download ends before its archive is unpacked.
  const Descriptor locked =
      gapbench::lock(root, "another fetch is at work here; wait for it to end");
  remove_leftovers(root, remote.folder);
  download(url_of(remote, file, url), file, part, progress);
  const TemporaryFolder temporary(root / fmt::format(".{}.{}", remote.folder, getpid()));
  unpack(part, temporary.path());
  if (!fs::is_directory(temporary.path() / remote.folder, ignored)) {
    throw Error(part.string(), fmt::format("holds no folder {}", remote.folder));
  }
  move_into_place(temporary.path() / remote.folder, place);
  fs::remove(part, ignored);
}

void fetch_files(const Remote& remote, const fs::path& root, const std::string& url,
                 const Progress& progress) {
  const fs::path folder = root / remote.folder;
  make_folder(folder);
  for (const RemoteFile& file : remote.files) {
    const fs::path place = folder / file.name;
    std::error_code ignored;
    if (fs::exists(place, ignored)) {
      if (hash_file(file.digest, place) == file.expected) continue;
      refuse_to_overwrite(place);
    }
    download(url_of(remote, file, url), file, part_of(folder, file), progress);
    move_into_place(part_of(folder, file), place);
  }
}

/// Whole and as published, file by file.
bool is_complete(const std::string& name, const fs::path& root) {
  const Report report = verify(name, root);
  return report.ok && report.presence == Presence::whole;
}

}  // namespace

void fetch(const Remote& remote, const fs::path& root, const std::string& url,
           const Progress& progress) {
  make_folder(root);
  if (remote.archive) {
    fetch_archive(remote, root, url, progress);
  } else {
    fetch_files(remote, root, url, progress);
  }
}

std::vector<std::string> sets_of(const std::string& name) {
  if (name != "uci") return {name};
  std::vector<std::string> names;
  for (const std::string& folder : uci_folders()) names.push_back("csv:" + folder);
  return names;
}

Fetched fetch(const std::string& name, const fs::path& root, const std::string& url,
              const Progress& progress) {
  const auto remote = find_set(name).remote(name);
  if (!remote) {
    throw Error(name, find_set(name).kind().synthetic ? "is built in, there is nothing to fetch"
                                                      : "is not published as one archive; put its "
                                                        "files into the data folder");
  }
  if (is_complete(name, root)) return Fetched::already_there;
  fetch(*remote, root, url, progress);
  return Fetched::fetched;
}

}  // namespace gapbench::data
