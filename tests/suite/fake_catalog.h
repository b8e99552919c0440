// A small catalog, so that the suite language is tested without any plugin.
#pragma once

#include <array>
#include <map>

#include "core/nearest.h"
#include "gapbench/error.h"
#include "suite/load.h"

namespace gapbench::suite::test {

inline constexpr std::array sgd_options = {
    option::real("learning_rate", "").above(0),
    option::real("momentum", "").at_least(0).below(1).by_default(0.0),
    option::flag("nesterov", "").by_default(0.0)};
inline constexpr std::array adam_options = {
    option::real("learning_rate", "").above(0).by_default(0.001),
    option::choice("epsilon_added_to", "corrected|raw", "").by_default("corrected")};
inline constexpr std::array graft_options = {
    option::optimizer("magnitude", ""), option::optimizer("direction", ""),
    option::choice("norm", "per_tensor|global", "").by_default("per_tensor")};
inline constexpr std::array follow_options = {option::trajectory("from", ""),
                                              option::real("scale", "").above(0).by_default(1.0)};
inline constexpr std::array rest_options = {option::parameters("at", "")};
inline constexpr std::array penalty_options = {option::real("lambda", "").at_least(0)};
inline constexpr std::array probe_options = {
    option::integer("micro_batch", "").at_least(1).by_default(128.0)};
inline constexpr std::array cnn3_options = {
    option::integer("width", "").at_least(1).at_most(1024).by_default(32.0)};
inline constexpr std::array cifar100_options = {
    option::choice("labels", "fine|coarse", "").by_default("fine")};
inline constexpr std::array csv_options = {
    option::integer("split", "").at_least(0).by_default(0.0)};
inline constexpr std::array teacher_options = {
    option::integer("features", "").at_least(1).by_default(200.0),
    option::real("noise", "").at_least(0).by_default(0.5)};

class FakeCatalog final : public Catalog {
 public:
  Declared find(Role role, const std::string& name) const override {
    const auto& things = things_.at(role);
    if (const auto at = things.find(name); at != things.end()) return at->second;
    std::vector<std::string> valid;
    for (const auto& [known, declared] : things) valid.push_back(known);
    throw Error(name, "unknown" + did_you_mean(name, valid));
  }

 private:
  using Things = std::map<std::string, Declared>;
  std::map<Role, Things> things_ = {
      {Role::dataset,
       {{"cifar10", {{}, 0}},
        {"cifar100", {cifar100_options, 0}},
        {"csv:yacht", {{}, 0, false, true}},
        {"csv:wine", {csv_options, 0, false, true, true}}}},
      {Role::network, {{"cnn3", {cnn3_options, 0}}, {"lenet5", {{}, 0}}}},
      {Role::optimizer,
       {{"sgd", {sgd_options, 1}},
        {"adam", {adam_options, 2}},
        {"graft", {graft_options, 1}},
        {"follow", {follow_options, 1}},
        {"rest", {rest_options, 1}},
        {"sampler", {adam_options, 1, true}}}},
      {Role::regularizer,
       {{"l1", {penalty_options, 1}}, {"l2", {penalty_options, 1}}, {"pull", {rest_options, 1}}}},
      {Role::probe, {{"gradient_norm", {probe_options, 1}}, {"distance", {rest_options, 1}}}},
      {Role::posterior, {{"mc_dropout", {{}, 1}}, {"gaussian", {penalty_options, 3}}}},
      {Role::problem, {{"linear_teacher", {teacher_options, 4}}}}};
};

inline Suite read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return read_suite(text, {"s.yaml", overrides}, FakeCatalog());
}

/// What the suite is refused with, or "" when it is accepted.
inline std::string refusal(const std::string& text,
                           const std::vector<std::string>& overrides = {}) {
  try {
    read(text, overrides);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

/// A suite of one trial, line by line.
inline constexpr const char* tiny =
    "name: tiny\n"                                      // 1
    "datasets: [cifar10]\n"                             // 2
    "networks: [cnn3]\n"                                // 3
    "methods:\n"                                        // 4
    "  sgd:\n"                                          // 5
    "    optimizer: {name: sgd, learning_rate: 0.1}\n"  // 6
    "    batch: 64\n"                                   // 7
    "seeds: [1]\n"                                      // 8
    "budget: {epochs: 10}\n";                           // 9

/// `tiny` with one piece of text replaced.
inline std::string tiny_with(const std::string& from, const std::string& to) {
  std::string text = tiny;
  return text.replace(text.find(from), from.size(), to);
}

/// Every method name of the suite, each once, in order.
inline std::vector<std::string> method_names(const Suite& suite) {
  std::vector<std::string> names;
  for (const Trial& trial : suite.trials) {
    if (std::find(names.begin(), names.end(), trial.settings.method) == names.end()) {
      names.push_back(trial.settings.method);
    }
  }
  return names;
}

inline const train::TrialSettings& first_of(const Suite& suite, const std::string& method) {
  for (const Trial& trial : suite.trials) {
    if (trial.settings.method == method) return trial.settings;
  }
  throw Error(method, "no such method in the test's suite");
}

}  // namespace gapbench::suite::test
