// A data set whose labels begin at 1.
#include <gapbench/plugin.h>

namespace {

gapbench::DataRecords load(const gapbench::Options&, const std::filesystem::path&) {
  return {.shape = {1, 1, 1},
          .classes = 2,
          .train = {.values = {1, 2, 3}, .labels = {1, 1, 2}},
          .test = {.values = {4}, .labels = {2}}};
}

}  // namespace

GAPBENCH_PLUGIN(gapbench::data_set<load>(
    {.name = "labels_from_one", .summary = "labels of another language; nobody", .example = ""}));
