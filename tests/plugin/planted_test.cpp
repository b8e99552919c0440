// The contract check as a teacher: small plugins with one planted mistake each are named, with what
// to do about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "paths.h"
#include "plugin/conformance.h"
#include "plugin/conformance/gradient_diagnosis.h"
#include "plugin/conformance/own_random.h"
#include "plugin/conformance/remedies.h"
#include "plugin/elf.h"

namespace gapbench::plugin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

std::vector<Check> checks_of(const std::string& name) {
  CheckOptions patient;
  patient.seconds = 120;
  const test::TemporaryFolder data;
  fs::create_directories(data.path() / "reads_on");
  data.write("reads_on/examples.txt", "a0b1c0d1");
  patient.data_root = data.path();
  return check_library(fs::path(test::planted_plugin_folder()) / (name + ".so"), patient);
}

/// The lines of all that failed, or was noted.
std::string lines(const std::vector<Check>& checks, Check::Verdict verdict) {
  std::string text;
  for (const Check& c : checks) {
    if (c.verdict == verdict) text += to_text(c) + "\n";
  }
  return text;
}

struct Planted {
  std::string check;   ///< the one that finds it, alone
  std::string reason;  ///< how it begins
  std::string remedy;  ///< a part of it
  Check::Verdict verdict = Check::Verdict::fail;
};

const std::map<std::string, Planted> planted = {
    {"flipped_sign",
     {"lowers the objective within 200 steps", "the objective is ", "the sign of the update"}},
    {"factor_two",
     {"micro-batch: the gradient is the value's",
      "the gradient is 0.5 times the value's: ", "Differentiate the value"}},
    {"missing_term",
     {"parameters: the gradient is the value's",
      "the gradient lacks a term, or has one too many: ", "Differentiate the value"}},
    {"wrong_power",
     {"parameters: the gradient is the value's",
      "the gradient has a wrong power: it goes as the value's to the 0.5: ",
      "Differentiate the value"}},
    {"overwrites_gradient",
     {"parameters: adds to the gradient it is given", "the gradient held ", "+= in place of ="}},
    {"shares_state",
     {"shares no state between instances", "a second instance ", "static and global variables"}},
    {"forgets_state",
     {"continues bit for bit from a checkpoint half-way", "restored after 10 steps",
      "in archive()"}},
    {"own_random",
     {"draws no random numbers of its own", "it uses std::mt19937", "step.random(purpose)",
      Check::Verdict::note}},
    {"sums_as_they_come",
     {"measures the same in any order of micro-batches", "micro-batches that end in another order",
      "own place k"}},
    {"ignores_option",
     {"every option changes what it does",
      "no other value changes anything in 60 steps or one question: momentum", "Use it",
      Check::Verdict::note}},
    {"accepts_anything",
     {"a negative value of an option is refused or descends", "learning_rate=-0.1 is accepted",
      ".above(0)"}},
    {"nan_at_zero",
     {"parameters: they are finite at parameters of 0", "the gradient is not finite",
      "divides by 0"}},
    {"writes_input",
     {"parameters: writes only where it may", "changes the parameters", "handed over as writable"}},
    {"counts_calls",
     {"describes the same layers when asked again", "gives other layers for an input of 32x32x3",
      "no static or global variables"}},
    {"forgets_outputs",
     {"is whole for other inputs, or refuses them in words",
      "for an input of 64x64x3 and 200 outputs: forgets_outputs: must give 1x1x200",
      "linear(\"output\", outputs"}},
    {"keeps_too_much",
     {"mixing: shares are from 0 to 1", "gives a label a share of 1.", "as a fraction"}},
    {"labels_from_one",
     {"is made from its example",
      "labels_from_one: training part: label 2 of example 2, must be 0 to 1",
      "a data set must be whole"}},
    {"reads_on",
     {"reads what it can, or refuses, where files are missing or cut",
      "from no folder it threw something that is not an Error: ", "gapbench::Error(file"}},
    {"reshuffles",
     {"gives the same records when asked again", "gives other records",
      "no static or global variables"}},
    {"tests_what_it_trains",
     {"test examples are new", "1 of 2 test examples have the input of a training example",
      "Look for them", Check::Verdict::note}},
    {"prints", {"prints nothing", "it printed \"loss ", "Take the line out", Check::Verdict::note}},
};

