#include "plugin/conformance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/isolated.h"
#include "plugin/conformance/checks.h"
#include "plugin/conformance/own_random.h"
#include "plugin/conformance/remedies.h"
#include "plugin/library.h"
#include "plugin/registry.h"

namespace gapbench::plugin {
namespace {

void check_kind(const Component& component, conformance::Checks& checks) {
  switch (component.kind) {
    case ComponentKind::optimizer:
      return conformance::check_optimizer(component, checks);
    case ComponentKind::regularizer:
      return conformance::check_regularizer(component, checks);
    case ComponentKind::probe:
      return conformance::check_probe(component, checks);
    case ComponentKind::problem:
      return conformance::check_problem(component, checks);
    case ComponentKind::posterior:
      return conformance::check_posterior(component, checks);
    case ComponentKind::network:
      return conformance::check_network(component, checks);
    case ComponentKind::data:
      return conformance::check_data(component, checks);
  }
}

// What the process that opens the library tells: a word and what belongs to it.
constexpr std::string_view refused = "refused", opened = "opened", begins = "begins", ends = "ends";

using Message = std::vector<std::string>;

std::string packed(const Message& message) {
  return fmt::format("{}", fmt::join(message, std::string_view("\0", 1)));
}

Message unpacked(std::string_view text) {
  Message message;
  for (auto end = text.find('\0'); end != text.npos; end = text.find('\0')) {
    message.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  message.emplace_back(text);
  return message;
}

std::string packed(std::string_view word, const Check& c) {
  return packed({std::string(word), c.component, c.name, to_text(c.verdict), c.reason, c.remedy});
}

Check check_in(const Message& message) {
  Check check{message.at(1), message.at(2), Check::Verdict::pass, message.at(4), message.at(5)};
  for (const auto verdict : {Check::Verdict::fail, Check::Verdict::note}) {
    if (message.at(3) == to_text(verdict)) check.verdict = verdict;
  }
  return check;
}

void check_all(const std::filesystem::path& path, const CheckOptions& asked,
               const Isolated::Send& send) {
  try {
    const Library library = Library::load(path);
    library.keep();  // its objects may outlive everything else
    send(opened);
    const CheckOptions options{asked.seconds, asked.data_root,
                               [&](const Check& c) { send(packed(begins, c)); },
                               [&](const Check& c) { send(packed(ends, c)); }};
    for (const Component& component : library.components()) check_component(component, options);
    conformance::check_random_numbers(path, options);
  } catch (const Error& e) {
    send(packed(
        {std::string(refused), e.where(), std::string(e.what()).substr(e.where().size() + 2)}));
  }
}

}  // namespace

std::vector<Check> check_component(const Component& component, const CheckOptions& options) {
  conformance::Checks checks(component, options);
  if (conformance::check_options(component, checks)) {
    check_kind(component, checks);
    conformance::check_options_at_work(component, checks);
    checks.conclude();
  }
  return checks.take();
}

std::vector<Check> check_library(const std::filesystem::path& path, const CheckOptions& options) {
  constexpr double to_open = 10, to_report = 10;
  Isolated process([&](const Isolated::Send& send) { check_all(path, options, send); });
  std::vector<Check> all;
  bool is_open = false;
  while (const auto text = process.receive(is_open ? options.seconds + to_report : to_open)) {
    const Message message = unpacked(*text);
    if (message.front() == refused) throw Error(message.at(1), message.at(2));
    is_open = true;
    if (message.front() == begins) options.begins(check_in(message));
    if (message.front() != ends) continue;
    all.push_back(check_in(message));
    options.ends(all.back());
  }
  if (process.how().empty()) return all;
  if (!is_open) throw Error(path.string(), "cannot be opened: " + process.how());
  all.push_back({path.filename().string(), "leaves the process whole", Check::Verdict::fail,
                 process.how(), std::string(conformance::remedy_of("leaves the process whole"))});
  options.begins(all.back());
  options.ends(all.back());
  return all;
}

bool passed(std::span<const Check> checks) {
  return std::none_of(checks.begin(), checks.end(),
                      [](const Check& c) { return c.verdict == Check::Verdict::fail; });
}

const char* to_text(Check::Verdict verdict) {
  constexpr std::array words{"ok", "FAILED", "note"};
  return words.at(static_cast<std::size_t>(verdict));
}

std::string to_text(const Check& c) {
  return fmt::format("{}: {}: {}", c.component, c.name, outcome_text(c));
}

std::string outcome_text(const Check& c) {
  return fmt::format("{}{}{}{}{}", to_text(c.verdict), c.reason.empty() ? "" : ": ", c.reason,
                     c.remedy.empty() ? "" : ". ", c.remedy);
}

std::string summary_text(std::span<const Check> checks) {
  const auto count = [&](Check::Verdict verdict) {
    return std::ranges::count(checks, verdict, &Check::verdict);
  };
  return fmt::format("{} checks, {} failed, {} notes", checks.size(), count(Check::Verdict::fail),
                     count(Check::Verdict::note));
}

std::string to_text(std::span<const Check> checks) {
  std::string text;
  for (const Check& c : checks) text += to_text(c) + "\n";
  return text + summary_text(checks) + "\n";
}

}  // namespace gapbench::plugin
