// Steps, moments and noise of the contract checks.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <numeric>
#include <utility>

#include "core/lengths.h"
#include "gapbench/error.h"
#include "plugin/conformance/lockstep.h"
#include "plugin/conformance/oracle.h"

namespace gapbench::plugin::conformance {
namespace {

constexpr std::size_t batch_examples = 32;
constexpr std::size_t micro_examples = 8;
constexpr std::uint64_t seed = 11;

std::vector<std::uint32_t> drawn_without_repeats(std::size_t available, Random random) {
  std::vector<std::uint32_t> order(available);
  std::iota(order.begin(), order.end(), 0U);
  random.shuffle(order);
  return order;
}

void scale(std::span<float> values, double factor) {
  for (float& x : values) x *= static_cast<float>(factor);
}

// Draws with repeats are fine for a mini-batch: only its being a function of the step matters.
std::vector<std::uint32_t> batch_indices(const Problem& problem, std::uint64_t index) {
  Random random = Random(seed).at("batch", index);
  std::vector<std::uint32_t> indices(batch_examples);
  for (auto& i : indices) {
    i = static_cast<std::uint32_t>(random.below(problem.examples(Part::train)));
  }
  return indices;
}

}  // namespace

void PlainNoise::factors(std::size_t site, std::uint32_t example, std::span<float> out) const {
  Random random = Random(seed).at("draw", draw_).at("site", site, example);
  for (float& f : out) {
    f = draw_ == At::no_noise ? 1.0F : random.uniform() < 0.5 ? 0.5F : 1.5F;
  }
}

void PlainNoise::normals(std::size_t layer, std::uint32_t example, std::span<float> out) const {
  Random(seed).at("draw", draw_).at("layer", layer, example).normal(out);
}

PlainStep::PlainStep(const Problem& problem, std::span<float> w, std::uint64_t index,
                     double schedule)
    : problem_(problem), w_(w), start_(w.size()), index_(index), schedule_(schedule) {
  problem.initialize(Random(seed).at("init"), start_);
}

void PlainStep::cut(const At& at, std::size_t examples,
                    const std::function<void(PlainMicroBatch&, std::size_t)>& f) {
  ++questions_;
  require_length_or_none("At", "parameters", at.parameters.size(), dimension());
  require_length_or_none("At", "variances", at.variances.size(), dimension());
  if (!at.variances.empty() && !problem_.takes_variances()) {
    throw Error("At::variances", "this problem does not take variances of its weights");
  }
  const auto indices = batch_indices(problem_, index_);
  const PlainNoise noise(at.draw);
  const bool plain = at.variances.empty() && (at.draw == 0 || at.draw == At::no_noise);
  const std::span<const float> w = at.parameters.empty() ? w_ : at.parameters;
  const std::size_t count = (indices.size() + examples - 1) / examples;
  for (std::size_t turn = 0; turn < count; ++turn) {
    const std::size_t k = backwards_ ? count - 1 - turn : turn;
    const std::size_t first = k * examples;
    PlainMicroBatch part(problem_, w,
                         part_of(indices, first, std::min(examples, indices.size() - first)),
                         Random(seed).at("micro", index_).at("place", k));
    part.under(at.variances, plain ? nullptr : &noise);
    f(part, k);
  }
}

double PlainStep::gradient(const At& at, std::span<float> out, std::span<float> by_variance) {
  require_length("gradient", "out", out.size(), dimension());
  require_length_or_none("gradient", "by_variance", by_variance.size(), dimension());
  double value = 0;
  cut(at, batch_examples, [&](PlainMicroBatch& all, std::size_t) {
    value = all.gradient(problem_.loss(), out);
    if (!by_variance.empty()) all.variance_gradient(by_variance);
  });
  scale(out, factor_);
  scale(by_variance, factor_);
  return factor_ * value;
}

double PlainStep::value(const At& at) {
  double value = 0;
  cut(at, batch_examples,
      [&](PlainMicroBatch& all, std::size_t) { value = all.value(problem_.loss()); });
  return factor_ * value;
}

void PlainStep::hessian_vector(const At& at, std::span<const float> v, std::span<float> out) {
  cut(at, batch_examples,
      [&](PlainMicroBatch& all, std::size_t) { all.hessian_vector(problem_.loss(), v, out); });
  scale(out, factor_);
}

std::size_t PlainStep::micro_batches() const noexcept { return batch_examples / micro_examples; }

void PlainStep::for_each_micro_batch(const At& at,
                                     const std::function<void(MicroBatch&, std::size_t)>& f) {
  ++questions_in_parts_;
  cut(at, micro_examples, f);
}

void PlainStep::mean_over(const At& at, std::size_t examples, const MicroBatchTerm& f,
                          std::span<float> out) {
  ++questions_in_parts_;
  std::vector<Vector> terms(batch_examples);  // added in their own order, however they come
  std::vector<double> weights(batch_examples);
  cut(at, examples > 0 ? examples : micro_examples, [&](PlainMicroBatch& part, std::size_t k) {
    terms[k].assign(out.size(), std::numeric_limits<float>::quiet_NaN());
    f(part, k, terms[k]);
    weights[k] = static_cast<double>(part.size()) / static_cast<double>(batch_examples);
  });
  std::vector<double> sums(out.size());
  for (std::size_t k = 0; k < batch_examples && weights[k] > 0; ++k) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += weights[k] * double{terms[k][i]};
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(sums[i]);
}

bool PlainStep::start_is_whole() const {
  Vector start(start_.size());
  problem_.initialize(Random(seed).at("init"), start);
  return start == start_;
}

double PlainStep::epoch() const noexcept {
  return static_cast<double>(index_ * batch_examples) / static_cast<double>(training_examples());
}

std::size_t PlainStep::batch_size() const noexcept { return batch_examples; }

std::size_t PlainStep::training_examples() const noexcept { return problem_.examples(Part::train); }

Random PlainStep::random(std::string_view purpose) const {
  has_drawn_ = true;
  return Random(seed).at(purpose, index_);
}

void PlainSnapshot::for_each_micro_batch(const Sample& sample,
                                         const std::function<void(MicroBatch&, std::size_t)>& f) {
  const std::size_t available = problem_.examples(sample.part);
  if (sample.part == Part::test) throw Error("probe", "asks for the test part: no probe sees it");
  if (sample.size == 0 || available == 0 || sample.count > available / sample.size) {
    throw Error("probe", fmt::format("asks for {} micro-batches of {} examples, there are {}",
                                     sample.count, sample.size, available));
  }
  require_length_or_none("Sample::at", "parameters", sample.at.parameters.size(), w_.size());
  if (!sample.at.variances.empty() && !problem_.takes_variances()) {
    throw Error("At::variances", "this problem does not take variances of its weights");
  }
  if (sample.ones && !problem_.takes_ones()) {
    throw Error("Sample::ones", "this problem has no inputs that could all be 1");
  }
  asked_ += fmt::format("{} {} {} {} {} {} {}; ", sample.size, sample.count, sample.augmented,
                        sample.fixed, static_cast<int>(sample.part), static_cast<int>(sample.mode),
                        sample.ones);
  const Random key = sample.fixed ? Random(seed) : random("sample");
  std::vector<std::uint32_t> order = drawn_without_repeats(available, key.at("order"));
  if (sample.count == 0) std::ranges::sort(order);
  if (sample.count > 0) order.resize(sample.size * sample.count);
  const std::size_t count = (order.size() + sample.size - 1) / sample.size;
  const PlainNoise noise(sample.at.draw);
  const std::span<const float> w = sample.at.parameters.empty() ? w_ : sample.at.parameters;
  const auto ask = [&](std::size_t k, const std::function<void()>& after_question) {
    const std::size_t first = k * sample.size;
    PlainMicroBatch part(problem_, w,
                         part_of(order, first, std::min(sample.size, order.size() - first)),
                         random("micro").at("place", k), sample.mode, sample.part);
    part.at_place({k, count, 1}).with_ones(sample.ones).after_questions(after_question);
    part.under(sample.at.variances, sample.at.draw == At::no_noise ? nullptr : &noise);
    f(part, k);
  };
  std::vector<std::uint32_t> turns(count);
  std::iota(turns.begin(), turns.end(), 0U);
  if (order_ > 0) Random(seed).at("turns", order_).shuffle(turns);
  for (std::size_t k = 0; k < count; ++k) {
    if (!in_pairs_ || k + 1 == count) {
      ask(turns[k], [] {});
      continue;
    }
    Lockstep together;
    const auto meet = [&together] { together.meet(); };
    side_by_side(
        together, [&, k] { ask(k, meet); }, [&, k] { ask(k + 1, meet); });
    ++k;
  }
}

void PlainSnapshot::mean_over(
    const Sample& sample, const std::function<void(MicroBatch&, std::size_t, std::span<float>)>& f,
    std::span<float> out) {
  struct Term {
    std::size_t k;
    double examples;
    Vector values;
  };
  std::vector<Term> terms;
  std::mutex mutex;
  for_each_micro_batch(sample, [&](MicroBatch& micro_batch, std::size_t k) {
    Vector term(out.size(), std::numeric_limits<float>::quiet_NaN());
    f(micro_batch, k, term);
    const std::lock_guard lock(mutex);
    terms.push_back({k, static_cast<double>(micro_batch.size()), std::move(term)});
  });
  std::ranges::sort(terms, {}, &Term::k);
  std::vector<double> sum(out.size());
  double examples = 0;
  for (const Term& term : terms) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += term.examples * double{term.values[i]};
    examples += term.examples;
  }
  for (std::size_t i = 0; i < sum.size(); ++i) out[i] = static_cast<float>(sum[i] / examples);
}

Random PlainSnapshot::random(std::string_view purpose) const {
  return Random(seed).at(purpose, step());
}

}  // namespace gapbench::plugin::conformance
