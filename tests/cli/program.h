// Runs the built program as a user would, and keeps what it said.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/temporary_folder.h"
#include "paths.h"

namespace gapbench::testing {

/// A sanitizer's shadow memory is more than any limit that a trial would be given.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool limits_hold = false;
#else
inline constexpr bool limits_hold = true;
#endif

struct Said {
  int code = 0;
  std::string text;  ///< standard output and standard error, as they came
};

inline Said shell(const std::string& command) {
  Said said;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "popen failed"};
  std::array<char, 4096> piece{};
  std::size_t got = 0;
  while ((got = fread(piece.data(), 1, piece.size(), pipe)) > 0)
    said.text.append(piece.data(), got);
  const int status = pclose(pipe);
  said.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return said;
}

/// A folder of its own for each test, scratch folders included, removed afterwards; the data folder
/// of whoever runs the tests is not seen.
class ProgramTest : public ::testing::Test {
 protected:
  Said gapbench(const std::string& arguments) const {
    const std::string folder = home().string();
    return shell("cd " + folder + " && env -u GAPBENCH_DATA XDG_DATA_HOME=" + folder +
                 " TMPDIR=" + folder + " " + test::program() + " " + arguments);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(home() / name) << text;
  }
  std::string read(const std::filesystem::path& path) const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  const std::filesystem::path& home() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

inline std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace gapbench::testing
