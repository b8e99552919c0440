// Every plugin of the build through the contract check: a new file is covered at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "paths.h"
#include "plugin/conformance.h"

namespace gapbench::plugin {
namespace {

namespace fs = std::filesystem;

// Only names: nothing is loaded before its test runs.
std::vector<std::string> library_names() {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(test::plugin_folder())) {
    if (file.path().extension() == ".so") names.push_back(file.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Contract : public ::testing::TestWithParam<std::string> {};

TEST_P(Contract, Holds) {
  const auto checks = check_library(fs::path(test::plugin_folder()) / (GetParam() + ".so"));
  EXPECT_TRUE(passed(checks)) << to_text(checks);
  EXPECT_GE(checks.size(), 6U) << to_text(checks);
}

// A test's name holds letters, digits and underscores only.
std::string readable(const ::testing::TestParamInfo<std::string>& library) {
  std::string name = library.param;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Plugins, Contract, ::testing::ValuesIn(library_names()), readable);

TEST(ContractTest, SeesThePluginsOfTheBuild) {
  const auto names = library_names();
  for (const char* name : {"optimizers_sgd", "optimizers_adam", "regularizers_l2",
                           "probes_gradient_norm", "problems_linear_teacher"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  }
}

}  // namespace
}  // namespace gapbench::plugin
