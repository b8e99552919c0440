#include "compare/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "compare/pages/page.h"
#include "compare/sections/claimed.h"
#include "compare/statistics/outlook.h"
#include "gapbench/random.h"

namespace gapbench::compare {
namespace {

constexpr std::size_t single_looks[] = {8, 12, 20, 40};  // of a suite that has planned none

std::size_t seeds_of(const Answer& answer) {
  std::size_t most = 0;
  for (const auto& sample : answer.samples) most = std::max(most, sample.size());
  return most;
}

/// Each look by itself: the plan is to look once.
std::string single(const Answer& answer, Random random) {
  std::vector<std::string> parts;
  for (const std::size_t look : single_looks) {
    if (look <= seeds_of(answer)) continue;
    const std::size_t one[] = {look};
    const auto o = outlook(answer.samples, one, answer.decides, random);
    if (!o) return "cannot be foretold: no spread, or one seed only";
    parts.push_back(fmt::format("{:.0f} % with {}", 100 * o->decided.front(), look));
  }
  return parts.empty() ? "has all the seeds one would plan for"
                       : fmt::format("{} seeds, one look", fmt::join(parts, ", "));
}

std::string by_looks(const Answer& answer, Random random) {
  const auto& looks = answer.suite->looks.at;
  const auto o = outlook(answer.samples, looks, answer.decides, random);
  if (!o) return "cannot be foretold: no spread, or one seed only";
  std::vector<std::string> parts;
  for (std::size_t i = answer.looks_taken; i < looks.size(); ++i) {
    parts.push_back(fmt::format("{:.0f} % by {}", 100 * o->decided[i], looks[i]));
  }
  return fmt::format("{} seeds; {:.1f} seeds expected", fmt::join(parts, ", "), o->seeds);
}

std::string outlook_text(const Answer& answer, Random random) {
  if (answer.is_decided()) return "decided";
  const bool has_looks = !answer.suite->looks.at.empty();
  if (has_looks && answer.looks_taken == answer.suite->looks.at.size()) {
    return "the looks are spent";
  }
  if (!answer.decides) return "cannot be foretold: nothing to foretell it from yet";
  return has_looks ? by_looks(answer, random) : single(answer, random);
}

}  // namespace

std::string plan_text(const records::Records& records) {
  const std::vector<Answer> found = answers(records);
  if (found.empty()) {
    return "No suite of these declares claims: there is nothing to plan for (claims: in "
           "docs/suites.md).\n";
  }
  Table table("The chance of a decision");
  Cells claims, places, words, outlooks;
  for (std::size_t i = 0; i < found.size(); ++i) {
    claims.emplace_back(claim_text(found[i]));
    places.emplace_back(found[i].where);
    words.emplace_back(found[i].word);
    outlooks.emplace_back(outlook_text(found[i], Random(1).at("plan", i)));
  }
  table.add("Claim", std::move(claims));
  table.add("On", std::move(places));
  table.add("So far", std::move(words));
  table.add("Chance of a decision", std::move(outlooks));
  return to_markdown({Heading{1, "Plan"}, table,
                      Text("Foretold from the seeds so far, whose spread and mean are uncertain "
                           "themselves: little is promised on few seeds.")});
}

}  // namespace gapbench::compare
