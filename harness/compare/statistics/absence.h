// Claims that there is no effect worth the name.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "compare/statistics/interval.h"

namespace gapbench::compare {

/// What a sample says of "the effect is within ± margin", a margin that the claim declares.
enum class Absence {
  absent,       ///< two one-sided tests put it within the margin
  present,      ///< the interval lies outside the margin
  cannot_tell,  ///< neither; fewer than three seeds; no spread, so that the error is unknown
};

/// "within ±0.2", "beyond ±0.2", "cannot tell".
std::string to_text(Absence absence, double margin);

struct AbsenceClaim {
  Absence verdict = Absence::cannot_tell;
  std::optional<double> p;           ///< equivalence_p(); nothing for n < 2
  std::optional<Interval> interval;  ///< t interval; nothing for n < 2
};

/// Decided by equivalence_p() at 1 - confidence (Schuirmann 1987), never by a test that found
/// nothing. `absent` can hold where the interval excludes 0: a sure effect smaller than the margin.
/// Of differences method - baseline by seed; errors as equivalence_p() and t_interval().
AbsenceClaim absence(std::span<const double> differences, double margin, double confidence = 0.95);

}  // namespace gapbench::compare
