#include "run/home.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "run/lease.h"

namespace gapbench::run {

Home::Home() : process_(getpid()), folder_(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  const char* given = std::getenv(lease_variable);
  if (given == nullptr) return;
  lease_ = given;
  unsetenv(lease_variable);
}

void Home::leave_if_copied() const {
  if (getpid() != process_) _exit(0);
}

void Home::come_back() const {
  leave_if_copied();
  // A plugin that closed our descriptors has lost us the way back: the record's own errors tell.
  if (fchdir(folder_.get()) != 0) return;
}

void Home::require_lease(const std::filesystem::path& record) const {
  come_back();
  if (lease_.empty() || has_lease(record, lease_)) return;
  std::fprintf(stderr, "another run has taken over this trial\n");
  std::fflush(stderr);
  _exit(exit_lease_lost);
}

}  // namespace gapbench::run
