// Records that a report is made of.
#pragma once

#include <string>

#include "core/temporary_folder.h"
#include "records/records.h"

namespace gapbench::test {

/// A name that would run if it were ever taken for HTML, and end the data if it were not escaped.
inline constexpr const char* hostile = "</script><img src=x onerror=alert(1)>";

/// sgd and the hostile method on two data sets, three seeds each, four evaluations, two batches.
inline void write_tree(const TemporaryFolder& root) {
  int number = 10;
  for (const std::string dataset : {"cifar10", "cifar100"}) {
    for (const bool other : {false, true}) {
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        records::Record r =
            some_record(other ? hostile : "sgd", seed, "aaaaaa" + std::to_string(number++));
        r.folder = "demo/" + dataset + "/cnn3/" + (other ? "other" : "sgd") + "/" +
                   r.folder.filename().string();
        r.dataset = dataset;
        r.settings["dataset"] = dataset;
        r.settings["batch"] = std::int64_t{other ? 256 : 64};
        records::RecordWriter writer(root.path() / r.folder);
        writer.write_trial("suite: demo\n");
        for (int i = 0; i < 4; ++i) {
          train::Evaluation e = *r.outcome.final;
          e.step = static_cast<std::uint64_t>(25 * (i + 1));
          e.epoch = 0.5 * (i + 1);
          e.test->accuracy = 0.1 * i + (other ? 0.05 : 0) +
                             0.001 * static_cast<double>(seed * seed) * (other ? 2 : 1);
          e.probes = {{"curvature", "top", 2.0 * i + static_cast<double>(seed), "1/nat"}};
          writer.append(e);
          r.outcome.final = e;
        }
        writer.finish(r);
      }
    }
  }
  root.write("demo/suite.json",
             R"({"schema":1,"name":"demo","description":"d","baseline":"sgd","methods":["sgd"]})");
}

/// Two methods that are scored as predictors, with bins of confidence and under one kind of shift.
inline void write_predictors(const TemporaryFolder& root) {
  int number = 10;
  for (const bool sure : {false, true}) {
    const std::string method = sure ? "sure" : "calm";
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      records::Record r = some_record(method, seed, "cccccc" + std::to_string(number++));
      train::Predictive& predictive = r.outcome.final->predictive.emplace();
      train::PartPrediction& part = predictive.test.emplace();
      part.examples = 1000;
      part.draws = 1;
      part.accuracy = 0.75;
      part.nll = 0.5;
      part.bins.resize(15);
      part.bins[9] = {500, 0.62, sure ? 0.5 : 0.6};
      part.bins[14] = {500, 0.97, 0.9};
      part.ece = sure ? 0.095 : 0.045;
      for (int s = 1; s <= 5; ++s) {
        train::ShiftedPrediction shifted{"blur-" + std::to_string(s), part};
        shifted.scores.accuracy = 0.75 - 0.1 * s - (sure ? 0.02 : 0.0) * static_cast<double>(seed);
        shifted.scores.bins.clear();
        predictive.shifted.push_back(shifted);
      }
      records::RecordWriter writer(root.path() / r.folder);
      writer.write_trial("suite: demo\n");
      writer.append(*r.outcome.final);
      writer.finish(r);
    }
  }
}

