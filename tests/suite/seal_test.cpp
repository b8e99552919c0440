// Identities and folders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fake_catalog.h"
#include "suite/trials/listing.h"
#include "suite/trials/trial_file.h"

namespace gapbench::suite::test {
namespace {

using ::testing::ElementsAre;

std::string name_as_checksum(const train::DataSettings& data) {
  EXPECT_NE(data.set.name, "") << "a problem plugin has no data to ask for";
  return "sum-" + data.set.name;
}

Suite sealed(const std::string& text) {
  Suite suite = read(text);
  seal(suite, Checksum(name_as_checksum));
  return suite;
}

std::string parent(const Trial& trial) { return trial.folder.parent_path().string(); }

TEST(Seal, FillsChecksumIdentityAndFolder) {
  const Suite suite = sealed(tiny);
  const Trial& trial = suite.trials[0];
  EXPECT_EQ(trial.settings.data.checksum, "sum-cifar10");
  EXPECT_EQ(trial.identity, identity(trial.settings));
  EXPECT_EQ(trial.folder, "tiny/cifar10/cnn3/sgd/seed-1-" + trial.identity.substr(0, 8));
}

TEST(Seal, FoldersCarryWhatDiffersBetweenTheSuitesBlocks) {
  const Suite suite = sealed(
      "name: many\n"
      "datasets: [{name: cifar10, train: 1000}, cifar10, {name: cifar100, augment: true}]\n"
      "networks: [{name: cnn3, width: 8}, {name: cnn3, width: 16}, lenet5]\n"
      "problems: [{name: linear_teacher, features: [10, 20]}]\n"
      "methods: {sgd: {optimizer: {name: sgd, learning_rate: [0.1, 0.2]}}}\n"
      "seeds: [1]\nbudget: {epochs: 1}\n");
  ASSERT_EQ(suite.trials.size(), 22U);
  EXPECT_EQ(parent(suite.trials[0]), "many/cifar10-train1000/cnn3-width8/sgd@learning_rate=0.1");
  EXPECT_EQ(parent(suite.trials[3]), "many/cifar10-train1000/cnn3-width16/sgd@learning_rate=0.2");
  EXPECT_EQ(parent(suite.trials[6]), "many/cifar10-trainall/cnn3-width8/sgd@learning_rate=0.1");
  EXPECT_EQ(parent(suite.trials[16]), "many/cifar100/lenet5/sgd@learning_rate=0.1");
  EXPECT_EQ(parent(suite.trials[18]),
            "many/linear_teacher-features10/analytic/sgd@learning_rate=0.1");
  EXPECT_EQ(parent(suite.trials[21]),
            "many/linear_teacher-features20/analytic/sgd@learning_rate=0.2");
  EXPECT_EQ(suite.trials[18].settings.data.checksum, "");
  std::set<std::filesystem::path> folders;
  for (const Trial& trial : suite.trials) folders.insert(trial.folder);
  EXPECT_EQ(folders.size(), suite.trials.size());
}

TEST(Seal, FolderNamesAreSafeAndNeverTooLong) {
  std::string grid = "grid:\n";
  for (const char* path :
       {"optimizer.momentum", "optimizer.learning_rate", "budget.epochs", "batch", "micro_batch",
        "regularizers.l1.lambda", "regularizers.l2.lambda"}) {
    grid += std::string("  ") + path + ": [1, 2]\n";
  }
  grid.replace(grid.find("momentum: [1, 2]"), 16, "momentum: [0.123456789, 0.23456789]");
  grid.replace(grid.find("rate: [1, 2]"), 12, "rate: [0.123456789, 0.23456789]");
  grid.replace(grid.find(" batch: [1, 2]"), 14, " batch: [4, 8]");
  std::string text = tiny_with("batch: 64", "regularizers: [l1, l2]");
  text.replace(text.find("  sgd:"), 6, "  " + std::string(90, 'a') + ":");
  const Suite suite = sealed(text + grid + "  datasets.split_seed: [1, 2]\n");
  ASSERT_GT(suite.trials.size(), 100U);
  std::set<std::string> folders;
  for (const Trial& trial : suite.trials) {
    folders.insert(parent(trial));
    for (const auto& part : trial.folder) {
      EXPECT_LE(part.string().size(), 130U);
      EXPECT_EQ(
          part.string().find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_.+-@=,~"),
          std::string::npos)
          << part;
    }
  }
  EXPECT_EQ(folders.size(), suite.trials.size());
}

TEST(Seal, AsksOnceForEachDataSetAndOptions) {
  Suite suite = read(
      "name: many\n"
      "datasets: [{name: cifar10, train: [500, 1000]}, {name: cifar100, labels: [fine, coarse]}]\n"
      "networks: [cnn3]\nmethods: {a: {optimizer: adam}}\nseeds: [1, 2]\nbudget: {epochs: 1}\n");
  int asked = 0;
  seal(suite, Checksum([&](const train::DataSettings&) { return std::to_string(++asked); }));
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(suite.trials[0].settings.data.checksum, suite.trials[2].settings.data.checksum);
  EXPECT_NE(suite.trials[4].settings.data.checksum, suite.trials[6].settings.data.checksum);
}

TEST(Seal, ReportsAllDataSetsThatCannotBeUsedTogether) {
  const auto missing = [](const train::DataSettings& data) -> std::string {
    throw Error(data.set.name, "not there");
  };
  const auto refusal_of = [&](const std::string& text) {
    Suite suite = read(text);
    try {
      seal(suite, Checksum(missing));
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal_of(tiny), "cifar10: not there");
  EXPECT_EQ(refusal_of(tiny_with("[cifar10]", "[cifar10, cifar100]")),
            "s.yaml: 2 data sets cannot be used\ncifar10: not there\ncifar100: not there");
}

TEST(Seal, RefusesTwoTrialsOfOneIdentity) {
  Suite suite = read(tiny);
  suite.trials.push_back(suite.trials[0]);
  suite.trials.back().settings.method = "again";
  try {
    seal(suite, Checksum(name_as_checksum));
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(),
                ::testing::MatchesRegex(
                    "s.yaml: two trials are the same: tiny/cifar10/cnn3/sgd/seed-1-.* and "
                    "tiny/cifar10/cnn3/again/seed-1-.*"));
  }
}

TEST(Listing, ShowsEveryTrialInALine) {
  const Suite suite = read(tiny_with("[1]", "[1, 20]"));
  EXPECT_EQ(listing(suite),
            "method  data     network  seed\n"
            "sgd     cifar10  cnn3        1\n"
            "sgd     cifar10  cnn3       20\n"
            "2 trials\n");
}

TEST(Listing, ShowsEstimatesAndFoldersWhenThereAreAny) {
  const Suite suite = sealed(tiny_with("[1]", "[1, 2]"));
  train::Estimate estimate;
  estimate.steps = 3910;
  estimate.dimension = 145578;
  estimate.train_flops = 1.5e13;
  estimate.wall_seconds = 42;
  EXPECT_EQ(listing(suite, {estimate, std::nullopt}, 2),
            "method  data     network  seed  steps  parameters     FLOPs  seconds  folder\n"
            "sgd     cifar10  cnn3        1   3910      145578  1.50e+13       42  " +
                suite.trials[0].folder.string() +
                "\n"
                "sgd     cifar10  cnn3        2      ?           ?         ?        ?  " +
                suite.trials[1].folder.string() +
                "\n"
                "2 trials, 1.50e+13 FLOPs of training, about 21 s with 2 jobs (1 not estimated)\n");
}

}  // namespace
}  // namespace gapbench::suite::test
