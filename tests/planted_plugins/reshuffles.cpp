// A data set that differs from call to call.
#include <gapbench/plugin.h>

namespace {

gapbench::DataRecords load(const gapbench::Options&, const std::filesystem::path&) {
  static double calls = 0;
  return {.shape = {1, 1, 1},
          .classes = 2,
          .train = {.values = {++calls, -1, -2}, .labels = {0, 1, 1}},
          .test = {.values = {-3}, .labels = {0}}};
}

}  // namespace

GAPBENCH_PLUGIN(gapbench::data_set<load>(
    {.name = "reshuffles", .summary = "a set with memory; nobody", .example = ""}));