/// Three seeds whose two parameters walk from (0, 1) to (-3 seed, 0), the last of an iterate of
/// known covariance and of a known profile.
inline void write_pictures(const TemporaryFolder& root) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    records::Record r = some_record("sgd", seed, "bbbbbb0" + std::to_string(seed));
    records::RecordWriter writer(root.path() / r.folder);
    writer.write_trial("suite: demo\n");
    for (int i = 0; i < 4; ++i) {
      train::Evaluation e = *r.outcome.final;
      e.step = static_cast<std::uint64_t>(25 * (i + 1));
      e.epoch = 0.5 * (i + 1);
      e.probes = {{"position", "w_0", -1.0 * i * static_cast<double>(seed), ""},
                  {"position", "w_1", 1 - i / 3.0, ""}};
      if (i == 3) {
        e.probes.push_back({"ou_covariance", "trace_ratio", 1, ""});
        for (const char* kind : {"measured", "exact", "continuous"}) {
          const double size = *kind == 'm' ? static_cast<double>(seed) : 2;
          const std::string name = std::string("drawn_") + kind;
          e.probes.push_back({"ou_covariance", name + "_xx", 4 * size, ""});
          e.probes.push_back({"ou_covariance", name + "_xy", 0, ""});
          e.probes.push_back({"ou_covariance", name + "_yy", size, ""});
        }
        e.probes.push_back({"loss_profile", "rise", static_cast<double>(seed), ""});
        e.probes.push_back({"loss_profile", "drawn_radius", 0.5, ""});
        for (int k = 0; k < 3; ++k) {
          e.probes.push_back({"loss_profile", "drawn_loss_" + std::to_string(k),
                              k == 1 ? 0 : static_cast<double>(seed), ""});
        }
      }
      writer.append(e);
      r.outcome.final = e;
    }
    writer.finish(r);
  }
  root.write("demo/suite.json",
             R"({"schema":1,"name":"demo","description":"d","methods":["sgd"]})");
}

/// Two methods at four batch sizes, two seeds each, that come to a train loss of 0.1 after 20 (or 40)
/// (1 + 128 / B) steps, the second seed a tenth later.
inline void write_batch_sizes(const TemporaryFolder& root) {
  int number = 10;
  for (const std::string method : {"sgd", "ghost"}) {
    for (const std::int64_t batch : {16, 64, 256, 1024}) {
      for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        const std::string name = method + "-" + std::to_string(batch);
        records::Record r = some_record(name, seed, "dddddd" + std::to_string(number++));
        r.settings["batch"] = batch;
        records::RecordWriter writer(root.path() / r.folder);
        writer.write_trial("suite: demo\n");
        const double steps = (method == "sgd" ? 20.0 : 40.0) *
                             (1 + 128 / static_cast<double>(batch)) * (seed == 1 ? 1 : 1.1);
        for (int i = 0; i < 2; ++i) {
          train::Evaluation e = *r.outcome.final;
          e.step = static_cast<std::uint64_t>(i * steps);
          e.epoch = i;
          e.train.loss = i == 0 ? 2 : 0.1;
          writer.append(e);
          r.outcome.final = e;
        }
        r.outcome.step = r.outcome.steps = r.outcome.final->step;
        writer.finish(r);
      }
    }
  }
}

/// One trial with a path, before a landscape from (-4, 0) to (0, 1): 3 x 2 corners, whose loss is their
/// column, and 2 x 2 arrows of (-1, 0), and of (-1, -2).
inline void write_landscape(const TemporaryFolder& root, std::uint64_t dimension) {
  records::Record r = some_record("sgd", 1, "bbbbbb01");
  r.outcome.dimension = dimension;
  records::RecordWriter writer(root.path() / r.folder);
  writer.write_trial("suite: demo\n");
  for (int i = 0; i < 2; ++i) {
    train::Evaluation e = *r.outcome.final;
    e.step = static_cast<std::uint64_t>(50 * (i + 1));
    e.epoch = i + 1.0;
    e.probes = {{"position", "w_0", -3.0 * i, ""}, {"position", "w_1", 1.0 - i, ""}};
    if (i == 1) {
      const auto add = [&e](const std::string& name, double value) {
        e.probes.push_back({"landscape", "drawn_" + name, value, ""});
      };
      add("left", -4);
      add("right", 0);
      add("bottom", 0);
      add("top", 1);
      for (const std::string row : {"0", "1"}) {
        for (int column = 0; column < 3; ++column) {
          const std::string at = "_" + row + "_" + std::to_string(column);
          add("loss" + at, column);
          if (column == 2) continue;
          add("flow" + at + "_0", -1);
          add("flow" + at + "_1", 0);
          add("modified" + at + "_0", -1);
          add("modified" + at + "_1", -2);
        }
      }
    }
    writer.append(e);
    r.outcome.final = e;
  }
  writer.finish(r);
}

}  // namespace gapbench::test
