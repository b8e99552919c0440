#include "plugin/conformance/threads.h"

#include <fmt/format.h>

#include <ctime>
#include <filesystem>
#include <iterator>

#include "core/sanitizer.h"

namespace gapbench::plugin::conformance {
namespace {

double seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

std::string other_threads() {
  if (sanitizer_has_thread) return "";
  // This thread's clock is read last, so that what remains cannot be its own.
  const double all = seconds(CLOCK_PROCESS_CPUTIME_ID);
  const double elsewhere = all - seconds(CLOCK_THREAD_CPUTIME_ID);
  std::error_code unknown;
  const std::filesystem::directory_iterator tasks("/proc/self/task", unknown);
  const auto running = std::distance(begin(tasks), end(tasks)) - 1;
  if (running > 0) return fmt::format("{} of its own still run", running);
  return elsewhere > 0 ? "some of its own have worked and ended" : "";
}

}  // namespace gapbench::plugin::conformance
