#include "nn/layers/sequence.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace gapbench::nn {
namespace {

class SequenceWeights final : public Weights {
 public:
  SequenceWeights(std::vector<std::unique_ptr<Weights>> parts, std::vector<std::size_t> sizes)
      : parts_(std::move(parts)), sizes_(std::move(sizes)) {}

  void assign(std::span<const float> values) override {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      parts_[i]->assign(values.subspan(begin, sizes_[i]));
      begin += sizes_[i];
    }
  }
  const Weights& part(std::size_t i) const { return *parts_[i]; }

 private:
  std::vector<std::unique_ptr<Weights>> parts_;
  std::vector<std::size_t> sizes_;
};

class SequencePlan final : public Plan {
 public:
  explicit SequencePlan(std::vector<std::unique_ptr<const Plan>> parts) : parts_(std::move(parts)) {
    for (const auto& part : parts_) scratch_ = std::max(scratch_, part->scratch());
  }
  std::size_t scratch() const noexcept override { return scratch_; }
  const Plan& part(std::size_t i) const { return *parts_[i]; }

 private:
  std::vector<std::unique_ptr<const Plan>> parts_;
  std::size_t scratch_ = 0;
};

class SequenceStage final : public Stage {
 public:
  SequenceStage(std::vector<std::unique_ptr<Stage>> parts, std::vector<std::size_t> sizes)
      : parts_(std::move(parts)), sizes_(std::move(sizes)) {}

  void forward(const Weights& w) override {
    for (std::size_t i = 0; i < parts_.size(); ++i) parts_[i]->forward(part(w, i));
  }

  void backward(const Weights& w, std::span<float> out) override {
    std::size_t end = out.size();
    for (std::size_t i = parts_.size(); i-- > 0;) {
      end -= sizes_[i];
      parts_[i]->backward(part(w, i), out.subspan(end, sizes_[i]));
    }
  }

  void tangent_forward(const Weights& w, const Weights& v) override {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      parts_[i]->tangent_forward(part(w, i), part(v, i));
    }
  }

  void tangent_backward(const Weights& w, const Weights& v, std::span<float> out) override {
    std::size_t end = out.size();
    for (std::size_t i = parts_.size(); i-- > 0;) {
      end -= sizes_[i];
      parts_[i]->tangent_backward(part(w, i), part(v, i), out.subspan(end, sizes_[i]));
    }
  }

 private:
  static const Weights& part(const Weights& w, std::size_t i) {
    return static_cast<const SequenceWeights&>(w).part(i);
  }

  std::vector<std::unique_ptr<Stage>> parts_;
  std::vector<std::size_t> sizes_;
};

PassFlops operator+(const PassFlops& a, const PassFlops& b) {
  return {a.forward + b.forward, a.backward + b.backward, a.tangent_forward + b.tangent_forward,
          a.tangent_backward + b.tangent_backward};
}

}  // namespace

Sequence::Sequence(std::vector<std::unique_ptr<const Layer>> layers) : layers_(std::move(layers)) {
  assert(!layers_.empty());
  for (const auto& layer : layers_) sizes_.push_back(count(layer->parameters()));
}

std::vector<ParameterSpec> Sequence::parameters() const {
  std::vector<ParameterSpec> all;
  for (const auto& layer : layers_) std::ranges::move(layer->parameters(), std::back_inserter(all));
  return all;
}

std::unique_ptr<Weights> Sequence::make_weights() const {
  std::vector<std::unique_ptr<Weights>> parts;
  for (const auto& layer : layers_) parts.push_back(layer->make_weights());
  return std::make_unique<SequenceWeights>(std::move(parts), sizes_);
}

PassFlops Sequence::flops(bool varies) const {
  PassFlops sum;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    sum = sum + layers_[i]->flops(varies);
    varies = varies || sizes_[i] > 0;
  }
  return sum;
}

std::unique_ptr<const Plan> Sequence::plan(std::size_t examples) const {
  std::vector<std::unique_ptr<const Plan>> parts;
  for (const auto& layer : layers_) parts.push_back(layer->plan(examples));
  return std::make_unique<SequencePlan>(std::move(parts));
}

Bound Sequence::bind(const Plan& plan, const Flow& input, Bench& bench) const {
  const auto& own = static_cast<const SequencePlan&>(plan);
  std::vector<std::unique_ptr<Stage>> parts;
  Flow flow = input;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Bound bound = layers_[i]->bind(own.part(i), flow, bench);
    parts.push_back(std::move(bound.stage));
    flow = bound.output;
  }
  return {std::make_unique<SequenceStage>(std::move(parts), sizes_), flow};
}

}  // namespace gapbench::nn
