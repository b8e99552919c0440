// gapbench data duplicates, as a user meets it.
#include "cli/program.h"

namespace gapbench::testing {
namespace {

constexpr const char* small = " --set examples=60 --set test_examples=5 --threads 1";

class Duplicates : public ProgramTest {
 protected:
  Said find(const std::string& arguments) const { return gapbench("data duplicates " + arguments); }
  void expect_refusal(const std::string& arguments, const std::string& reason) const {
    const Said said = find(arguments);
    EXPECT_EQ(said.code, 1) << said.text;
    EXPECT_NE(said.text.find(reason), std::string::npos) << said.text;
    EXPECT_EQ(count_of(said.text, "left"), 0U) << "the search had begun: " << said.text;
  }
};

TEST_F(Duplicates, TheListIsTheSameInAFileAndOnStandardOutput) {
  const std::string asked = std::string("synthetic10 --threshold 1") + small;
  const Said filed = find(asked + " -o list.csv");
  EXPECT_EQ(filed.code, 0) << filed.text;
  EXPECT_NE(filed.text.find("5 of 5 test images"), std::string::npos) << filed.text;
  EXPECT_NE(filed.text.find(" left\n"), std::string::npos) << filed.text;
  const std::string list = read(home() / "list.csv");
  EXPECT_EQ(count_of(list, "\n"), 2U + 5U + 5U + 5U) << list;  // marks, options, heads, images
  EXPECT_EQ(shell("(cd " + home().string() + " && " + test::program() + " data duplicates " +
                  asked + " 2>/dev/null)")
                .text,
            list);
  EXPECT_EQ(find(asked + " -o list.csv").code, 0) << "an earlier list is replaced";
  EXPECT_EQ(read(home() / "list.csv"), list);
}

TEST_F(Duplicates, BadInputIsRefusedBeforeTheSearch) {
  write("notes.txt", "mine\n");
  expect_refusal(std::string("synthetic10 -o notes.txt") + small, "no list of near duplicates");
  expect_refusal(std::string("synthetic10 -o nowhere/list.csv") + small, "nowhere");
  expect_refusal("synthetic11", "\"synthetic10\"");
  expect_refusal("cifar10", "gapbench data fetch cifar10");
  expect_refusal("synthetic10 --set exmaples=3", "\"examples\"");
  expect_refusal("synthetic10 --threshold 1.5", "1.5");
  expect_refusal("synthetic10 --threads 0", "0");
  expect_refusal("", "set");
  EXPECT_EQ(read(home() / "notes.txt"), "mine\n");
}

}  // namespace
}  // namespace gapbench::testing
