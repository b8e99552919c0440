// The one place that asks the system for files of results: to open, read, write, sync, lock, rename
// and remove them. Whatever is to hold when the disk does not is tried by failing these calls, each
// in turn (see faults.h). Above it stands file.h, which throws.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string_view>

/// Each does and returns what the system call of its name does, -1 with errno included, but goes on
/// where a signal has interrupted it. `named`: the file that `fd` is of.
namespace gapbench::disk {

using Path = std::filesystem::path;

/// With O_CLOEXEC and, where it creates, mode 0644.
int open(const Path& path, int flags);
ssize_t read(int fd, char* bytes, std::size_t count, const Path& named);
/// May write less than all.
ssize_t write(int fd, std::string_view bytes, const Path& named);
/// fsync.
int sync(int fd, const Path& named);
/// flock, for itself alone and at once or not at all.
int lock(int fd, const Path& named);
int rename(const Path& from, const Path& to);
/// A hard link.
int link(const Path& from, const Path& to);
/// A file, or an empty folder.
int remove(const Path& path);
/// One folder, whose parent is there.
int make_folder(const Path& path);
/// Sets the time of the last change to now, by the file system's clock.
int touch(const Path& path);
int stat(const Path& path, struct stat& status);

}  // namespace gapbench::disk
