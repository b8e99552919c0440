#include "plugin/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "core/nearest.h"

namespace gapbench::plugin {
namespace {

using Row = std::array<std::string, 5>;

std::vector<const Entry*> sorted(std::span<const Entry> entries) {
  std::vector<const Entry*> order;
  for (const Entry& e : entries) order.push_back(&e);
  const auto key = [](const Entry* e) {
    return std::tuple(e->component->kind, std::string_view(e->component->about.name));
  };
  std::sort(order.begin(), order.end(),
            [&](const Entry* a, const Entry* b) { return key(a) < key(b); });
  return order;
}

std::string aligned(const std::vector<Row>& rows) {
  std::array<std::size_t, 5> widths{};
  for (const Row& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) line += fmt::format("{:<{}}  ", row[c], widths[c]);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string hooks_text(std::uint32_t hooks) {
  std::string text;
  const auto name = [&](RegularizerHook hook, const char* place) {
    if ((hooks & hook) != 0) text += (text.empty() ? "" : ", and ") + std::string(place);
  };
  name(hook_micro_batch, "each micro-batch");
  name(hook_mini_batch, "the mini-batch once a step");
  name(hook_parameters, "the parameters once a step");
  name(hook_noise, "what flows through the network's noise sites");
  name(hook_inputs, "the data that is trained on, example by example");
  name(hook_mixing,
       "the data that is trained on, which it mixes with one another, labels included");
  name(hook_loss, "the loss that is trained on");
  return text;
}

}  // namespace

std::vector<const Entry*> find_by_name(const Registry& registry, const std::string& name,
                                       std::vector<std::string> others) {
  std::vector<const Entry*> found;
  const char* what = others.empty() ? "plugin" : "plugin, network or data set";
  std::vector<std::string> valid = std::move(others);
  for (const Entry* e : sorted(registry.entries())) {
    const std::string short_name = e->component->about.name;
    const std::string full_name = fmt::format("{}/{}", to_text(e->component->kind), short_name);
    if (name == short_name || name == full_name) found.push_back(e);
    const std::string& shown = name.find('/') == std::string::npos ? short_name : full_name;
    if (std::ranges::find(valid, shown) == valid.end()) valid.push_back(shown);
  }
  if (found.empty()) {
    throw Error(name,
                fmt::format("there is no {} of this name{}", what, did_you_mean(name, valid)));
  }
  return found;
}

std::string list_text(const Registry& registry) {
  std::vector<Row> rows{{"kind", "name", "revision", "summary", "library"}};
  for (const Entry* e : sorted(registry.entries())) {
    const About& about = e->component->about;
    rows.push_back({to_text(e->component->kind), about.name, fmt::format("{}", about.revision),
                    about.summary, e->library.filename().string()});
  }
  std::string text = aligned(rows);
  if (!registry.refusals().empty()) text += "\nrefused:\n";
  for (const Refusal& r : registry.refusals()) {
    text += fmt::format("  {}: {}\n", r.library.string(), r.reason);
  }
  return text;
}

std::string info_text(const Entry& entry) {
  const Component& c = *entry.component;
  std::string text = fmt::format("{} {}, revision {}\n  {}\n", to_text(c.kind), c.about.name,
                                 c.about.revision, c.about.summary);
  if (c.kind == ComponentKind::regularizer) {
    text += fmt::format("\nacts on: {}\n", hooks_text(c.hooks));
  }
  if (c.keeps_posterior) text += "\nkeeps a posterior\n";
  if (c.has_targets) text += "\na regression\n";
  text += c.option_count > 0 ? "\noptions:\n" : "\nno options\n";
  for (const OptionSpec& spec : options_of(c)) {
    text += fmt::format("  {}\n      {}; {}\n", spec.name, spec.help, describe(spec));
  }
  text += fmt::format("\nexample: {}\nlibrary: {}\nsha256:  {}\n", c.about.example,
                      entry.library.string(), entry.library_sha256);
  return text;
}

}  // namespace gapbench::plugin
