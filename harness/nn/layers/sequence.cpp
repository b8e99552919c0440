#include "nn/layers/sequence.h"

#include <cstddef>
#include <numeric>
#include <utility>

namespace gapbench::nn {
namespace {

class SequenceStage final : public Stage {
 public:
  SequenceStage(std::vector<std::unique_ptr<Stage>> parts, std::vector<std::size_t> sizes)
      : parts_(std::move(parts)),
        sizes_(std::move(sizes)),
        size_(std::accumulate(sizes_.begin(), sizes_.end(), std::size_t{0})) {}

  void forward(const Weights& w, Mode mode) override {
    for (std::size_t i = 0; i < parts_.size(); ++i) parts_[i]->forward(part(w, i), mode);
  }

  void backward(const Weights& w, std::span<float> out) override {
    std::size_t end = size_;
    for (std::size_t i = parts_.size(); i-- > 0;) {
      end -= sizes_[i];
      parts_[i]->backward(part(w, i), share(out, end, sizes_[i]));
    }
  }

  void tangent_forward(const Weights& w, const Weights& v) override {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      parts_[i]->tangent_forward(part(w, i), part(v, i));
    }
  }

  void tangent_backward(const Weights& w, const Weights& v, std::span<float> out) override {
    std::size_t end = size_;
    for (std::size_t i = parts_.size(); i-- > 0;) {
      end -= sizes_[i];
      parts_[i]->tangent_backward(part(w, i), part(v, i), share(out, end, sizes_[i]));
    }
  }

  void add_example_norms(std::span<double> totals) override {
    for (const auto& part : parts_) part->add_example_norms(totals);
  }

  void list_factors(std::vector<const KroneckerFactors*>& all) const override {
    for (const auto& part : parts_) part->list_factors(all);
  }

  void list_noise(std::vector<NoiseFactors*>& all) override {
    for (const auto& part : parts_) part->list_noise(all);
  }

  void list_gaussians(std::vector<GaussianPart*>& all) override {
    for (const auto& part : parts_) part->list_gaussians(all);
  }

 private:
  std::vector<std::unique_ptr<Stage>> parts_;
  std::vector<std::size_t> sizes_;
  std::size_t size_;
};

}  // namespace

PassFlops Sequence::flops(bool varies) const {
  PassFlops sum;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    sum = sum + parts_[i].flops(varies);
    varies = varies || parts_.sizes()[i] > 0;
  }
  return sum;
}

Bound Sequence::bind(const Plan& plan, const Flow& input, Bench& bench) const {
  std::vector<std::unique_ptr<Stage>> stages;
  Flow flow = input;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Bound bound = parts_[i].bind(part(plan, i), flow, bench);
    stages.push_back(std::move(bound.stage));
    flow = bound.output;
  }
  return {std::make_unique<SequenceStage>(std::move(stages), parts_.sizes()), flow};
}

}  // namespace gapbench::nn
