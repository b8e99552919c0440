// A moment of a run on a small problem, and what a probe reports of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plugin/conformance/oracle.h"
#include "plugins/hand.h"

namespace gapbench::test {

class Numbers final : public Metrics {
 public:
  void add(std::string_view name, double value, std::string_view) override {
    values[std::string(name)] = value;
  }
  std::map<std::string, double> values;
};

/// What `probe` with these options reports at w.
inline std::map<std::string, double> measure(const std::string& probe, const std::string& text,
                                             const Problem& problem, std::span<const float> w,
                                             std::span<const float> start) {
  const Component& c = component("probes_" + probe);
  plugin::conformance::PlainSnapshot snapshot(problem, w, start);
  Numbers numbers;
  c.make_probe(options(c, text))->measure(snapshot, numbers);
  return numbers.values;
}

}  // namespace gapbench::test
