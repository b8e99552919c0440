// What became of what the suites said they would find.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compare/findings/findings.h"
#include "compare/statistics/outlook.h"
#include "records/record.h"

namespace gapbench::compare {

/// One claim on one network, decided by its interval:
///   carries  the zone of the carried share (carried_share.h), at the claim's share and scale
///   within   `holds` where two one-sided tests put the difference within the margin (absence.h),
///            `does not hold` where its interval lies outside
///   below    `holds` where the interval of the recovery lies below the share, `does not hold` where
///            it lies above
///   gains    `holds` where the simultaneous interval of the section (the row's own, where it is not
///            in the comparison) lies on the better side of 0, `does not hold` where on the worse
/// and `not decided` else, with the reason where there is no interval.
struct Answer {
  const records::SuiteNote* suite = nullptr;
  const records::DeclaredClaim* declared = nullptr;
  std::string where;                    ///< titles of the sections; what is missing
  std::string word;                     ///< what became of it
  std::string numbers;                  ///< the intervals that decided; empty where there is none
  std::vector<std::string> given{};     ///< seeds, failures, fitting, draws, tuning
  std::string why{};                    ///< why nothing could be decided; else empty
  std::vector<std::string> problems{};  ///< Section::key of the section or the two that it is of
  std::size_t looks_taken = 0;          ///< of a suite that adds seeds until claims are decided
  Samples samples{};                    ///< that decided: differences by seed, one list a data set
  /// Whether these samples would; of `gains` with the half width that it has now, as sqrt(1 / n).
  std::function<bool(const Samples&)> decides{};
  std::optional<double> value{};       ///< carried share, difference or recovery
  std::optional<Interval> interval{};  ///< of it, that decided

  /// Made before any trial of the suite's folder had been evaluated on its test part.
  bool is_declared() const { return declared->evaluated_before == 0; }
  /// More seeds would change nothing of the word: of `carries`, any zone but the two that are open.
  bool is_decided() const;
  /// Not decided, and there are looks left.
  bool wants_seeds() const;
};

/// A suite with looks is decided by the first look that decides, at the confidence that makes up for
/// looking often (confidence_of()); seeds beyond it change nothing, nor do seeds of a look that not
/// all rows have yet.
///
/// Each claim of each suite on each network that has records, in the order of the suites.
std::vector<Answer> answers(const records::Records& records, const Aggregate& all);

/// Of all that is there, at the final parameters. The answers point into `records`.
std::vector<Answer> answers(const records::Records& records);

}  // namespace gapbench::compare
