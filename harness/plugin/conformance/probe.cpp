// The contract of probes.
#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "gapbench/error.h"
#include "plugin/conformance/checks.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/scenes.h"
#include "plugin/validate.h"

namespace gapbench::plugin::conformance {
namespace {

struct Metric {
  std::string name;
  double value;
  std::string unit;
};

// Bit for bit; a NaN equals itself, so that repeating is not blamed for it.
bool same(const std::vector<Metric>& a, const std::vector<Metric>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Metric& x, const Metric& y) {
    const bool value = x.value == y.value || (std::isnan(x.value) && std::isnan(y.value));
    return x.name == y.name && x.unit == y.unit && value;
  });
}

class Collector final : public Metrics {
 public:
  void add(std::string_view name, double value, std::string_view unit) override {
    metrics.push_back({std::string(name), value, std::string(unit)});
  }
  std::vector<Metric> metrics;
};

class ProbeChecks {
 public:
  /// Measures at the scene's parameters or, `moved`, at some distance from them, the start.
  ProbeChecks(const Component& component, Scene scene, bool moved)
      : component_(component),
        options_(example_options(component, {}, scene.w.size())),
        problem_(std::move(scene.problem)),
        start_(scene.w),
        w_(scene.w) {
    if (moved) w_ = shifted(start_, 0.3, normal_vector(start_.size(), Random(9)));
  }

  Finding reports() {
    const auto metrics = measure(*make());
    if (metrics.empty()) return "reports no metric";
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      const std::string& name = metrics[i].name;
      if (!is_lower_snake_case(name)) return "\"" + name + "\" is not lower_snake_case";
      for (std::size_t k = 0; k < i; ++k) {
        if (metrics[k].name == name) return name + " is reported twice";
      }
    }
    return std::nullopt;
  }

  Finding finite() {
    for (const Metric& m : measure(*make())) {
      if (!std::isfinite(m.value)) return fmt::format("{} is {}", m.name, m.value);
    }
    return std::nullopt;
  }

  Finding repeats() {
    const auto probe = make();
    const auto first = measure(*probe);
    if (!same(measure(*probe), first)) return "measuring twice gives two results";
    if (!same(measure(*make()), first)) return "a second instance measures something else";
    return std::nullopt;
  }

  Finding serves_micro_batches_side_by_side() {
    const auto alone = measure(*make());
    for (int repeat = 0; repeat < 3; ++repeat) {
      if (!same(measure(*make(), {.in_pairs = true}), alone)) {
        return "two micro-batches at a time give other numbers than one after the other";
      }
    }
    return std::nullopt;
  }

  Finding takes_any_order() {
    const auto alone = measure(*make());
    for (std::uint64_t order = 1; order <= 8; ++order) {
      if (!same(measure(*make(), {.order = order}), alone)) {
        return "micro-batches that end in another order give other numbers";
      }
    }
    return std::nullopt;
  }

  Finding measures() {
    measure(*make());
    return std::nullopt;
  }

  Finding changes_nothing() {
    const Vector before[] = {w_, start_};
    measure(*make());
    if (w_ == before[0] && start_ == before[1]) return std::nullopt;
    return "the parameters changed";
  }

 private:
  std::unique_ptr<Probe> make() const { return component_.make_probe(options_); }

  struct Coming {
    bool in_pairs = false;
    std::uint64_t order = 0;
  };

  std::vector<Metric> measure(Probe& probe, Coming micro_batches = {false, 0}) const {
    PlainSnapshot snapshot(*problem_, w_, start_);
    snapshot.in_order(micro_batches.order);
    if (micro_batches.in_pairs) snapshot.in_pairs();
    Collector collector;
    probe.measure(snapshot, collector);
    return collector.metrics;
  }

  const Component& component_;
  Options options_;
  std::unique_ptr<const Problem> problem_;
  Vector start_;
  Vector w_;
};

}  // namespace

void check_probe(const Component& component, Checks& checks) {
  using Check = Finding (ProbeChecks::*)();
  const auto body = [&component](Scene (*scene)(), bool moved, Check check) {
    return [=, &component] { return (ProbeChecks(component, scene(), moved).*check)(); };
  };
  // Not every problem has what a probe looks at (layers with Kronecker factors, say): it may say so.
  const auto unless_refused = [&component](Scene (*scene)(), bool moved, Check check) {
    return [=, &component]() -> Finding {
      try {
        return (ProbeChecks(component, scene(), moved).*check)();
      } catch (const Error& e) {
        if (e.where() == component.about.name) return std::nullopt;
        throw;
      }
    };
  };
  const auto usual = [] { return usual_scene(8); };
  const auto wide = [] { return wide_scene(1024); };
  checks.run("reports metrics with unique snake_case names",
             body(usual, true, &ProbeChecks::reports));
  checks.run("reports finite numbers", body(usual, true, &ProbeChecks::finite));
  checks.run("measures at parameters of 0", body(zero_scene, false, &ProbeChecks::measures));
  checks.run("measures where the gradient is 0",
             unless_refused(still_scene, false, &ProbeChecks::measures));
  checks.remark("reports finite numbers there, too",
                unless_refused(still_scene, false, &ProbeChecks::finite));
  checks.run("repeats bit for bit", body(usual, true, &ProbeChecks::repeats));
  checks.run("repeats bit for bit on 4,096 parameters",
             unless_refused(wide, true, &ProbeChecks::repeats));
  checks.run("measures the same in any order of micro-batches",
             body(usual, true, &ProbeChecks::takes_any_order));
  checks.run("measures the same with micro-batches side by side",
             body(usual, true, &ProbeChecks::serves_micro_batches_side_by_side), Company::several);
  checks.run("changes no parameter", body(usual, true, &ProbeChecks::changes_nothing));
}

}  // namespace gapbench::plugin::conformance
