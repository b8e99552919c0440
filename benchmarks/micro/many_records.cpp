// Writes synthetic records, to see how `gapbench compare` and `gapbench report` bear many of them:
//
//   bench_many_records FOLDER TRIALS [EVALUATIONS]
//   /usr/bin/time -v gapbench compare FOLDER > table.md
//
// Two data sets, 25 methods, as many seeds as it takes. The numbers are made up from a formula;
// they stand for no network and no data.
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "records/record.h"
#include "records/record_writer.h"
#include "records/suite_note.h"
#include "suite/trials/trial_file.h"

namespace {

using namespace gapbench;  // NOLINT: a program of one file

constexpr std::size_t methods = 25;

/// In [-1, 1), the same for the same numbers.
double noise(std::uint64_t a, std::uint64_t b) {
  const double x = std::sin(static_cast<double>(a * 7919 + b * 104729)) * 43758.5453;
  return 2 * (x - std::floor(x)) - 1;
}

train::TrialSettings settings_of(std::size_t trial) {
  train::TrialSettings s;
  const std::size_t method = trial / 2 % methods;
  s.suite = "many";
  s.method = "method-" + std::to_string(method);
  s.data.set.name = trial % 2 == 0 ? "cifar10" : "cifar100";
  s.data.checksum = std::string(64, trial % 2 == 0 ? '1' : '2');
  s.network = {"cnn3", {{"width", std::int64_t{32}}, {"hidden", std::int64_t{128}}}, 0};
  s.optimizer = {"sgd",
                 {{"learning_rate", 0.01 * static_cast<double>(method % 5 + 1)},
                  {"momentum", 0.5 + 0.01 * static_cast<double>(method)},
                  {"nesterov", false}},
                 1};
  s.batch = 32U << (method % 5);
  s.seed = trial / 2 / methods + 1;
  s.budget = {10, train::Length::Unit::epochs};
  return s;
}

train::Evaluation evaluation_of(const train::TrialSettings& s, double progress) {
  const bool hard = s.data.set.name == "cifar100";
  const double method = std::stod(s.method.substr(7));
  const double luck = 0.004 * noise(s.seed, static_cast<std::uint64_t>(method));
  train::Evaluation e;
  e.step = static_cast<std::uint64_t>(1000 * progress);
  e.epoch = 10 * progress;
  const double twist = 0.01 * noise(s.seed + 500, static_cast<std::uint64_t>(method));
  const double loss = (hard ? 4.6 : 2.3) * std::exp(-(3 + 0.02 * method) * progress) + 0.05 + luck;
  e.train = {loss, 1 - 0.4 * loss / (hard ? 4.6 : 2.3), 50000};
  e.test = train::PartMetrics{loss + (0.05 + 0.002 * method + twist) * progress,
                              *e.train.accuracy - (0.002 * method + twist) * progress, 10000};
  e.probes = {{"curvature", "top_eigenvalue", 20 / (0.2 + progress) + method + luck, "1/nat"}};
  const double seconds = 100 * progress * (1 + 0.01 * method);
  e.cost.train = {seconds, seconds};
  e.cost.evaluate = {progress, progress};
  e.cost.total = {seconds + progress, seconds + progress};
  e.cost.train_passes = {5e5 * progress, 5e5 * progress, 0, 0, 2e13 * progress};
  e.cost.peak_memory_bytes = 250'000'000;
  return e;
}

void write_trial(const std::filesystem::path& root, std::size_t trial, std::size_t evaluations) {
  const train::TrialSettings settings = settings_of(trial);
  records::Record record = records::planned_record(settings, suite::identity(settings));
  record.folder = root / record.dataset / record.network / record.method /
                  ("seed-" + std::to_string(record.seed) + "-" + record.identity.substr(0, 8));
  record.build = "synthetic";
  record.plugins = {{"optimizer sgd", std::string(64, '1')}};
  record.threads = 1;
  records::RecordWriter writer(record.folder);
  writer.write_trial(suite::write_trial(settings));
  for (std::size_t i = 0; i < evaluations; ++i) {
    const double steps = static_cast<double>(evaluations - 1);
    writer.append(evaluation_of(settings, static_cast<double>(i) / steps));
  }
  train::Outcome& o = record.outcome;
  o.step = o.steps = 1000;
  o.dimension = 188810;
  o.training_examples = 50000;
  o.final = evaluation_of(settings, 1);
  o.cost = o.final->cost;
  if (trial % 97 == 96) {
    o.status = train::Status::diverged;
    o.reason = "the loss is not finite";
  }
  writer.finish(record);
}

std::size_t count_of(const char* text, std::size_t least) {
  std::size_t count = 0;
  const char* end = text + std::strlen(text);
  const auto [rest, code] = std::from_chars(text, end, count);
  return code == std::errc() && rest == end && count >= least ? count : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t trials = argc > 2 ? count_of(argv[2], 1) : 0;
  const std::size_t evaluations = argc > 3 ? count_of(argv[3], 2) : 11;
  if (trials == 0 || evaluations == 0) {
    std::fprintf(stderr, "usage: bench_many_records FOLDER TRIALS [EVALUATIONS, 2 or more]\n");
    return 1;
  }
  try {
    const std::filesystem::path root = std::filesystem::path(argv[1]) / "many";
    for (std::size_t trial = 0; trial < trials; ++trial) write_trial(root, trial, evaluations);
    suite::Suite suite;
    suite.name = "many";
    suite.description = "Synthetic records: their numbers come from a formula";
    suite.baseline = "method-0";
    for (std::size_t m = 0; m < methods; ++m) suite.trials.push_back({settings_of(2 * m), "", {}});
    records::write_suite_note(root, suite);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  return 0;
}
