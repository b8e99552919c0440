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

}  // namespace gapbench::test
