#include "plugin/conformance/checks.h"

#include <fmt/format.h>

#include "core/isolated.h"
#include "gapbench/error.h"
#include "plugin/conformance/threads.h"
#include "plugin/registry.h"

namespace gapbench::plugin::conformance {
namespace {

Finding guarded(const Checks::Body& body) {
  try {
    return body();
  } catch (const Violation& e) {
    return e.what();
  } catch (const std::exception& e) {
    return std::string("threw: ") + e.what();
  } catch (...) {
    return "threw something that is no std::exception";
  }
}

}  // namespace

Checks::Checks(const Component& component, const CheckOptions& options)
    : options_(options),
      component_(fmt::format("{} {}", plugin::to_text(component.kind), component.about.name)) {}

bool Checks::check(const std::string& name, Check::Verdict finding_is, const Body& body,
                   Company company) {
  options_.begins({component_, name, Check::Verdict::pass, ""});
  Isolated process([&](const Isolated::Send& send) {
    const Finding finding = guarded(body);
    send(finding ? "found" : "");
    send(finding.value_or(""));
    send(company == Company::alone ? other_threads() : "");
  });
  const auto answer = process.receive(options_.seconds);
  const auto reason = process.receive(options_.seconds);
  const auto threads = process.receive(options_.seconds);
  if (threads && threads_.empty()) threads_ = *threads;
  if (!reason) {
    add(name, Check::Verdict::fail, process.how());
  } else {
    add(name, answer->empty() ? Check::Verdict::pass : finding_is, *reason);
  }
  return reason && answer->empty();
}

bool Checks::ask(const std::function<bool()>& question) const {
  Isolated process([&](const Isolated::Send& send) { send(question() ? "yes" : "no"); });
  return process.receive(options_.seconds) == "yes";
}

void Checks::add(const std::string& name, Check::Verdict verdict, std::string reason) {
  checks_.push_back({component_, name, verdict, std::move(reason)});
  options_.ends(checks_.back());
}

void Checks::conclude() {
  const std::string name = "works on the thread it is called on";
  options_.begins({component_, name, Check::Verdict::pass, ""});
  add(name, threads_.empty() ? Check::Verdict::pass : Check::Verdict::note,
      threads_.empty() ? "" : threads_ + ": its seconds are not those of the trial's threads");
}

}  // namespace gapbench::plugin::conformance
