#include "core/disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "core/faults.h"

namespace gapbench::disk {
namespace {

/// The call, or the fault in its place, until no signal interrupts it.
template <class Do>
auto asked(const Path& path, Call kind, const Do& call) {
  for (;;) {
    const int fault = next_fault(path, kind);
    if (fault > 0) errno = fault;
    const auto result = fault > 0 ? decltype(call())(-1) : call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

}  // namespace

int open(const Path& path, int flags) {
  constexpr mode_t mode = 0644;
  const Call kind = (flags & O_CREAT) != 0 ? Call::needs_room : Call::needs_none;
  return asked(path, kind, [&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
}

ssize_t read(int fd, char* bytes, std::size_t count, const Path& named) {
  return asked(named, Call::needs_none, [&] { return ::read(fd, bytes, count); });
}

ssize_t write(int fd, std::string_view bytes, const Path& named) {
  for (;;) {
    const int fault = next_fault(named, Call::needs_room);
    if (fault > 0) errno = fault;
    const std::size_t count = fault == short_write ? (bytes.size() + 1) / 2 : bytes.size();
    const ssize_t written = fault > 0 ? -1 : ::write(fd, bytes.data(), count);
    if (written >= 0 || errno != EINTR) return written;
  }
}

int sync(int fd, const Path& named) {
  return asked(named, Call::needs_room, [&] { return ::fsync(fd); });
}

int lock(int fd, const Path& named) {
  return asked(named, Call::needs_none, [&] { return ::flock(fd, LOCK_EX | LOCK_NB); });
}

int rename(const Path& from, const Path& to) {
  return asked(to, Call::needs_room, [&] { return ::rename(from.c_str(), to.c_str()); });
}

int link(const Path& from, const Path& to) {
  return asked(to, Call::needs_room, [&] { return ::link(from.c_str(), to.c_str()); });
}

int remove(const Path& path) {
  return asked(path, Call::needs_none, [&] { return std::remove(path.c_str()); });
}

int make_folder(const Path& path) {
  constexpr mode_t mode = 0777;
  return asked(path, Call::needs_room, [&] { return ::mkdir(path.c_str(), mode); });
}

int touch(const Path& path) {
  return asked(path, Call::needs_none,
               [&] { return ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0); });
}

int stat(const Path& path, struct stat& status) {
  return asked(path, Call::needs_none, [&] { return ::stat(path.c_str(), &status); });
}

}  // namespace gapbench::disk
