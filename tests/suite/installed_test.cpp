// The language bound to real plugins, networks and data sets; the suites we ship.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "paths.h"
#include "plugins/npy_files.h"
#include "suite/language/forms.h"
#include "suite/suite.h"
#include "suite/trials/listing.h"

namespace gapbench::suite::test {
namespace {

namespace fs = std::filesystem;
using gapbench::test::TemporaryFolder;
using ::testing::HasSubstr;

plugin::Registry plugins() { return plugin::Registry::load({gapbench::test::plugin_folder()}); }

std::string refusal(const std::string& text) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("s.yaml", text);
  try {
    load(file, {}, plugins());
  } catch (const Error& e) {
    const std::string what = e.what();
    return what.substr(std::min(what.find("s.yaml"), what.size()));
  }
  return "";
}

std::string suite_with(const std::string& optimizer, const std::string& network,
                       const std::string& dataset) {
  return "name: x\nmethods: {m: {optimizer: " + optimizer + "}}\nnetworks: [" + network +
         "]\ndatasets: [" + dataset + "]\nseeds: [1]\nbudget: {epochs: 1}\n";
}

TEST(Installed, EverySuiteWeShipIsValidAndNamedLikeItsFile) {
  const fs::path folder = fs::path(gapbench::test::source_folder()) / "benchmarks" / "suites";
  const auto registry = plugins();
  int suites = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    const Suite suite = load(entry.path(), {}, registry);
    EXPECT_EQ(suite.name, entry.path().stem());
    EXPECT_FALSE(suite.description.empty());
    EXPECT_FALSE(suite.trials.empty());
    ++suites;
  }
  EXPECT_GE(suites, 3);
}

TEST(Installed, FormsThatMessagesShowAreRight) {
  const auto form = [](const char* what) {
    EXPECT_NE(form_of(what), "") << what;
    return std::string(form_of(what)) + "\n";
  };
  std::string text = "name: x\ndatasets: " + form("datasets") + "networks: " + form("networks") +
                     "seeds: " + form("seeds") + "budget: " + form("budget") +
                     "evaluate: " + form("evaluate") + "record: " + form("record") +
                     "probes: " + form("probes") + "grid: " + form("grid") +
                     "slurm: " + form("slurm") + "methods:\n  a: " + form("method \"a\"") +
                     "  b:\n    batch: 8\n    optimizer: " + form("optimizer") +
                     "    regularizers: " + form("regularizers") +
                     "    schedule: " + form("schedule") + "    on: " + form("on");
  EXPECT_EQ(refusal(text), "");
  text = "name: x\nmethods: {m: {optimizer: {name: sgd, learning_rate: 1}, regularizers: [" +
         form("regularizer") + "], batch: 8}}\ndatasets: [" + form("data set") + "]\nnetworks: [" +
         form("network") + "]\nprobes: [" + form("probe") +
         "]\nseeds: [1]\nbudget: " + form("budget");
  EXPECT_EQ(refusal(text), "");
}

// What was not asked for is no setting: identities are what they were before networks had the option.
TEST(Installed, NetworksSayThatTheyAreLinearizedWhereTheyAre) {
  const TemporaryFolder folder;
  const auto network = [&](const std::string& text) {
    const fs::path file = folder.write(
        "s.yaml", suite_with("{name: sgd, learning_rate: 1}", text, "{name: sinusoid}"));
    Suite suite = load(file, {}, plugins());
    seal(suite, plugins(), folder.path());
    return suite.trials.at(0);
  };
  const Trial plain = network("mlp");
  const Trial refused = network("{name: mlp, linearize: false}");
  const Trial linear = network("{name: mlp, linearize: true}");
  EXPECT_FALSE(plain.settings.network.options.contains("linearize"));
  EXPECT_EQ(plain.identity, refused.identity);
  EXPECT_EQ(linear.settings.network.options.at("linearize"), OptionValue(true));
  EXPECT_NE(plain.identity, linear.identity);
}

TEST(Installed, QuickstartIsTwelveTrialsThatCanBeSealedWithoutAnyData) {
  const TemporaryFolder empty;
  const fs::path file =
      fs::path(gapbench::test::source_folder()) / "benchmarks/suites/quickstart.yaml";
  Suite suite = load(file, {}, plugins());
  seal(suite, plugins(), empty.path());
  ASSERT_EQ(suite.trials.size(), 12U);
  const Trial& first = suite.trials[0];
  EXPECT_EQ(first.folder.parent_path(), "quickstart/synthetic10/cnn3/sgd");
  EXPECT_FALSE(first.settings.data.checksum.empty());
  EXPECT_EQ(first.identity.size(), 64U);
  EXPECT_THAT(listing(suite), HasSubstr("12 trials"));
}

TEST(Installed, UnknownNamesComeWithTheNearest) {
  EXPECT_THAT(refusal(suite_with("agdam", "cnn3", "cifar10")), HasSubstr("\"adam\""));
  EXPECT_THAT(refusal(suite_with("adam", "cnn4", "cifar10")), HasSubstr("cnn3"));
  EXPECT_THAT(refusal(suite_with("adam", "cnn3", "cifar20")), HasSubstr("cifar10"));
  EXPECT_EQ(refusal(suite_with("adam", "cnn3", "cifar10")), "");
}

TEST(Installed, OptionsAreCheckedAgainstWhatThePluginDeclares) {
  EXPECT_EQ(refusal(suite_with("{name: sgd, learning_rate: 0}", "cnn3", "cifar10")),
            "s.yaml:2: sgd.learning_rate must be a real number > 0, got 0");
  EXPECT_THAT(refusal(suite_with("adam", "{name: cnn3, width: 0}", "cifar10")),
              HasSubstr("s.yaml:3: cnn3.width must be"));
}

