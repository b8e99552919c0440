// What cannot be printed: never silence, never a training.
#include "cli/program.h"
#include "paths.h"

namespace gapbench::testing {
namespace {

constexpr const char* suite = R"(name: tiny
problems: [{name: linear_teacher}]
methods: {gd: {optimizer: {name: sgd, learning_rate: 0.001}, batch: 8}}
seeds: [1, 2]
budget: {steps: 20}
)";

class Output : public ProgramTest {
 protected:
  Output() { write("tiny.yaml", suite); }

  /// With standard error where it is seen, whatever becomes of standard output.
  Said with(const std::string& arguments, const std::string& redirection) const {
    const std::string folder = home().string();
    return shell("{ cd " + folder + " && env -u GAPBENCH_DATA XDG_DATA_HOME=" + folder +
                 " TMPDIR=" + folder + " " + test::program() + " " + arguments + " " + redirection +
                 "; }");
  }
};

TEST_F(Output, AFullDiskIsOneLineAndExitCode1) {
  ASSERT_EQ(gapbench("run tiny.yaml").code, 0);
  for (const std::string verb :
       {"--help", "--version", "list", "info sgd", "validate tiny.yaml", "run tiny.yaml --dry-run",
        "run tiny.yaml", "compare results", "compare results --format csv", "watch results --once",
        "verify results", "data list"}) {
    const Said said = with(verb, "2>&1 > /dev/full");
    EXPECT_EQ(said.code, 1) << verb << said.text;
    // Where the stream was flushed before the end, the reason is known no longer.
    const std::string head = "gapbench: standard output: not all could be written: ";
    EXPECT_TRUE(said.text == head + "No space left on device\n" ||
                said.text == head + "a full disk?\n")
        << verb << ": " << said.text;
  }
}

TEST_F(Output, ATrainingOutlivesTheFullDiskOfItsLog) {
  EXPECT_EQ(with("run tiny.yaml", "2>&1 > /dev/full").code, 1);
  EXPECT_EQ(gapbench("run tiny.yaml").code, 0);
  EXPECT_NE(gapbench("run tiny.yaml").text.find("2 finished already"), std::string::npos);
}

TEST_F(Output, ATrainingOutlivesItsReader) {
  const Said said = with("run tiny.yaml", "2>&1 | true");
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_NE(gapbench("run tiny.yaml").text.find("2 finished already"), std::string::npos);
}

// The record's files would take the numbers of closed streams.
TEST_F(Output, ClosedStreamsEndInNoRecord) {
  EXPECT_EQ(with("run tiny.yaml", "<&- >&- 2>&-").code, 0);
  EXPECT_EQ(gapbench("verify results -q").code, 0);
}

}  // namespace
}  // namespace gapbench::testing
