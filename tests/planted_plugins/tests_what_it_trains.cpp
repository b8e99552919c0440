// A data set with a training example in its test part.
#include <gapbench/plugin.h>

namespace {

gapbench::DataRecords load(const gapbench::Options&, const std::filesystem::path&) {
  return {.shape = {1, 1, 1},
          .classes = 2,
          .train = {.values = {1, 2, 3}, .labels = {0, 1, 1}},
          .test = {.values = {4, 2}, .labels = {0, 1}}};
}

}  // namespace

GAPBENCH_PLUGIN(gapbench::data_set<load>(
    {.name = "tests_what_it_trains", .summary = "a leak; nobody", .example = ""}));
