// Every plugin of the build through the contract check: a new file is covered at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <utility>

#include "core/temporary_folder.h"
#include "paths.h"
#include "plugin/conformance.h"
#include "plugin/conformance/remedies.h"
#include "plugins/npy_files.h"

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

/// Whether that is noted of one of ours and is as it should be.
bool is_meant(const Check& c) {
  static constexpr std::pair<std::string_view, std::string_view> meant[] = {
      {"optimizer external_graft", "rests where the schedule's factor is 0"},
      {"optimizer kfac", "repeats bit for bit on 32,768 parameters"},
      {"optimizer noisy_kfac", "repeats bit for bit on 32,768 parameters"},
      {"problem funnel", "its start point differs between seeds"},
      {"problem linear_teacher", "its start point differs between seeds"},
      // Limits and settings of what the small problems do not have.
      {"optimizer adahessian", "every option changes what it does"},
      {"probe ntk", "every option changes what it does"},
      {"probe ou_covariance", "every option changes what it does"},
      {"probe minimum_norm", "every option changes what it does"},
      {"probe pac_bayes", "every option changes what it does"},
  };
  return std::ranges::find(meant, std::pair<std::string_view, std::string_view>(
                                      c.component, c.name)) != std::end(meant);
}

class Contract : public ::testing::TestWithParam<std::string> {};

TEST_P(Contract, Holds) {
  const test::TemporaryFolder data;
  test::write_npy_examples(data.path());
  CheckOptions patient;
  patient.data_root = data.path();
  patient.seconds =
      120;  // no clock of a busy machine, or of a sanitizer, is a fault of the plugin's
  const auto checks =
      check_library(fs::path(test::plugin_folder()) / (GetParam() + ".so"), patient);
  EXPECT_TRUE(passed(checks)) << to_text(checks);
  for (const Check& c : checks) {
    EXPECT_EQ(conformance::remedy_of(c.name).empty(), c.name.starts_with("its first step"))
        << c.name;
    EXPECT_TRUE(c.verdict != Check::Verdict::note || is_meant(c)) << to_text(c);
  }
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
