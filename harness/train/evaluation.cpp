#include "train/evaluation.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

#include "train/settings.h"

namespace gapbench::train {
namespace {

struct ChunkSums {
  double loss = 0;
  double correct = 0;
};

// Ties go to the lower class.
std::int32_t predicted(std::span<const float> row) {
  return static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

/// exp(z_label - max z) / sum_c exp(z_c - max z), summed in double.
float probability(std::span<const float> row, std::int32_t label) {
  const double most = *std::max_element(row.begin(), row.end());
  double sum = 0;
  for (const float z : row) sum += std::exp(double{z} - most);
  return static_cast<float>(std::exp(double{row[static_cast<std::size_t>(label)]} - most) / sum);
}

/// `outcomes`: of these examples; empty: not wanted.
double correct_in(const Outputs& z, std::span<ExampleOutcome> outcomes) {
  double correct = 0;
  for (std::size_t i = 0; i < z.labels.size(); ++i) {
    const auto row = z.values.subspan(i * z.width, z.width);
    const std::int32_t best = predicted(row);
    if (best == z.labels[i]) ++correct;
    if (!outcomes.empty()) outcomes[i] = {z.labels[i], best, probability(row, z.labels[i])};
  }
  return correct;
}

}  // namespace

PartMetrics evaluate(const Problem& problem, Team& team, const Point& w, Part part,
                     std::span<ExampleOutcome> outcomes) {
  const std::size_t examples = problem.examples(part);
  assert(outcomes.empty() || outcomes.size() == examples);
  std::vector<std::uint32_t> indices(examples);
  std::iota(indices.begin(), indices.end(), 0U);
  const std::size_t chunks = (examples + default_micro_batch - 1) / default_micro_batch;
  std::vector<ChunkSums> sums(chunks);
  bool labelled = false;
  team.for_each(chunks, [&](Slot& slot, std::size_t chunk) {
    const std::size_t first = chunk * default_micro_batch;
    const std::size_t size = std::min(default_micro_batch, examples - first);
    const Examples asked{part, std::span(indices).subspan(first, size)};
    const Outputs z = slot.passes->forward(w, asked, Mode::evaluation);
    const auto own = outcomes.empty() ? outcomes : outcomes.subspan(first, size);
    sums[chunk] = {problem.loss().value(z, {}) * static_cast<double>(size), correct_in(z, own)};
    if (chunk == 0) labelled = !z.labels.empty();
  });
  ChunkSums all;
  for (const ChunkSums& s : sums) {
    all.loss += s.loss;
    all.correct += s.correct;
  }
  PartMetrics metrics;
  metrics.examples = examples;
  metrics.loss = all.loss / static_cast<double>(examples);
  if (labelled) metrics.accuracy = all.correct / static_cast<double>(examples);
  return metrics;
}

}  // namespace gapbench::train
