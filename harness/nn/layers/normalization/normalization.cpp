#include "nn/layers/normalization/normalization.h"

#include <algorithm>
#include <utility>

#include "nn/layers/normalization/stage.h"

namespace gapbench::nn {

Normalization::Normalization(std::string name, ImageShape shape, Over over, std::size_t groups,
                             std::size_t ghost)
    : name_(std::move(name)), shape_(shape), over_(over), groups_(groups), ghost_(ghost) {}

std::vector<ParameterSpec> Normalization::parameters() const {
  const std::size_t n = shape_.channels;
  return {{{name_ + ".scale", TensorKind::scale, {n}, 0, n}, 0, 1},
          {{name_ + ".shift", TensorKind::shift, {n}, 0, n}, 0, 0}};
}

bool Normalization::absorb(Ending ending) {
  if (rectifier_ || (ending == Ending::sum && sum_)) return false;
  (ending == Ending::sum ? sum_ : rectifier_) = true;
  return true;
}

std::vector<float> Normalization::buffers() const {
  if (over_ == Over::group) return {};
  std::vector<float> start(2 * shape_.channels, 0.0F);
  std::fill_n(start.begin() + static_cast<std::ptrdiff_t>(shape_.channels), shape_.channels, 1.0F);
  return start;
}

std::unique_ptr<Weights> Normalization::make_weights() const {
  return std::make_unique<NormalizationWeights>(shape_.channels, buffers());
}

Bound Normalization::bind(const Plan&, const Flow& input, Bench& bench) const {
  const bool batch = over_ == Over::batch;
  const std::size_t sharing = ghost_ == 0 ? bench.examples : std::min(ghost_, bench.examples);
  const Grouping grouping{.examples = bench.examples,
                          .per_slice = batch ? sharing : 1,
                          .area = shape_.height * shape_.width,
                          .channels = shape_.channels,
                          .lanes = shape_.lanes(),
                          .groups = groups_};
  NormalizationEnding ending{.rectifier = rectifier_};
  if (sum_) ending.addend = *std::exchange(bench.addend, nullptr);
  const Flow output = bench.flow(shape_, true, !rectifier_);
  Flow x = input;
  if (!x.varies()) {  // a tangent of zeros instead of a second set of loops
    x.tangent = bench.tensor(shape_);
    with_numbers(shape_.precision, [&]<class T>(T zero) {
      std::fill_n(static_cast<T*>(x.tangent), bench.examples * shape_.size(), zero);
    });
  }
  const auto statistics = bench.take_statistics(batch ? 2 * shape_.channels : 0);
  return {with_numbers(shape_.precision,
                       [&]<class T>(T) -> std::unique_ptr<Stage> {
                         return std::make_unique<NormalizationStage<T>>(grouping, x, output, ending,
                                                                        statistics);
                       }),
          output};
}

}  // namespace gapbench::nn
