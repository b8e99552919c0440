// How often one method beats another.
#pragma once

#include <optional>
#include <span>

namespace gapbench::compare {

/// P(method > baseline) by seed: the share of pairs in which the method's number is the larger
/// one, ties counted half. Give it differences(). Nothing for no pairs.
/// Throws Error for a value that is not finite.
std::optional<double> superiority(std::span<const double> differences);

/// P(method > baseline) over all n x m combinations, ties counted half: Mann and Whitney's U over
/// n m (1947), the "probability of improvement" of Agarwal et al. 2021, "Deep reinforcement
/// learning at the edge of the statistical precipice". For samples without seeds in common.
/// Nothing where either has no value. Throws Error for a value that is not finite. Cost n m.
std::optional<double> superiority(std::span<const double> method, std::span<const double> baseline);

}  // namespace gapbench::compare
