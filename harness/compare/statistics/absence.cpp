#include "compare/statistics/absence.h"

#include <fmt/format.h>

#include "compare/statistics/paired_t.h"
#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

constexpr std::size_t least_pairs = 3;

}  // namespace

std::string to_text(Absence absence, double margin) {
  switch (absence) {
    case Absence::absent:
      return fmt::format("within ±{:.4g}", margin);
    case Absence::present:
      return fmt::format("beyond ±{:.4g}", margin);
    case Absence::cannot_tell:
      return "cannot tell";
  }
  return "";
}

AbsenceClaim absence(std::span<const double> differences, double margin, double confidence) {
  AbsenceClaim claim;
  claim.p = equivalence_p(differences, margin);
  claim.interval = t_interval(differences, confidence);
  if (differences.size() < least_pairs || !has_spread(differences)) return claim;
  if (*claim.p < 1 - confidence) claim.verdict = Absence::absent;
  if (claim.interval->low > margin || claim.interval->high < -margin) {
    claim.verdict = Absence::present;
  }
  return claim;
}

}  // namespace gapbench::compare
