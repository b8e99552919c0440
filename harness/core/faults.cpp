#include "core/faults.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

namespace gapbench::disk {
namespace {

FaultPlan* plan_of_this_process() {
  const char* name = std::getenv(faults_variable);
  if (name == nullptr) return nullptr;
  const int fd = ::open(name, O_RDWR | O_CLOEXEC);
  if (fd < 0) return nullptr;
  struct stat status {};
  const bool fits = ::fstat(fd, &status) == 0 && status.st_size == sizeof(FaultPlan);
  void* shared = fits
                     ? ::mmap(nullptr, sizeof(FaultPlan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                     : MAP_FAILED;
  ::close(fd);
  if (shared == MAP_FAILED) return nullptr;
  auto* plan = static_cast<FaultPlan*>(shared);
  const bool is_plan = std::memcmp(plan->mark, FaultPlan::due_mark, sizeof plan->mark) == 0;
  return is_plan ? plan : nullptr;
}

}  // namespace

int next_fault(const std::filesystem::path& path, Call call) noexcept {
  static FaultPlan* const plan = plan_of_this_process();
  if (plan == nullptr) return 0;
  if (!std::string_view(path.native()).starts_with(plan->below)) return 0;
  const std::uint64_t count = ++plan->calls;
  if (plan->is_full_disk && call == Call::needs_none) return 0;
  return plan->first <= count && count <= plan->last ? plan->error : 0;
}

}  // namespace gapbench::disk
