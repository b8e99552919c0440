// Calls that a small suite's runs make of the file system fail in turn: no record is lost or altered,
// nothing half-written is taken as whole, and a run that is left alone ends in the bits of one that
// always was. Here every 12th call fails, and every third of a run with nothing to do, each in one
// way; with GAPBENCH_FAULT_STRIDE=1 all do, with 0 each in each way.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/program.h"
#include "core/faults.h"
#include "gapbench/random.h"

namespace gapbench::testing {
namespace {

namespace fs = std::filesystem;
using disk::FaultPlan;

/// A plan in a file that the program finds by its environment.
class SharedPlan {
 public:
  SharedPlan(const fs::path& file, const fs::path& below) : file_(file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(FaultPlan)) != 0) throw std::runtime_error("no plan");
    void* memory = mmap(nullptr, sizeof(FaultPlan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (memory == MAP_FAILED) throw std::runtime_error("no plan");
    plan_ = new (memory) FaultPlan;
    std::memcpy(plan_->mark, FaultPlan::due_mark, sizeof plan_->mark);
    below.string().copy(plan_->below, sizeof plan_->below - 1);
  }
  SharedPlan(const SharedPlan&) = delete;
  SharedPlan& operator=(const SharedPlan&) = delete;
  ~SharedPlan() { munmap(plan_, sizeof *plan_); }

  FaultPlan* operator->() { return plan_; }
  std::string variable() const { return std::string(disk::faults_variable) + "=" + file_.string(); }

 private:
  fs::path file_;
  FaultPlan* plan_ = nullptr;
};

struct Fault {
  int error = 0;
  bool goes_on = false;  ///< a disk that is full from there on
};
constexpr std::array faults{Fault{EIO}, Fault{ENOSPC}, Fault{disk::short_write}, Fault{EINTR},
                            Fault{ENOSPC, true}};

// The searched methods make the run choose from records; the follower has one trial read another's.
constexpr const char* suite_text = R"(name: small
problems: [{name: linear_teacher}]
methods:
  sgd: {optimizer: {name: sgd, learning_rate: 0.01}, batch: 8}
  follower: {optimizer: {name: external_graft, from: sgd}, batch: 8}
seeds: [1]
budget: {steps: 4}
evaluate: {every: {steps: 2}}
record: {parameters: true}
)";

class Faults : public ProgramTest {
 protected:
  Faults() : plan_(home() / "plan", home() / "cut") {
    write("small.yaml", suite_text);
    whole_ = run("whole");
    EXPECT_EQ(whole_.code, 0) << whole_.text;
    whole_files_ = files("whole");
  }

  Said run(const std::string& results) {
    return shell("cd " + home().string() + " && env " + plan_.variable() + " " + test::program() +
                 " run small.yaml --threads 1 --checkpoint-every 0.000001s -o " +
                 (home() / results).string());
  }

  /// With the n-th call failing.
  Said run_with(std::uint64_t n, const Fault& fault) {
    plan_->calls = 0;
    plan_->first = n;
    plan_->last = fault.goes_on ? UINT64_MAX : n;
    plan_->error = fault.error;
    plan_->is_full_disk = fault.goes_on;
    Said said = run("cut");
    plan_->first = plan_->last = 0;
    return said;
  }

  /// What must be the same whenever and however often a trial was cut off; summaries without what
  /// they cost.
  std::map<std::string, std::string> files(const std::string& results) const {
    static const std::set<std::string> kept{"history.jsonl", "trial.yaml", "steps.f32",
                                            "end.f32",       "end.json",   "suite.json"};
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(home() / results)) {
      const std::string name = entry.path().filename();
      const std::string place = entry.path().lexically_relative(home() / results).string();
      if (kept.contains(name)) found[place] = read(entry.path());
      if (name == "summary.json") found[place] = numbers_of(entry.path());
    }
    return found;
  }

  std::string numbers_of(const fs::path& summary) const {
    auto json = nlohmann::json::parse(read(summary), nullptr, false);
    if (json.is_discarded()) return "half-written";
    json.erase("cost");
    return json.dump();
  }

  /// What the failed run has left: records that are whole are those of the undisturbed run, and no
  /// trial is said to have ended that has not.
  void check_left(const std::string& what) const {
    for (const auto& entry : fs::recursive_directory_iterator(home() / "cut")) {
      const std::string name = entry.path().filename();
      const std::string place = entry.path().lexically_relative(home() / "cut").string();
      if (name == "suite.json") {
        EXPECT_EQ(read(entry.path()), whole_files_.at(place)) << what;
      }
      if (name != "summary.json") continue;
      const std::string numbers = numbers_of(entry.path());
      ASSERT_NE(numbers, "half-written") << what << ": " << place;
      const std::string status = nlohmann::json::parse(numbers).at("status");
      if (status == "ok") {
        EXPECT_EQ(numbers, whole_files_.at(place)) << what;
      }
      EXPECT_TRUE(status == "ok" || status == "interrupted" || status == "skipped")
          << what << ": " << numbers;
    }
  }

