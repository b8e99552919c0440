#include "train/objective.h"

#include <algorithm>

#include "core/lengths.h"
#include "gapbench/error.h"
#include "gapbench/numeric.h"
#include "train/mixed_loss.h"

namespace gapbench::train {

Objective::Objective(const Problem& problem, Team& team, const std::vector<Penalty>& penalties,
                     std::size_t micro_batch, bool augmented, Random random,
                     std::span<float> parameters, std::span<const float> initial)
    : problem_(problem),
      team_(team),
      penalties_(penalties),
      micro_batch_(micro_batch),
      augmented_(augmented),
      random_(random),
      parameters_(parameters),
      initial_(initial),
      noise_(problem.noise_sites(), penalties, random),
      point_(problem.make_point()),
      running_(problem.buffers().begin(), problem.buffers().end()) {
  for (const Penalty& penalty : penalties_) {
    if ((penalty.hooks & hook_loss) == 0) continue;
    heads_.push_back(penalty.regularizer->replace_loss(loss()));
    loss_ = heads_.back().get();
  }
  const auto mixes = [](const Penalty& p) { return (p.hooks & hook_mixing) != 0; };
  if (std::ranges::none_of(penalties_, mixes)) return;
  heads_.push_back(std::make_unique<MixedLoss>(loss()));
  loss_ = heads_.back().get();
}

void Objective::begin(const Place& place) {
  place_ = place;
  noise_.mix_within(place.examples);
  first_value_.reset();
  first_loss_.reset();
  parts_.clear();
  for (std::size_t first = 0; first < place.examples.size(); first += micro_batch_) {
    const std::size_t size = std::min(micro_batch_, place.examples.size() - first);
    parts_.push_back(examples(place.examples.subspan(first, size)));
  }
  values_.assign(parts_.size(), 0);
  losses_.assign(parts_.size(), 0);
  measured_.resize(parts_.size() * running_.size());
  is_measured_.assign(parts_.size(), 0);
  folded_ = false;
}

Examples Objective::examples(std::span<const std::uint32_t> indices) const {
  return {Part::train, indices, augmented_, place_.epoch_number, noise_source_};
}

double Objective::weight(std::size_t k) const {
  return static_cast<double>(parts_[k].indices.size()) / static_cast<double>(batch_size());
}

// Where the question is asked: the point, and the noise of every part.
void Objective::go_to(const At& at) {
  require_length_or_none("At", "parameters", at.parameters.size(), dimension());
  require_length_or_none("At", "variances", at.variances.size(), dimension());
  has_variances_ = !at.variances.empty();
  if (has_variances_) require_variances_possible();
  team_.within([&] { point_->assign(at.parameters.empty() ? parameters_ : at.parameters); });
  if (problem_.takes_variances()) point_->assign_variances(at.variances);
  noise_source_ =
      has_variances_ ? noise_.with_normals(index(), at.draw) : noise_.at(index(), at.draw);
  for (Examples& part : parts_) part.noise = noise_source_;
}

void Objective::require_variances_possible() const {
  if (!problem_.takes_variances()) {
    throw Error(
        "At::variances",
        "this problem does not take variances of its weights, as networks in f32 do; draw the "
        "weights themselves (estimate: weights)");
  }
  for (const Penalty& penalty : penalties_) {
    if ((penalty.hooks & (hook_micro_batch | hook_mini_batch)) == 0) continue;
    throw Error("At::variances", "cannot be asked for beside a penalty on micro-batches");
  }
}

OracleMicroBatch Objective::question(Slot& slot, std::size_t k) const {
  return {slot,
          problem_,
          *point_,
          parts_[k],
          Mode::training,
          random_.at("micro_batch", index(), k),
          {.step_random = random_.at("step", index()),
           .place = {k, parts_.size(), place_.schedule},
           .loss = loss_,
           .has_variances = has_variances_}};
}

// One whose first forward is a training pass, and whose gradient the penalties may want again.
OracleMicroBatch Objective::measuring_question(Slot& slot, std::size_t k) {
  std::span<float> statistics;
  if (!folded_) statistics = std::span(measured_).subspan(k * running_.size(), running_.size());
  return {slot,
          problem_,
          *point_,
          parts_[k],
          Mode::training,
          random_.at("micro_batch", index(), k),
          {.step_random = random_.at("step", index()),
           .place = {k, parts_.size(), place_.schedule},
           .statistics = statistics,
           .repeats_gradient = std::ranges::any_of(
               penalties_, [this](const Penalty& p) { return shares_micro_batch(p); }),
           .loss = loss_,
           .has_variances = has_variances_}};
}

double Objective::gradient(const At& at, std::span<float> out, std::span<float> by_variance) {
  require_length("gradient", "out", out.size(), dimension());
  require_length_or_none("gradient", "by_variance", by_variance.size(), dimension());
  go_to(at);
  if (!by_variance.empty() && !has_variances_) {
    throw Error("gradient", "by variances is asked for without At::variances");
  }
  const auto weight_of = [this](std::size_t k) { return weight(k); };
  const std::size_t d = dimension();
  const auto term_of = [this, d](Slot& slot, std::size_t k, std::span<float> term) {
    OracleMicroBatch micro_batch = measuring_question(slot, k);
    const auto g = term.first(d);
    losses_[k] = micro_batch.gradient(loss(), g);
    if (term.size() > d) micro_batch.variance_gradient(term.last(d));
    is_measured_[k] = 1;
    values_[k] = losses_[k] + micro_batch_penalties(micro_batch, g);
  };
  if (by_variance.empty()) {
    team_.sum(parts_.size(), weight_of, term_of, out);
  } else {
    both_.resize(2 * d);
    team_.sum(parts_.size(), weight_of, term_of, both_);
    std::ranges::copy(std::span(both_).first(d), out.begin());
    std::ranges::copy(std::span(both_).last(d), by_variance.begin());
  }
  fold_statistics();
  const double value = ordered_sum(values_) + mini_batch_penalties(out) + parameter_penalties(out);
  if (!first_value_) {
    first_value_ = value;
    first_loss_ = ordered_sum(losses_);
  }
  return value;
}

double Objective::value(const At& at) {
  go_to(at);
  team_.for_each(parts_.size(), [this](Slot& slot, std::size_t k) {
    OracleMicroBatch micro_batch = question(slot, k);
    values_[k] = micro_batch.value(loss()) + micro_batch_penalties(micro_batch, {});
  });
  return ordered_sum(values_) + mini_batch_penalties({}) + parameter_penalties({});
}

void Objective::hessian_vector(const At& at, std::span<const float> v, std::span<float> out) {
  require_length("hessian_vector", "v", v.size(), dimension());
  require_length("hessian_vector", "out", out.size(), dimension());
  go_to(at);
  const auto weight_of = [this](std::size_t k) { return weight(k); };
  team_.sum(
      parts_.size(), weight_of,
      [&](Slot& slot, std::size_t k, std::span<float> hv) {
        question(slot, k).hessian_vector(loss(), v, hv);
      },
      out);
}

void Objective::for_each_micro_batch(const At& at,
                                     const std::function<void(MicroBatch&, std::size_t)>& f) {
  go_to(at);
  team_.for_each(parts_.size(), [&](Slot& slot, std::size_t k) {
    OracleMicroBatch micro_batch = measuring_question(slot, k);
    f(micro_batch, k);
    if (micro_batch.has_measured()) is_measured_[k] = 1;
  });
  fold_statistics();
}

void Objective::mean_over(const At& at, std::size_t examples, const MicroBatchTerm& f,
                          std::span<float> out) {
  go_to(at);
  mini_batch().mean_of(examples > 0 ? examples : micro_batch_, OracleMiniBatch::Writer(f), out);
}

OracleMiniBatch Objective::mini_batch() {
  return OracleMiniBatch({problem_, team_, groups_, *point_, examples(place_.examples),
                          micro_batch_, place_.schedule, random_.at("step", index()), loss_,
                          has_variances_});
}

void Objective::fold_statistics() {
  if (folded_ || std::ranges::count(is_measured_, 1) == 0) return;
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    if (is_measured_[k] == 0) continue;
    const auto s = std::span(measured_).subspan(k * running_.size(), running_.size());
    for (std::size_t i = 0; i < s.size(); ++i) {
      running_[i] = normal_or_zero((1 - momentum) * running_[i] + momentum * s[i]);
    }
  }
  folded_ = true;
}