TEST(Installed, NetworksOfPluginsAreNamedLikeOurs) {
  const TemporaryFolder folder;
  const fs::path file = folder.write(
      "s.yaml", suite_with("adam", "{name: all_cnn_c, width: 4, convolution: direct}", "cifar10"));
  const Suite suite = load(file, {}, plugins());
  const train::Choice& network = suite.trials.at(0).settings.network;
  EXPECT_EQ(network.revision, 1U);
  const OptionMap all{{"convolution", std::string("direct")},
                      {"linearize", false},
                      {"norm", std::string("none")},
                      {"precision", std::string("f32")},
                      {"width", std::int64_t{4}}};
  EXPECT_EQ(network.options, all);
  EXPECT_THAT(refusal(suite_with("adam", "all_cnn", "cifar10")), HasSubstr("all_cnn_c"));
  EXPECT_THAT(refusal(suite_with("adam", "{name: all_cnn_c, depth: 2}", "cifar10")),
              HasSubstr("s.yaml:3:"));
}

TEST(Installed, NetworksThatDoNotFitTheirDataAreRefusedAtTheirPlace) {
  EXPECT_THAT(refusal(suite_with("adam", "mlp, lenet5", "sinusoid")),
              HasSubstr("s.yaml:3: does not fit sinusoid: lenet5: needs an input of at least 12x12 "
                        "pixels, got 1x1"));
  EXPECT_THAT(refusal(suite_with("adam", "all_cnn_c", "sinusoid")),
              HasSubstr("all_cnn_c: needs an input of at least 8x8"));
  EXPECT_EQ(refusal(suite_with("adam", "mlp", "sinusoid")), "");
  // A set of which only the files know the shape.
  EXPECT_EQ(refusal(suite_with("adam", "lenet5", "\"csv:yacht\"")), "");
}

TEST(Installed, ANetworkOfATakenNameIsRefusedNotChosen) {
  const auto both = plugin::Registry::load(
      {fs::path(gapbench::test::plugin_folder()),
       fs::path(gapbench::test::planted_plugin_folder()) / "takes_a_name.so"});
  const TemporaryFolder folder;
  const fs::path file = folder.write("s.yaml", suite_with("adam", "mlp", "cifar10"));
  try {
    load(file, {}, both);
    FAIL() << "was read";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("is a network of gapbench's own, and "));
    EXPECT_THAT(e.what(), HasSubstr("takes_a_name.so"));
  }
}

TEST(Installed, DataSetsOfPluginsAreNamedLikeOurs) {
  const TemporaryFolder folder;
  gapbench::test::write_npy_examples(folder.path());
  const auto sealed = [&](const std::string& dataset) {
    Suite suite = load(folder.write("s.yaml", suite_with("adam", "mlp", dataset)), {}, plugins());
    seal(suite, plugins(), folder.path());
    return suite.trials.at(0);
  };
  const Trial images = sealed("{name: npy, set: example}");
  EXPECT_EQ(images.settings.data.set.revision, 1U);
  EXPECT_EQ(images.settings.data.set.options.at("layout"),
            OptionValue(std::string("channels_last")));
  EXPECT_EQ(images.settings.data.checksum.size(), 64U);
  const auto x = folder.path() / "npy/example/x_test.npy";
  std::fstream(x, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(-1, std::ios::end)
      .put('a');
  const Trial changed = sealed("{name: npy, set: example}");
  EXPECT_NE(changed.settings.data.checksum, images.settings.data.checksum);
  EXPECT_NE(changed.identity, images.identity);
  EXPECT_THAT(refusal(suite_with("adam", "mlp", "{name: npi, set: a}")), HasSubstr("npy"));
  EXPECT_THAT(refusal(suite_with("adam", "mlp", "{name: npy, sett: a}")), HasSubstr("s.yaml:4:"));
  EXPECT_THAT(
      refusal(suite_with("adam", "mlp", "{name: npy_regression, set: a, label_noise: 0.1}")),
      HasSubstr("npy_regression is a regression set and has no labels"));
  try {
    sealed("{name: npy, set: nothing}");
    FAIL() << "sealed";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("x_train.npy: is missing; a set is x_train.npy"));
  }
}

TEST(Installed, MissingDataOfAllSetsIsReportedTogether) {
  const TemporaryFolder folder;
  const fs::path file = folder.write("s.yaml", suite_with("adam", "cnn3", "cifar10, cifar100"));
  Suite suite = load(file, {}, plugins());
  try {
    seal(suite, plugins(), folder / "nowhere");
    FAIL() << "sealed";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("2 data sets cannot be used\n"));
    EXPECT_THAT(e.what(), HasSubstr("gapbench data fetch cifar10"));
    EXPECT_THAT(e.what(), HasSubstr("gapbench data fetch cifar100"));
  }
}

TEST(Installed, AnAbsentOrHugeFileIsRefused) {
  const TemporaryFolder folder;
  EXPECT_THROW(load(folder / "absent.yaml", {}, plugins()), Error);
  EXPECT_THROW(load(folder.path(), {}, plugins()), Error);
  const fs::path huge = folder.write("s.yaml", "");
  fs::resize_file(huge, std::uintmax_t{1} << 40);  // sparse
  EXPECT_THROW(load(huge, {}, plugins()), Error);
}

}  // namespace
}  // namespace gapbench::suite::test
