#include "gapbench/kronecker_fisher.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/interface/curvature_block.h"
#include "gapbench/error.h"
#include "gapbench/numeric.h"

namespace gapbench {
namespace {

std::vector<KroneckerLayer> layers_of(std::span<const TensorInfo> tensors) {
  std::vector<KroneckerLayer> layers;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const TensorInfo& t = tensors[i];
    if (t.kind != TensorKind::weight || t.shape.size() < 2) continue;
    const bool bias = i + 1 < tensors.size() && tensors[i + 1].kind == TensorKind::bias;
    layers.push_back(
        {.tensor = i, .inputs = t.size / t.shape[0] + (bias ? 1 : 0), .outputs = t.shape[0]});
  }
  return layers;
}

std::vector<float> identity(std::size_t n) {
  std::vector<float> m(n * n);
  for (std::size_t i = 0; i < n; ++i) m[i * n + i] = 1;
  return m;
}

CurvatureBlock empty_block(const KroneckerLayer& layer, const TensorInfo& weight) {
  return {.first = weight.offset,
          .rows = layer.outputs,
          .columns = layer.inputs,
          .bias = layer.inputs * layer.outputs > weight.size,
          .eigenvalues = std::vector<double>(layer.inputs * layer.outputs),
          .left = identity(layer.outputs),
          .right = identity(layer.inputs)};
}

bool is_due(std::uint64_t step, std::uint64_t every) {
  return step % every == 0 || (step < every && std::has_single_bit(step + 1));
}

}  // namespace

KroneckerFisher::KroneckerFisher(const Options& o, std::span<const TensorInfo> tensors,
                                 std::string what)
    : name_(o.owner()),
      what_(std::move(what)),
      fisher_(fisher_of(o)),
      decay_(o.real("factor_decay")),
      statistics_every_(o.count("statistics_every")),
      basis_every_(o.count("basis_every")),
      tensors_(tensors.begin(), tensors.end()),
      layers_(layers_of(tensors)) {
  if (layers_.empty()) {
    throw Error(name_, "needs a problem with linear layers or convolutions, this has none");
  }
  const std::size_t largest = o.count("largest");
  std::size_t size = 0;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const KroneckerLayer& layer = layers_[l];
    if (std::max(layer.inputs, layer.outputs) > largest) continue;
    kept_.push_back(l);
    size += layer.inputs * layer.inputs + layer.outputs * layer.outputs;
    blocks_.push_back(empty_block(layer, tensors_[layer.tensor]));
  }
  if (kept_.empty()) {
    throw Error(name_ + ".largest", "leaves no layer; a larger one takes longer");
  }
  factors_.resize(size);
  measured_.resize(size);
}

std::size_t KroneckerFisher::parameters() const noexcept {
  std::size_t sum = 0;
  for (const CurvatureBlock& block : blocks_) sum += block.eigenvalues.size();
  return sum;
}

// What the constructor read off the tensors is to be what the problem says.
void KroneckerFisher::require_layers(Step& step) const {
  step.for_each_micro_batch([&](MicroBatch& m, std::size_t k) {
    if (k > 0) return;
    require_fisher(name_, what_, m.loss(), fisher_);
    const bool same = std::ranges::equal(
        m.kronecker_layers(), layers_, [](const KroneckerLayer& a, const KroneckerLayer& b) {
          return a.tensor == b.tensor && a.inputs == b.inputs && a.outputs == b.outputs;
        });
    if (!same) {
      throw Error(name_, "needs a problem whose layers have Kronecker factors, this has not");
    }
  });
}

void KroneckerFisher::learn(Step& step, const At& at) {
  if (steps_ == 0) require_layers(step);
  if (is_due(steps_, statistics_every_)) measure(step, at);
  if (is_due(steps_, basis_every_)) find_basis();
  ++steps_;
}

void KroneckerFisher::measure(Step& step, const At& at) {
  step.mean_over(
      at, 0,
      [&](MicroBatch& m, std::size_t, std::span<float> out) {
        fisher_factors(m, fisher_, "kronecker_fisher", kept_, out);
      },
      measured_);
  const double t = static_cast<double>(++measurements_);
  const auto old = static_cast<float>(std::min(1 - 1 / t, decay_));
  for (std::size_t i = 0; i < factors_.size(); ++i) {
    factors_[i] = normal_or_zero(old * factors_[i] + (1 - old) * measured_[i]);
  }
}

// A method that diverges is found out by its loss: its last basis stays.
void KroneckerFisher::find_basis() {
  if (!std::ranges::all_of(factors_, [](float x) { return std::isfinite(x); })) return;
  std::span<const float> rest = factors_;
  for (std::size_t b = 0; b < kept_.size(); ++b) {
    const KroneckerLayer& layer = layers_[kept_[b]];
    const std::size_t size_a = layer.inputs * layer.inputs;
    const std::size_t size_g = layer.outputs * layer.outputs;
    blocks_[b] = kronecker_block(layer, tensors_[layer.tensor], rest.first(size_a),
                                 rest.subspan(size_a, size_g));
    // As the state keeps them: a resumed run has the same bits.
    for (double& x : blocks_[b].eigenvalues) x = static_cast<float>(x);
    rest = rest.subspan(size_a + size_g);
  }
}

void KroneckerFisher::precondition(double damping, std::span<float> g) const {
  for (const CurvatureBlock& block : blocks_) {
    std::vector<float> e = take_rotated(block, g);
    for (std::size_t i = 0; i < e.size(); ++i) {
      e[i] = static_cast<float>(e[i] / (block.eigenvalues[i] + damping));
    }
    add_rotated(block, e, g);
  }
}

void KroneckerFisher::add_draw(double scale, double damping, Random random,
                               std::span<float> w) const {
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const CurvatureBlock& block = blocks_[b];
    std::vector<float> e(block.eigenvalues.size());
    random.at("block", b).normals(e);
    for (std::size_t i = 0; i < e.size(); ++i) {
      e[i] *= static_cast<float>(std::sqrt(scale / (block.eigenvalues[i] + damping)));
    }
    add_rotated(block, e, w);
  }
}

void KroneckerFisher::archive(State& state) {
  state.field("steps", steps_);
  state.field("measurements", measurements_);
  state.field("factors", factors_);
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    CurvatureBlock& block = blocks_[b];
    std::vector<float> values(block.eigenvalues.begin(), block.eigenvalues.end());
    state.field(fmt::format("values{}", b), values);
    state.field(fmt::format("left{}", b), block.left);
    state.field(fmt::format("right{}", b), block.right);
    std::ranges::copy(values, block.eigenvalues.begin());
  }
}

double divergence_clip(double limit, double rate, std::span<const float> g,
                       std::span<const float> d) {
  const double squared = rate * rate * dot(g, d);
  return limit > 0 && squared > limit ? std::sqrt(limit / squared) : 1;
}

}  // namespace gapbench
