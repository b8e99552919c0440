// Reads damaged inputs, and says how often and what broke: a small fuzzer, so that the tests need no
// other compiler.
//
// usage: fuzz [TARGET...] [--executions N | --seconds S] [--seed K] [--keep DIR]
//
// Execution k of a target is a function of seed and k alone, and of what the executions before it were
// refused with: an input with a refusal in words that no other had joins the corpus. An execution
// that ends the process, takes 20 s of processor time, throws what is no Error, or an Error that is
// not one line of printable text, counts as broken; its input is kept in DIR.
//
// usage: fuzz TARGET --input FILE
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/isolated.h"
#include "core/temporary_folder.h"
#include "fuzz/mutate.h"
#include "fuzz/targets.h"
#include "gapbench/error.h"
#include "paths.h"

namespace gapbench::fuzz {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Asked {
  std::vector<std::string> names;
  std::uint64_t executions = 2000;
  double seconds = 1e9;
  std::uint64_t seed = 1;
  fs::path keep = ".";
  std::string input;
};

/// What a process that may end at any time shares with the one that watches it.
struct Shared {
  std::atomic<std::uint64_t> done{0};  ///< executions begun
  std::atomic<std::uint64_t> refused{0};
  std::size_t size = 0;
  char input[std::size_t{1} << 17]{};
};

/// The words of a refusal, without what is different each time.
std::string shape_of(std::string text) {
  std::erase_if(text, [](char c) { return std::isalpha(static_cast<unsigned char>(c)) == 0; });
  constexpr std::size_t most = 120;
  return text.substr(0, most);
}

[[noreturn]] void broken(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

/// What it was refused with; empty where it was accepted.
std::string outcome(const Target& target, const std::string& input, const fs::path& scratch) {
  try {
    target.read(input, scratch);
    return "";
  } catch (const Error& e) {
    const std::string text = e.what();
    for (const char c : text) {
      if (c == '\n' && target.has_lines) continue;
      if (static_cast<unsigned char>(c) < 0x20) broken("an Error with control characters: " + text);
    }
    return text;
  } catch (const std::exception& e) {
    broken(std::string("no Error: ") + e.what());
  }
}

void limit_time() {
  constexpr time_t seconds = 20;
  const itimerval timer{{0, 0}, {seconds, 0}};
  setitimer(ITIMER_VIRTUAL, &timer, nullptr);
}

void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__)
  constexpr rlim_t most = rlim_t{2} << 30;
  const rlimit limit{most, most};
  setrlimit(RLIMIT_DATA, &limit);
#endif
  constexpr rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
}

std::vector<std::string> corpus_of(const Target& target) {
  const fs::path folder = fs::path(test::source_folder()) / "tests/fuzz/corpus" / target.name;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<std::string> corpus;
  for (const fs::path& file : files) corpus.push_back(read_file(file));
  if (corpus.empty()) throw Error(folder.string(), "is empty");
  return corpus;
}

/// The corpus as it is, then what comes of it, from where the process before has ended.
void execute(const Target& target, std::uint64_t count, const Asked& asked, Shared& shared,
             Clock::time_point end) {
  limit_memory();
  std::vector<std::string> corpus = corpus_of(target);
  const std::size_t given = corpus.size();
  const auto words = words_of(corpus);
  const test::TemporaryFolder scratch;
  std::set<std::string> shapes;
  const Random key = Random(asked.seed).at(target.name);
  while (shared.done < count && Clock::now() < end) {
    const std::uint64_t k = shared.done++;
    Random random = key.at("execution", k);
    // Half of them from what is known to be good: most that joins is far from it.
    const auto parents = std::span(corpus).first(k % 2 == 0 ? given : corpus.size());
    const std::string input = k < given ? corpus[k] : mutated(parents, words, random);
    shared.size = std::min(input.size(), sizeof shared.input);
    std::memcpy(shared.input, input.data(), shared.size);
    limit_time();
    const std::string said = outcome(target, input, scratch.path());
    if (!said.empty()) ++shared.refused;
    if (!said.empty() && k < given) fmt::print("{}: of the corpus, {}: {}\n", target.name, k, said);
    constexpr std::size_t most = 2000;
    if (k >= given && corpus.size() < most && shapes.insert(shape_of(said)).second) {
      corpus.push_back(input);
    }
  }
}

/// Returns how many executions were broken.
std::uint64_t fuzz(const Target& target, const Asked& asked, Shared& shared) {
  new (&shared) Shared;
  const std::uint64_t count = std::max<std::uint64_t>(1, asked.executions / target.share);
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(asked.seconds));
  std::uint64_t failures = 0;
  for (;;) {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
      execute(target, count, asked, shared, end);
      std::fflush(nullptr);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
    ++failures;
    const fs::path file = asked.keep / fmt::format("{}-{}", target.name, shared.done - 1);
    write_file_atomically(file, {shared.input, shared.size});
    fmt::print("{}: execution {} ended with {}: {}\n", target.name, shared.done - 1,
               WIFSIGNALED(status) ? signal_name(WTERMSIG(status))
                                   : fmt::format("code {}", WEXITSTATUS(status)),
               file.string());
  }
  fmt::print("{}: {} executions, {} refused, {} broken\n", target.name, shared.done.load(),
             shared.refused.load(), failures);
  return failures;
}

Asked asked_of(const std::vector<std::string>& arguments) {
  Asked asked;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (!word.starts_with("--")) {
      asked.names.push_back(word);
      continue;
    }
    if (++i == arguments.size()) throw Error(word, "needs a value");
    if (word == "--executions") asked.executions = std::stoull(arguments[i]);
    if (word == "--seconds") {
      asked.seconds = std::stod(arguments[i]);
      asked.executions = UINT64_MAX;
    }
    if (word == "--seed") asked.seed = std::stoull(arguments[i]);
    if (word == "--keep") asked.keep = arguments[i];
    if (word == "--input") asked.input = arguments[i];
  }
  return asked;
}

int run(const Asked& asked) {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw Error("fuzz", "no shared memory");
  std::uint64_t failures = 0;
  std::size_t ran = 0;
  for (const Target& target : targets()) {
    if (!asked.names.empty() && std::ranges::find(asked.names, target.name) == asked.names.end()) {
      continue;
    }
    ++ran;
    if (!asked.input.empty()) {
      const test::TemporaryFolder scratch;
      const std::string said = outcome(target, read_file(asked.input), scratch.path());
      fmt::print("{}\n", said.empty() ? "accepted" : said);
      continue;
    }
    failures += fuzz(target, asked, *static_cast<Shared*>(memory));
  }
  if (ran == 0) throw Error("fuzz", "no target of this name");
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace gapbench::fuzz

int main(int argc, char** argv) {
  try {
    return gapbench::fuzz::run(gapbench::fuzz::asked_of({argv + 1, argv + argc}));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fuzz: %s\n", e.what());
    return 2;
  }
}
