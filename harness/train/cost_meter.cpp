#include "train/cost_meter.h"

#include <sys/resource.h>

#include <chrono>
#include <ctime>

namespace gapbench::train {
namespace {

double wall_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_now() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

std::uint64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts in KiB
}

}  // namespace

CostMeter::CostMeter() : wall_(wall_now()), cpu_(cpu_now()) {}

void CostMeter::book() {
  const double wall = wall_now();
  const double cpu = cpu_now();
  for (Cost::Bucket* bucket : {&(cost_.*running_), &cost_.total}) {
    bucket->wall_seconds += wall - wall_;
    bucket->cpu_seconds += cpu - cpu_;
  }
  wall_ = wall;
  cpu_ = cpu;
}

void CostMeter::start(Cost::Bucket Cost::*next) {
  book();
  running_ = next;
}

Cost CostMeter::read() {
  book();
  cost_.peak_memory_bytes = peak_memory_bytes();
  return cost_;
}

}  // namespace gapbench::train
