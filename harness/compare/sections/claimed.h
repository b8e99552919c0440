// What became of the claims, as a table.
#pragma once

#include <string>
#include <vector>

#include "compare/findings/claims.h"
#include "compare/pages/page.h"

namespace gapbench::compare {

/// "Claim | On | Made | Became | Decided by | Given": one line a claim and network. Empty without
/// claims.
Page claimed(const std::vector<Answer>& answers);

/// "sam gains on sgd in test_accuracy".
std::string claim_text(const Answer& answer);

/// The claim, what became of it and by which numbers, on one line.
std::string answer_line(const Answer& answer);

/// "declared", "exploratory: 12 trials had been evaluated".
std::string made_text(const Answer& answer);

}  // namespace gapbench::compare
