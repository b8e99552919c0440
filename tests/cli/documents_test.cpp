// Every `gapbench ...` command that a document shows is one: it parses.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cli/program.h"
#include "core/file.h"
#include "paths.h"

namespace gapbench::testing {
namespace {

namespace fs = std::filesystem;

/// The words of a command up to its end: a comment, a pipe, another command, or the end of the line
/// where no quote is open.
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  std::string word;
  bool is_word = false;
  char quote = 0;
  const auto end_word = [&] {
    if (is_word) all.push_back(word);
    word.clear();
    is_word = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      is_word = true;
    } else if (c == '\\' && i + 1 < text.size() && text[i + 1] == '\n') {
      ++i;
    } else if (c == ' ') {
      end_word();
    } else if (c == '\n' || c == '|' || c == '>' || c == '&' || c == ';' || c == '`' ||
               (c == '#' && !is_word)) {
      break;
    } else {
      word += c;
      is_word = true;
    }
  }
  end_word();
  return all;
}

struct Command {
  std::string where;
  std::vector<std::string> words;  ///< behind "gapbench"
  bool is_span = false;            ///< in a sentence, which may leave out what it is about
};

/// Those of a suite's head.
std::vector<Command> commands_of_suite(const fs::path& file) {
  constexpr std::string_view begin = "#   gapbench ";
  const std::string text = read_file(file);
  std::vector<Command> found;
  for (auto at = text.find(begin); at != text.npos; at = text.find(begin, at + 1)) {
    found.push_back(
        {file.filename().string(), words(std::string_view(text).substr(at + begin.size()))});
  }
  return found;
}

/// Those of a document's sh blocks, and of its code spans.
std::vector<Command> commands(const fs::path& file) {
  if (file.extension() == ".yaml") return commands_of_suite(file);
  const std::string text = read_file(file);
  std::vector<Command> found;
  bool in_block = false;
  bool in_shell = false;
  std::size_t line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view here(text.data() + at, end - at);
    if (here.starts_with("```")) {
      in_block = !in_block;
      in_shell = in_block && here == "```sh";
    } else if (!in_block || in_shell) {
      constexpr std::string_view name = "gapbench ";
      for (auto k = here.find(name); k != here.npos; k = here.find(name, k + 1)) {
        const bool begins = in_shell ? k == 0 || here[k - 1] == ' ' : k > 0 && here[k - 1] == '`';
        const bool is_comment = in_shell && here.substr(0, k).find('#') != here.npos;
        if (!begins || is_comment) continue;
        found.push_back({file.filename().string() + ":" + std::to_string(line),
                         words(std::string_view(text).substr(at + k + name.size())), !in_shell});
      }
    }
    at = end + 1;
  }
  return found;
}

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

class Documents : public ProgramTest {
 protected:
  Said parse(const Command& command) const {
    return shell("cd " + home().string() + " && GAPBENCH_PARSE_ONLY=1 " + test::program() +
                 arguments(command));
  }
  /// In a folder with the tree's results and suites.
  Said run(const Command& command) const {
    for (const char* folder : {"results", "benchmarks"}) {
      if (fs::is_symlink(home() / folder)) continue;
      fs::create_directory_symlink(fs::path(test::source_folder()) / folder, home() / folder);
    }
    return gapbench(arguments(command));
  }

 private:
  static std::string arguments(const Command& command) {
    std::string text;
    for (const std::string& word : command.words) text += " " + quoted(word);
    return text;
  }
};

std::vector<fs::path> documents() {
  const fs::path root = test::source_folder();
  std::vector<fs::path> files{root / "README.md", root / "CONTRIBUTING.md"};
  for (const auto& entry : fs::directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") files.push_back(entry.path());
  }
  for (const auto& entry : fs::directory_iterator(root / "benchmarks/suites")) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

/// Reads records, and finds all that it names in the tree.
bool reads_the_tree(const Command& command) {
  constexpr std::array readers{"compare", "report", "export", "measures"};
  if (command.is_span || command.words.empty()) return false;
  if (std::ranges::count(readers, command.words[0]) == 0) return false;
  bool any = false;
  for (const std::string& word : command.words) {
    if (word.find('/') == word.npos) continue;
    if (!fs::exists(fs::path(test::source_folder()) / word)) return false;
    any = true;
  }
  return any;
}

TEST_F(Documents, ShowCommandsThatParse) {
  std::size_t count = 0;
  for (const fs::path& file : documents()) {
    for (const Command& command : commands(file)) {
      const Said said = parse(command);
      const bool names_it = command.is_span && said.text.find(" is required") != std::string::npos;
      EXPECT_TRUE(said.code == 0 || names_it) << command.where << ": " << said.text;
      ++count;
    }
  }
  EXPECT_GT(count, 80U);
}

// Those about what lies in the tree, which is most of what one reads results with.
TEST_F(Documents, ShowCommandsThatWork) {
  std::size_t count = 0;
  for (const fs::path& file : documents()) {
    for (const Command& command : commands(file)) {
      if (!reads_the_tree(command)) continue;
      const Said said = run(command);
      EXPECT_EQ(said.code, 0) << command.where << ": " << said.text;
      EXPECT_EQ(said.text.find("gapbench: "), std::string::npos) << command.where << said.text;
      ++count;
    }
  }
  EXPECT_GT(count, 15U);
}

// What the tests above would overlook if it could not fail.
TEST_F(Documents, WrongOnesDoNot) {
  const fs::path file = home() / "page.md";
  write("page.md",
        "Use `gapbench compare x --explian`, gapbench run y,\n"
        "```sh\n"
        "gapbench run a.yaml -j 2 --set 'x=[1,\n"
        "  2]' # a comment\n"
        "for f in x; do gapbench nonsense \"$f\"; done   # gapbench never\n"
        "```\n"
        "```yaml\n"
        "gapbench run z\n"
        "```\n");
  const auto found = commands(file);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(found[0].words, ::testing::ElementsAre("compare", "x", "--explian"));
  EXPECT_THAT(found[1].words,
              ::testing::ElementsAre("run", "a.yaml", "-j", "2", "--set", "x=[1,\n  2]"));
  EXPECT_THAT(found[2].words, ::testing::ElementsAre("nonsense", "$f"));
  EXPECT_NE(parse(found[0]).code, 0);
  EXPECT_EQ(parse(found[1]).code, 0);
  EXPECT_NE(parse(found[2]).code, 0);
}

}  // namespace
}  // namespace gapbench::testing
