#include "gapbench/curvature.h"

#include <algorithm>

#include "gapbench/error.h"
#include "gapbench/numeric.h"

namespace gapbench {

Fisher fisher_of(const Options& o) {
  const std::string_view name = o.choice("fisher");
  if (name == "exact") return Fisher::exact;
  return name == "sampled" ? Fisher::sampled : Fisher::empirical;
}

void require_fisher(const std::string& owner, std::string_view what, const Head& loss,
                    Fisher fisher) {
  if (!loss.is_likelihood()) {
    throw Error(owner,
                std::string(what) +
                    " and needs a likelihood, which this problem's loss is "
                    "not; of a data set give the deviation of the targets' noise, as in datasets: "
                    "[{name: csv:yacht, deviation: 0.3}]");
  }
  if (fisher == Fisher::sampled && dynamic_cast<const Gaussian*>(&loss) != nullptr) {
    throw Error(owner + ".fisher",
                "\"sampled\" draws labels, which a regression has not; \"exact\" costs as little "
                "for one output");
  }
}

void for_each_column(MicroBatch& m, Fisher fisher, std::string_view purpose,
                     const std::function<void(const Head&)>& f) {
  if (fisher == Fisher::empirical) return f(m.loss());
  if (fisher == Fisher::sampled) return f(CrossEntropy(m.sampled_labels(purpose)));
  const std::size_t width = m.outputs().width;
  for (std::size_t c = 0; c < width; ++c) f(FisherRoot(m.loss(), c));
}

void fisher_factors(MicroBatch& m, Fisher fisher, std::string_view purpose,
                    std::span<const std::size_t> layers, std::span<float> out) {
  std::ranges::fill(out, 0.0F);
  std::vector<float> g;
  for_each_column(m, fisher, purpose, [&](const Head& head) {
    std::span<float> rest = out;
    for (const std::size_t l : layers) {  // A is the same for all columns, G their sum
      const KroneckerLayer& layer = m.kronecker_layers()[l];
      const std::size_t size_a = layer.inputs * layer.inputs;
      g.resize(layer.outputs * layer.outputs);
      m.kronecker_factors(head, l, rest.first(size_a), g);
      add_scaled(1, g, rest.subspan(size_a, g.size()));
      rest = rest.subspan(size_a + g.size());
    }
  });
}

}  // namespace gapbench
