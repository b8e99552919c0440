#include "train/evaluation.h"

#include <algorithm>
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
double correct_in(const Outputs& z) {
  double correct = 0;
  for (std::size_t i = 0; i < z.labels.size(); ++i) {
    const auto row = z.values.subspan(i * z.width, z.width);
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    if (best == z.labels[i]) ++correct;
  }
  return correct;
}

}  // namespace

PartMetrics evaluate(const Problem& problem, Team& team, const Point& w, Part part) {
  const std::size_t examples = problem.examples(part);
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
    sums[chunk] = {problem.loss().value(z, {}) * static_cast<double>(size), correct_in(z)};
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
