// Predictions held against those of a reference.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "records/record.h"

namespace gapbench::compare {

/// Of two predictions p and q of the same n examples (Izmailov, Vikram, Hoffman, Wilson 2021, "What
/// are Bayesian neural network posteriors really like?", section 5):
///
///   agreement         share of the examples with argmax p_i = argmax q_i, ties to the lower class
///   total_variation   (1/n) sum_i (1/2) sum_c |p_ic - q_ic|     0 to 1
struct Nearness {
  double agreement = 0;
  double total_variation = 0;
};
/// [examples, classes] both, of one length.
Nearness nearness(std::span<const float> p, std::span<const float> q, std::size_t classes);

/// Adds both numbers to every finished trial but the reference's own, as metrics of a probe called
/// `reference`, from the trial of the reference method with the same seed, data set, network and
/// settings of these. A trial without such a partner, and where one of both kept no probabilities, gets
/// none. Throws Error where no finished trial is of the method, where several of one seed are, where no trial
/// has a partner, and for files that are damaged. Reads one file a trial.
records::Records with_reference(records::Records records, const std::string& method,
                                const std::vector<std::string>& asked_rows = {});

}  // namespace gapbench::compare
