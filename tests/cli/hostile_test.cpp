// Plugins that do what they must not: each costs its own row, and the record stays honest.
#include <map>

#include "cli/program.h"
#include "paths.h"

namespace gapbench::testing {
namespace {

class HostilePlugin : public ProgramTest {
 protected:
  /// One trial of ten steps with the deed in the step of index 5, where it is said.
  Said run(const std::string& deed, const std::string& more = "",
           const std::string& threads = "1") const {
    write("tiny.yaml", R"(name: tiny
problems: [{name: linear_teacher}]
methods: {bad: {optimizer: {name: hostile}, batch: 8}}
seeds: [1]
budget: {steps: 10}
evaluate: {every: {steps: 2}}
)");
    return gapbench("run tiny.yaml -o " + deed + " --threads " + threads + " --plugins " +
                    test::misbehaving_plugin_folder() +
                    " --set methods.bad.optimizer.deed=" + deed + " " + more);
  }
  std::string file(const std::string& deed, const std::string& name) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home() / deed)) {
      if (entry.path().filename() == name) return read(entry.path());
    }
    return "";
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
};

TEST_F(HostilePlugin, TheStepOfAnEndIsTheLastThatWasDone) {
  for (const std::string deed : {"crash", "kill", "exit"}) {
    const Said said = run(deed);
    EXPECT_EQ(said.code, 2) << said.text;
    EXPECT_TRUE(has(said.text, " at step 5 of 10: ")) << said.text;
  }
  const Said said = run("hang", "--timeout 3s");
  EXPECT_TRUE(has(said.text, "timeout at step 5 of 10: over 3 s")) << said.text;
}

TEST_F(HostilePlugin, AHogIsOutOfMemory) {
  if (!limits_hold) GTEST_SKIP() << "no memory limit under a sanitizer";
  const Said said = run("hog", "--memory 600M");
  EXPECT_EQ(said.code, 2) << said.text;
  EXPECT_TRUE(has(said.text, "1 out_of_memory")) << said.text;
  EXPECT_TRUE(has(said.text, "over its limit of 629 MB")) << said.text;
}

TEST_F(HostilePlugin, NoNumberIsDiverged) { EXPECT_TRUE(has(run("nan").text, "1 diverged")); }

TEST_F(HostilePlugin, ACopyOfTheProcessWritesNothing) {
  ASSERT_EQ(run("none").code, 0);
  const std::string whole = file("none", "history.jsonl");
  ASSERT_EQ(count_of(whole, "\n"), 6U);
  EXPECT_EQ(run("fork").code, 0);
  EXPECT_EQ(file("fork", "history.jsonl"), whole);
}

TEST_F(HostilePlugin, AnotherFolderLosesNoResult) {
  EXPECT_EQ(run("chdir").code, 0);
  EXPECT_TRUE(has(file("chdir", "summary.json"), "\"status\": \"ok\""));
}

TEST_F(HostilePlugin, AnEndThatIsACrashLosesNoResult) {
  const Said said = run("abort_at_end");
  EXPECT_EQ(said.code, 0) << said.text;
  const std::string summary = file("abort_at_end", "summary.json");
  EXPECT_TRUE(has(summary, "\"status\": \"ok\"")) << summary;
  EXPECT_TRUE(has(summary, "the worker crashed after its result: SIGABRT")) << summary;
}

TEST_F(HostilePlugin, AThreadOfItsOwnIsNoted) {
  EXPECT_EQ(run("thread").code, 0);
  EXPECT_TRUE(has(file("thread", "summary.json"),
                  "plugins had 1 thread of their own beside the trial's 1 at its end"))
      << file("thread", "summary.json");
  EXPECT_EQ(run("none", "", "2").code, 0);
  EXPECT_FALSE(has(file("none", "summary.json"), "of their own")) << file("none", "summary.json");
}

TEST_F(HostilePlugin, ALongReasonIsCut) {
  const Said said = run("long_reason");
  EXPECT_EQ(said.code, 2);
  EXPECT_LT(said.text.size(), 10000U);
  EXPECT_TRUE(has(said.text, "xxx ... (50000")) << said.text;
  EXPECT_LT(file("long_reason", "summary.json").size(), 10000U);
  EXPECT_LT(file("long_reason", "log.txt").size(), 10000U);
}

}  // namespace
}  // namespace gapbench::testing