TEST(PlantedMistakes, AreNamedWithTheirRemedy) {
  for (const auto& [name, expected] : planted) {
    SCOPED_TRACE(name);
    const auto checks = checks_of(name);
    const auto found = std::ranges::find(checks, expected.check, &Check::name);
    ASSERT_NE(found, checks.end()) << to_text(checks);
    EXPECT_EQ(found->verdict, expected.verdict) << to_text(checks);
    EXPECT_EQ(found->reason.substr(0, expected.reason.size()), expected.reason);
    EXPECT_THAT(found->remedy, HasSubstr(expected.remedy));
    EXPECT_THAT(outcome_text(*found), AllOf(HasSubstr(found->reason), HasSubstr(found->remedy)));
  }
}

// No other check blames something else; but the generator that no checkpoint holds is no state of
// the archive either.
TEST(PlantedMistakes, AreFoundByOneCheckAlone) {
  for (const auto& [name, expected] : planted) {
    SCOPED_TRACE(name);
    const auto checks = checks_of(name);
    const auto count = std::ranges::count_if(
        checks, [](const Check& c) { return c.verdict != Check::Verdict::pass; });
    EXPECT_EQ(count, name == "own_random" ? 2 : 1)
        << lines(checks, Check::Verdict::fail) << lines(checks, Check::Verdict::note);
  }
}

TEST(PlantedMistakes, FastMathIsRefused) {
  try {
    checks_of("fast_math");
    FAIL() << "was accepted";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("build it without -ffast-math"));
  }
}

TEST(PlantedMistakes, HaveOneFileEach) {
  const std::set<std::string> refused{"fast_math", "takes_a_name"};  // before any check
  std::size_t files = 0;
  for (const auto& file : fs::directory_iterator(test::planted_plugin_folder())) {
    const std::string name = file.path().stem();
    EXPECT_TRUE(planted.contains(name) || refused.contains(name)) << name;
    ++files;
  }
  EXPECT_EQ(files, planted.size() + refused.size());
}

TEST(FirstStep, IsToldInWords) {
  const auto checks = checks_of("prints");
  const auto told =
      std::ranges::find(checks, "its first step, to be held against its formula", &Check::name);
  ASSERT_NE(told, checks.end());
  EXPECT_EQ(outcome_text(*told),
            "ok: -0.1 times the gradient; 2 times as long at twice the gradient; 0.5 times at "
            "half the schedule");
}

TEST(Diagnosis, TellsFactorsSignsTensorsAndPowers) {
  const std::vector<TensorInfo> tensors = {{"U", TensorKind::weight, {8}, 0, 8},
                                           {"b", TensorKind::bias, {4}, 8, 4}};
  const std::vector<float> d{1, 2, -3, 0.5F, 4, -2, 1.5F, 3, 2, -1, 2.5F, 1};
  const auto told = [&](auto&& f) {
    std::vector<float> given;
    for (std::size_t i = 0; i < d.size(); ++i) given.push_back(f(i, d[i]));
    return conformance::diagnosis(given, d, tensors);
  };
  EXPECT_EQ(told([](auto, float x) { return -x; }), "the gradient has the wrong sign");
  EXPECT_EQ(told([](auto, float x) { return 2 * x; }), "the gradient is 2 times the value's");
  EXPECT_EQ(told([](auto i, float x) { return i < 8 ? x : 0; }),
            "the gradient is right in U, not in b");
  EXPECT_EQ(told([](auto, float x) { return x * std::abs(x); }),
            "the gradient has a wrong power: it goes as the value's to the 2");
  EXPECT_EQ(told([](auto, float) { return 0.0F; }), "the gradient is 0 where the value changes");
  EXPECT_EQ(told([](auto i, float x) { return x + (i % 3 == 0 ? 2.0F : -1.0F); }),
            "the gradient lacks a term, or has one too many");
}

TEST(OwnRandomNumbers, AreReadFromImportsAndConstants) {
  using namespace std::string_view_literals;
  const auto found = conformance::own_random_numbers;
  EXPECT_EQ(found("\0memset\0rand\0_ZSt4cout\0"sv, ""), "rand");
  EXPECT_EQ(found("\0srand\0operand\0rand_like\0"sv, ""), "");
  EXPECT_EQ(found("", "\xdf\xb0\x08\x99"sv), "std::mt19937");
  EXPECT_EQ(found("\0memset\0"sv, "\0random\0"sv), "");  // of debug information
}

TEST(SymbolNames, AreThoseOfTheDynamicTable) {
  const fs::path library = fs::path(test::planted_plugin_folder()) / "prints.so";
  const MappedFile file(library);
  const std::string names(symbol_names(file.bytes()));
  EXPECT_NE(names.find(std::string("\0__cxa_finalize\0", 16)), names.npos);
  EXPECT_LT(names.size(), file.bytes().size() / 2);
}

}  // namespace
}  // namespace gapbench::plugin
