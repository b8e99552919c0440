// Gradients of single examples: their squared norms, and the mean of their squares.
#pragma once

#include <cstddef>
#include <span>

#include "gapbench/head.h"
#include "gapbench/problem.h"
#include "train/oracle.h"

namespace gapbench::train {

/// Throws Error where the problem couples the examples of a micro-batch.
void require_uncoupled(const Problem& problem, Mode mode);

/// Writes |d s_i / d w|^2 to `out` [examples], s_i the head of example i alone; `first` is the
/// place of the first example in what the head is of. For problems whose passes have no
/// example_norms: runs each example through passes of its own, which leaves the activations of
/// slot.passes alone. Counts 1 forward + 1 backward an example.
void example_norms_one_by_one(Slot& slot, const Problem& problem, const Point& point,
                              const Examples& examples, Mode mode, std::size_t first,
                              const Head& head, std::span<double> out);

/// Writes (1/n) sum_i (d s_i / d w_p)^2 to `out` [dimension], in the same way and at the same cost.
void example_squares_one_by_one(Slot& slot, const Problem& problem, const Point& point,
                                const Examples& examples, Mode mode, std::size_t first,
                                const Head& head, std::span<float> out);

}  // namespace gapbench::train
