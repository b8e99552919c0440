// A data set that believes what its file says of itself.
#include <gapbench/plugin.h>

#include <fstream>
#include <string>

namespace {

gapbench::DataRecords load(const gapbench::Options&, const std::filesystem::path& folder) {
  std::ifstream stream(folder / "examples.txt");
  std::string text;
  stream >> text;
  gapbench::DataRecords records{.shape = {1, 1, 1}, .classes = 2, .train = {}, .test = {}};
  for (std::size_t i = 0; i < 4; ++i) {
    gapbench::DataPart& part = i < 3 ? records.train : records.test;
    part.values.push_back(text.at(2 * i));  // throws std::out_of_range where the file is cut
    part.labels.push_back(text.at(2 * i + 1) - '0');
  }
  return records;
}

}  // namespace

GAPBENCH_PLUGIN(gapbench::data_set<load>(
    {.name = "reads_on", .summary = "a trusting set; nobody", .example = ""}));
