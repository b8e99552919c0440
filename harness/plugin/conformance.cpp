#include "plugin/conformance.h"

#include <fmt/format.h>

#include <algorithm>

#include "plugin/conformance/checks.h"
#include "plugin/library.h"
#include "plugin/registry.h"

namespace gapbench::plugin {

std::vector<Check> check_component(const Component& component) {
  conformance::Checks checks(component);
  conformance::check_options(component, checks);
  std::vector<Check> so_far = checks.take();
  if (!passed(so_far)) return so_far;
  switch (component.kind) {
    case ComponentKind::optimizer:
      conformance::check_optimizer(component, checks);
      break;
    case ComponentKind::regularizer:
      conformance::check_regularizer(component, checks);
      break;
    case ComponentKind::probe:
      conformance::check_probe(component, checks);
      break;
    case ComponentKind::problem:
      conformance::check_problem(component, checks);
      break;
    case ComponentKind::posterior:
      conformance::check_posterior(component, checks);
      break;
  }
  for (Check& check : checks.take()) so_far.push_back(std::move(check));
  return so_far;
}

std::vector<Check> check_library(const std::filesystem::path& path) {
  const Library library = Library::load(path);
  std::vector<Check> all;
  for (const Component& component : library.components()) {
    for (Check& check : check_component(component)) all.push_back(std::move(check));
  }
  return all;
}

bool passed(std::span<const Check> checks) {
  return std::none_of(checks.begin(), checks.end(),
                      [](const Check& c) { return c.verdict == Check::Verdict::fail; });
}

std::string to_text(std::span<const Check> checks) {
  constexpr const char* words[] = {"ok  ", "FAIL", "note"};
  std::size_t count[3] = {};
  std::string text;
  for (const Check& c : checks) {
    const auto verdict = static_cast<std::size_t>(c.verdict);
    ++count[verdict];
    text += fmt::format("{}  {}: {}{}{}\n", words[verdict], c.component, c.name,
                        c.reason.empty() ? "" : ": ", c.reason);
  }
  return text + fmt::format("{} checks, {} failed, {} notes\n", checks.size(), count[1], count[2]);
}

}  // namespace gapbench::plugin
