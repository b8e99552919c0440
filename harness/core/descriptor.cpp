#include "core/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/disk.h"
#include "gapbench/error.h"

namespace gapbench {

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Descriptor lock(const std::filesystem::path& path, const std::string& busy) {
  Descriptor file(disk::open(path, O_RDONLY));
  const auto reason = [] { return std::generic_category().message(errno); };
  if (file.get() < 0) throw Error(path.string(), "cannot be opened: " + reason());
  if (disk::lock(file.get(), path) == 0) return file;
  if (errno == EWOULDBLOCK) throw Error(path.string(), busy);
  throw Error(path.string(), "cannot be locked here: " + reason());
}

}  // namespace gapbench