  void check_whole(const std::string& what) const {
    const auto now = files("cut");
    EXPECT_EQ(now.size(), whole_files_.size()) << what;
    for (const auto& [place, text] : whole_files_) {
      ASSERT_TRUE(now.contains(place) && now.at(place) == text) << what << ": " << place;
    }
    for (const auto& entry : fs::recursive_directory_iterator(home() / "cut")) {
      const std::string name = entry.path().filename();
      EXPECT_EQ(name.find(".part."), std::string::npos) << what << ": " << entry.path();
      EXPECT_NE(name.rfind("lease", 0), 0U) << what << ": " << entry.path();
    }
  }

  /// All that lies there, what it has cost included.
  std::map<std::string, std::string> bytes(const fs::path& folder) const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      found[entry.path().lexically_relative(folder).string()] = read(entry.path());
    }
    return found;
  }

  void begin_with(const fs::path& state) const {
    fs::remove_all(home() / "cut");
    fs::create_directory(home() / "cut");
    if (!state.empty()) fs::copy(state, home() / "cut", fs::copy_options::recursive);
  }

  /// Fails each call of a run that begins with this folder. Returns how many there are.
  std::uint64_t sweep(const fs::path& state, const std::string& name, std::uint64_t stride = 12) {
    const char* asked = std::getenv("GAPBENCH_FAULT_STRIDE");
    if (asked != nullptr) stride = std::strtoull(asked, nullptr, 10);
    const bool in_each_way = stride == 0;
    Random random = Random(1).at(name);
    const std::uint64_t first = stride > 1 ? 1 + random.below(stride) : 1;
    for (std::uint64_t n = first;; n += std::max<std::uint64_t>(stride, 1)) {
      const std::size_t chosen = random.below(faults.size());
      for (std::size_t way = 0; way < faults.size(); ++way) {
        if (!in_each_way && way != chosen) continue;
        begin_with(state);
        const Said said = run_with(n, faults[way]);
        if (plan_->calls < n) return plan_->calls;
        const std::string what = name + ", call " + std::to_string(n) + ", error " +
                                 std::to_string(faults[way].error) + ": " + said.text;
        EXPECT_TRUE(said.code >= 0 && said.code <= 2) << what;
        const bool is_none = faults[way].error == EINTR || faults[way].error == disk::short_write;
        if (is_none) {
          EXPECT_EQ(said.code, 0) << what;
        }
        check_left(what);
        keep_begun();
        const Said again = run("cut");
        EXPECT_EQ(again.code, 0) << what << again.text;
        check_whole(what + again.text);
        if (state == home() / "whole") {
          EXPECT_EQ(bytes(home() / "cut") == bytes(state), true) << what << again.text;
        }
        if (HasFailure()) return n;
      }
    }
  }

  /// The first that was left with a checkpoint: what a later sweep goes on from.
  void keep_begun() const {
    if (fs::exists(home() / "begun")) return;
    for (const auto& entry : fs::recursive_directory_iterator(home() / "cut")) {
      if (entry.path().filename() != "checkpoint") continue;
      fs::copy(home() / "cut", home() / "begun", fs::copy_options::recursive);
      return;
    }
  }

  SharedPlan plan_;
  Said whole_;
  std::map<std::string, std::string> whole_files_;
};

TEST_F(Faults, EachCallOfARunInTurn) {
  const std::uint64_t fresh = sweep({}, "from nothing");
  ASSERT_TRUE(fs::exists(home() / "begun"));
  const std::uint64_t begun = sweep(home() / "begun", "from a checkpoint");
  const std::uint64_t done = sweep(home() / "whole", "with nothing to do", 3);
  RecordProperty("calls",
                 std::to_string(fresh) + " " + std::to_string(begun) + " " + std::to_string(done));
  EXPECT_GT(fresh, 100U);
  EXPECT_GT(begun, 100U);
  EXPECT_GT(done, 10U);
}

TEST_F(Faults, APlanThatIsNoneFailsNothing) {
  write("plan", std::string(sizeof(FaultPlan), '\0'));
  EXPECT_EQ(run("other").code, 0);
  EXPECT_EQ(plan_->calls, 0U);
}

}  // namespace
}  // namespace gapbench::testing
