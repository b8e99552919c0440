#include "nn/layers/parts.h"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <numeric>
#include <utility>

#include "nn/onednn.h"

namespace gapbench::nn {
namespace {

class PartsWeights final : public Weights {
 public:
  PartsWeights(std::vector<std::unique_ptr<Weights>> parts, std::vector<std::size_t> sizes,
               std::vector<std::size_t> buffer_sizes)
      : parts_(std::move(parts)), sizes_(std::move(sizes)), buffer_sizes_(std::move(buffer_sizes)) {
    std::exclusive_scan(sizes_.begin(), sizes_.end(), std::back_inserter(offsets_), std::size_t{0});
  }

  // Side by side, on the caller's TBB arena, where it is worth the trouble: else the other threads of a trial wait for
  // one to lay out all weights.
  void assign(std::span<const float> values) override {
    constexpr std::size_t worth = std::size_t{1} << 17;  // copies of this many take about 0.1 ms
    const auto assign_part = [&](std::size_t i) {
      const SingleThread single;
      parts_[i]->assign(values.subspan(offsets_[i], sizes_[i]));
    };
    if (values.size() < worth) {
      for (std::size_t i = 0; i < parts_.size(); ++i) assign_part(i);
    } else {
      // Isolated: a worker that waits here must not begin another micro-batch in the same workspace.
      oneapi::tbb::this_task_arena::isolate(
          [&] { oneapi::tbb::parallel_for(std::size_t{0}, parts_.size(), assign_part); });
    }
  }

  void assign_buffers(std::span<const float> statistics) override {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      parts_[i]->assign_buffers(statistics.first(buffer_sizes_[i]));
      statistics = statistics.subspan(buffer_sizes_[i]);
    }
  }

  const Weights& part(std::size_t i) const { return *parts_[i]; }

 private:
  std::vector<std::unique_ptr<Weights>> parts_;
  std::vector<std::size_t> sizes_;
  std::vector<std::size_t> offsets_;
  std::vector<std::size_t> buffer_sizes_;
};

class PartsPlan final : public Plan {
 public:
  explicit PartsPlan(std::vector<std::unique_ptr<const Plan>> parts) : parts_(std::move(parts)) {
    for (const auto& part : parts_) scratch_ = std::max(scratch_, part->scratch());
  }
  std::size_t scratch() const noexcept override { return scratch_; }
  const Plan& part(std::size_t i) const { return *parts_[i]; }

 private:
  std::vector<std::unique_ptr<const Plan>> parts_;
  std::size_t scratch_ = 0;
};

}  // namespace

Parts::Parts(std::vector<std::unique_ptr<Layer>> layers) : layers_(std::move(layers)) {
  assert(!layers_.empty());
  for (const auto& layer : layers_) {
    sizes_.push_back(count(layer->parameters()));
    buffer_sizes_.push_back(layer->buffers().size());
  }
}

std::vector<ParameterSpec> Parts::parameters() const {
  std::vector<ParameterSpec> all;
  for (const auto& layer : layers_) std::ranges::move(layer->parameters(), std::back_inserter(all));
  return all;
}

std::vector<float> Parts::buffers() const {
  std::vector<float> all;
  for (const auto& layer : layers_) std::ranges::copy(layer->buffers(), std::back_inserter(all));
  return all;
}

std::vector<NoiseSite> Parts::noise_sites() const {
  std::vector<NoiseSite> all;
  for (const auto& layer : layers_) {
    std::ranges::move(layer->noise_sites(), std::back_inserter(all));
  }
  return all;
}

std::unique_ptr<Weights> Parts::make_weights() const {
  std::vector<std::unique_ptr<Weights>> parts;
  for (const auto& layer : layers_) parts.push_back(layer->make_weights());
  return std::make_unique<PartsWeights>(std::move(parts), sizes_, buffer_sizes_);
}

std::unique_ptr<const Plan> Parts::plan(std::size_t examples) const {
  std::vector<std::unique_ptr<const Plan>> parts;
  for (const auto& layer : layers_) parts.push_back(layer->plan(examples));
  return std::make_unique<PartsPlan>(std::move(parts));
}

const Weights& part(const Weights& all, std::size_t i) {
  return static_cast<const PartsWeights&>(all).part(i);
}

const Plan& part(const Plan& all, std::size_t i) {
  return static_cast<const PartsPlan&>(all).part(i);
}

}  // namespace gapbench::nn