double Objective::micro_batch_penalties(MicroBatch& micro_batch, std::span<float> gradient) const {
  double sum = 0;
  for (const Penalty& penalty : penalties_) {
    if (!shares_micro_batch(penalty)) continue;
    sum += penalty.regularizer->penalize_micro_batch(micro_batch, gradient);
  }
  return sum;
}

// Its penalty is asked in the same visit as the loss, and shares its activations.
bool Objective::shares_micro_batch(const Penalty& penalty) const {
  if ((penalty.hooks & hook_micro_batch) == 0) return false;
  const std::size_t own = penalty.regularizer->micro_batch();
  return own == 0 || own == micro_batch_;
}

double Objective::mini_batch_penalties(std::span<float> gradient) {
  OracleMiniBatch all = mini_batch();
  double sum = 0;
  for (const Penalty& penalty : penalties_) {
    const Regularizer& r = *penalty.regularizer;
    if ((penalty.hooks & hook_micro_batch) != 0 && !shares_micro_batch(penalty)) {
      sum += all.mean_over(
          r.micro_batch(),
          [&r](MicroBatch& m, std::span<float> g) { return r.penalize_micro_batch(m, g); },
          gradient);
    }
    if ((penalty.hooks & hook_mini_batch) != 0) sum += r.penalize_mini_batch(all, gradient);
  }
  return sum;
}

double Objective::parameter_penalties(std::span<float> gradient) const {
  double sum = 0;
  for (const Penalty& penalty : penalties_) {
    if ((penalty.hooks & hook_parameters) == 0) continue;
    sum +=
        penalty.regularizer->penalize_parameters({point_->values(), problem_.tensors()}, gradient);
  }
  return sum;
}

double Objective::ordered_sum(std::span<const double> values) const {
  double sum = 0;
  for (std::size_t k = 0; k < parts_.size(); ++k) sum += weight(k) * values[k];
  return sum;
}

}  // namespace gapbench::train
