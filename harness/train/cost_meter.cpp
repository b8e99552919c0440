#include "train/cost_meter.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <string>
#include <utility>

namespace gapbench::train {
namespace {

void archive(State& state, PassCounts& passes) {
  for (const auto& [name, count] : pass_counts) state.field(name, passes.*count);
}

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
  cost_.peak_memory_bytes = std::max(cost_.peak_memory_bytes, peak_memory_bytes());
  return cost_;
}

void CostMeter::add(const Cost& earlier) {
  for (const auto& [name, bucket] : cost_buckets) {
    (cost_.*bucket).wall_seconds += (earlier.*bucket).wall_seconds;
    (cost_.*bucket).cpu_seconds += (earlier.*bucket).cpu_seconds;
  }
  cost_.peak_memory_bytes = std::max(cost_.peak_memory_bytes, earlier.peak_memory_bytes);
}

void archive(State& state, Cost& cost) {
  for (const auto& [name, bucket] : cost_buckets) {
    state.field(name + std::string(".wall_seconds"), (cost.*bucket).wall_seconds);
    state.field(name + std::string(".cpu_seconds"), (cost.*bucket).cpu_seconds);
  }
  state.field("peak_memory_bytes", cost.peak_memory_bytes);
  PrefixedState train(state, "train_passes.");
  archive(train, cost.train_passes);
  PrefixedState probe(state, "probe_passes.");
  archive(probe, cost.probe_passes);
}

}  // namespace gapbench::train
