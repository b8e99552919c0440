// Hand-made trials and records for the tests of run and compare.
#pragma once

#include <algorithm>
#include <string>

#include "records/record.h"
#include "records/record_writer.h"
#include "suite/suite.h"

namespace gapbench::test {

/// 64 hexadecimal digits, the first eight of which are `head` (eight digits).
inline std::string identity_of(const std::string& head) { return head + std::string(56, '0'); }

inline train::TrialSettings some_settings(const std::string& method, std::uint64_t seed) {
  train::TrialSettings s;
  s.suite = "demo";
  s.method = method;
  s.data.set.name = "cifar10";
  s.data.checksum = std::string(64, 'c');
  s.network.name = "cnn3";
  s.optimizer = {"sgd", {{"learning_rate", 0.1}, {"nesterov", false}}, 1};
  s.batch = 64;
  s.seed = seed;
  s.budget = {2, train::Length::Unit::epochs};
  return s;
}

/// A finished trial: accuracies as fractions, everything else in round numbers.
inline records::Record some_record(const std::string& method, std::uint64_t seed,
                                   const std::string& head, double train_accuracy = 0.75,
                                   double test_accuracy = 0.5) {
  records::Record r = records::planned_record(some_settings(method, seed), identity_of(head));
  r.folder = "demo/cifar10/cnn3/" + method + "/seed-" + std::to_string(seed) + "-" + head;
  r.build = "gapbench 0.1.0 abc Release";
  r.plugins = {{"optimizer sgd", std::string(64, '1')}};
  r.threads = 1;
  train::Outcome& o = r.outcome;
  o.step = o.steps = 100;
  o.dimension = 54282;
  o.training_examples = 50000;
  o.cost.train = {2, 2};
  o.cost.evaluate = {1, 1};
  o.cost.other = {0.5, 0.5};
  o.cost.total = {3.5, 3.5};
  o.cost.train_passes = {100000, 100000, 0, 0, 1.5e12};
  o.cost.peak_memory_bytes = 100 * 1024 * 1024;
  train::Evaluation e;
  e.step = 100;
  e.epoch = 2;
  e.train = {0.5, train_accuracy, 50000};
  e.test = train::PartMetrics{0.75, test_accuracy, 10000};
  e.cost = o.cost;
  o.final = e;
  return r;
}

inline records::Record failed_record(const std::string& method, std::uint64_t seed,
                                     const std::string& head, train::Status status,
                                     std::uint64_t step, const std::string& reason) {
  records::Record r = some_record(method, seed, head);
  r.outcome.status = status;
  r.outcome.step = step;
  r.outcome.steps = std::max(r.outcome.steps, step);
  r.outcome.reason = reason;
  r.outcome.final.reset();
  return r;
}

/// Writes the record under `root` and returns its folder.
inline std::filesystem::path write_record(const std::filesystem::path& root,
                                          const records::Record& record) {
  const std::filesystem::path folder = root / record.folder;
  records::RecordWriter writer(folder);
  writer.write_trial("suite: demo\n");
  writer.finish(record);
  return folder;
}

}  // namespace gapbench::test
