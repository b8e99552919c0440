#include "plugin/conformance/checks.h"

#include <fmt/format.h>

#include "core/isolated.h"
#include "gapbench/error.h"
#include "plugin/conformance/remedies.h"
#include "plugin/conformance/threads.h"
#include "plugin/registry.h"

namespace gapbench::plugin::conformance {
namespace {

// How a body ended: a word, and its reason.
struct Ending {
  std::string_view word;  // "" for a check that passed
  std::string reason;
};
constexpr std::string_view found = "found", violated = "violated", threw = "threw";

Ending guarded(const Checks::Body& body) {
  try {
    if (auto finding = body()) return {found, *std::move(finding)};
    return {};
  } catch (const Violation& e) {
    return {violated, e.what()};
  } catch (const std::exception& e) {
    return {threw, std::string("threw: ") + e.what()};
  } catch (...) {
    return {threw, "threw something that is no std::exception"};
  }
}

std::string_view remedy_after(std::string_view word, std::string_view name) {
  if (word == violated) return remedy_of_violation();
  if (word == threw) return remedy_of_exception();
  return remedy_of(name);
}

}  // namespace

Checks::Checks(const Component& component, const CheckOptions& options)
    : options_(options),
      component_(fmt::format("{} {}", plugin::to_text(component.kind), component.about.name)) {}

bool Checks::check(const std::string& name, Check::Verdict finding_is, const Body& body,
                   Company company) {
  options_.begins({component_, name, Check::Verdict::pass, "", ""});
  Isolated process([&](const Isolated::Send& send) {
    const Ending ending = guarded(body);
    send(ending.word);
    send(ending.reason);
    send(company == Company::alone ? other_threads() : "");
  });
  const auto answer = process.receive(options_.seconds);
  const auto reason = process.receive(options_.seconds);
  const auto threads = process.receive(options_.seconds);
  if (threads && threads_.empty()) threads_ = *threads;
  if (threads) process.receive(options_.seconds);  // its end
  if (printed_.empty()) printed_ = process.printed();
  if (!reason) {
    add(name, Check::Verdict::fail, process.how(), remedy_of_end(process.how()));
  } else if (answer->empty()) {
    add(name, Check::Verdict::pass, "");
  } else {
    add(name, finding_is, *reason, remedy_after(*answer, name));
  }
  return reason && answer->empty();
}

bool Checks::ask(const std::function<bool()>& question) const {
  Isolated process([&](const Isolated::Send& send) { send(question() ? "yes" : "no"); });
  return process.receive(options_.seconds) == "yes";
}

void Checks::add(const std::string& name, Check::Verdict verdict, std::string reason,
                 std::string_view remedy) {
  if (verdict == Check::Verdict::pass) remedy = {};
  checks_.push_back({component_, name, verdict, std::move(reason), std::string(remedy)});
  options_.ends(checks_.back());
}

void Checks::conclude() {
  const auto seen = [this](const std::string& name, const std::string& what) {
    options_.begins({component_, name, Check::Verdict::pass, "", ""});
    add(name, what.empty() ? Check::Verdict::pass : Check::Verdict::note, what, remedy_of(name));
  };
  seen("works on the thread it is called on",
       threads_.empty() ? "" : threads_ + ": its seconds are not those of the trial's threads");
  seen("prints nothing", printed_.empty() ? "" : fmt::format("it printed \"{}\"", printed_));
}

}  // namespace gapbench::plugin::conformance
