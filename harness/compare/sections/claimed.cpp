#include "compare/sections/claimed.h"

#include <fmt/format.h>

#include <utility>

namespace gapbench::compare {

using suite::Claim;

std::string claim_text(const Answer& answer) {
  const Claim& c = answer.declared->claim;
  const std::string& baseline = answer.suite->baseline;
  switch (c.kind) {
    case Claim::Kind::carries:
      return fmt::format("{} against {} carries over from {} to {} in {} ({}, share {:.4g})",
                         c.method, baseline, c.from, c.to, c.metric,
                         c.scale == "log_odds" ? "log odds" : c.scale, c.share);
    case Claim::Kind::within:
      return fmt::format("{} is within ±{:.4g} of {} in {} on {}", c.method, c.margin, baseline,
                         c.metric, c.from);
    case Claim::Kind::below:
      return fmt::format("{} gains less than {:.4g} of what {} gains on {} in {} on {}", c.method,
                         c.share, c.of, baseline, c.metric, c.from);
    case Claim::Kind::gains:
      break;
  }
  return fmt::format("{} is better than {} in {} on {}", c.method, baseline, c.metric, c.from);
}

std::string made_text(const Answer& answer) {
  if (answer.is_declared()) return "declared";
  const std::size_t count = answer.declared->evaluated_before;
  return fmt::format("exploratory: {} trial{} had been evaluated", count, count == 1 ? "" : "s");
}

std::string answer_line(const Answer& a) {
  std::string line = fmt::format("{} ({}): {}", claim_text(a), a.where, a.word);
  if (!a.numbers.empty()) line += "; " + a.numbers;
  if (!a.why.empty()) line += "; " + a.why;
  return line;
}

Page claimed(const std::vector<Answer>& answers) {
  if (answers.empty()) return {};
  Table table("What became of the claims");
  Cells claims, places, made, words, numbers, given;
  for (const Answer& a : answers) {
    claims.emplace_back(claim_text(a));
    places.emplace_back(a.where);
    made.emplace_back(made_text(a));
    words.emplace_back(a.word);
    const bool both = !a.numbers.empty() && !a.why.empty();
    numbers.emplace_back(fmt::format("{}{}{}", a.numbers, both ? "; " : "", a.why));
    given.emplace_back(a.given.empty() ? "–" : fmt::format("{}", fmt::join(a.given, "; ")));
  }
  table.add("Claim", std::move(claims));
  table.add("On", std::move(places));
  table.add("Made", std::move(made));
  table.add("Became", std::move(words));
  table.add("Decided by", std::move(numbers));
  table.add("Given", std::move(given));
  return {Heading{2, "Claims"}, table};
}

}  // namespace gapbench::compare
