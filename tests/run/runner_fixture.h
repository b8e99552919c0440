// Scheduling, through workers that are small shell scripts.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "records/records.h"
#include "run/runner.h"

namespace gapbench::run {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::Not;
using train::Status;

// What a good worker does; $3 is the record's folder. The test has put its summary there.
inline constexpr const char* good = "cp \"$3/result\" \"$3/summary.json\"\n";

class RunnerTest : public ::testing::Test {
 protected:
  RunnerTest() {
    options_.results = folder_ / "results";
    options_.data_root = "data";
    options_.grace_seconds = 0.2;
    suite_.name = "demo";
    suite_.baseline = "sgd";
    suite_.source = "demo.yaml";
  }

  /// Adds a trial whose worker will find `status` to copy.
  suite::Trial& add(const std::string& head, Status status = Status::ok) {
    const auto seed = static_cast<std::uint64_t>(suite_.trials.size() + 1);
    records::Record record = test::some_record("sgd", seed, head);
    record.outcome.status = status;
    record.outcome.reason = status == Status::ok ? "" : "as planned";
    const fs::path folder = options_.results / record.folder;
    records::write_summary(test::write_record(options_.results, record), record);
    fs::rename(folder / "summary.json", folder / "result");
    fs::remove(folder / "trial.yaml");
    suite_.trials.push_back({test::some_settings("sgd", seed), record.identity, record.folder});
    return suite_.trials.back();
  }

  /// Runs the suite with a worker of these shell commands; every start leaves a line in `started`.
  int run(const std::string& script) {
    const auto path = folder_.write(
        "worker.sh", "echo \"$3\" >> '" + (folder_ / "started").string() + "'\n" + script);
    options_.worker_command = {"/bin/sh", path.string()};
    ::testing::internal::CaptureStdout();
    const int code = run_suite(suite_, options_);
    output_ = ::testing::internal::GetCapturedStdout();
    return code;
  }

  std::size_t starts() const {
    if (!fs::exists(folder_ / "started")) return 0;
    const std::string text = read_file(folder_ / "started");
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  fs::path record(std::size_t trial) const {
    return options_.results / suite_.trials[trial].folder;
  }
  train::Outcome outcome(std::size_t trial) const {
    return records::read_record(record(trial)).outcome;
  }

  TemporaryFolder folder_;
  RunOptions options_;
  suite::Suite suite_;
  std::string output_;
};

}  // namespace gapbench::run
