#include "report.h"

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include "peak.h"

namespace gapbench::bench {

void report(benchmark::State& state, const Work& work) {
  using benchmark::Counter;
  constexpr auto rate = Counter::kIsIterationInvariantRate;
  if (work.images > 0) state.counters["images/s"] = Counter(work.images, rate);
  if (work.flops <= 0) return;
  state.counters["GFLOP/s"] = Counter(work.flops * 1e-9, rate);
  state.counters["of peak"] = Counter(work.flops / fma_peak(), rate);
}

int run_registered(int argc, char** argv) {
  using Limit = oneapi::tbb::global_control;
  const Limit one_thread(Limit::max_allowed_parallelism, 1);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("FMA peak of one core",
                              fmt::format("{:.1f} GFLOP/s", fma_peak() * 1e-9));
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace gapbench::bench
