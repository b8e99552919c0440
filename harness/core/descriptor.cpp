#include "core/descriptor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "gapbench/error.h"

namespace gapbench {

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Descriptor lock(const std::filesystem::path& path, const std::string& busy) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto reason = [] { return std::generic_category().message(errno); };
  if (file.get() < 0) throw Error(path.string(), "cannot be opened: " + reason());
  int result = 0;
  do {
    result = flock(file.get(), LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return file;
  if (errno == EWOULDBLOCK) throw Error(path.string(), busy);
  throw Error(path.string(), "cannot be locked here: " + reason());
}

}  // namespace gapbench
