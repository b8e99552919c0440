#include "train/objective.h"

#include <algorithm>

namespace gapbench::train {

Objective::Objective(const Problem& problem, Team& team, const std::vector<Penalty>& penalties,
                     std::size_t micro_batch, bool augmented, Random random,
                     std::span<float> parameters)
    : problem_(problem),
      team_(team),
      penalties_(penalties),
      micro_batch_(micro_batch),
      augmented_(augmented),
      random_(random),
      parameters_(parameters),
      noise_(problem.noise_sites(), penalties, random),
      point_(problem.make_point()),
      running_(problem.buffers().begin(), problem.buffers().end()) {}

void Objective::begin(const Place& place) {
  place_ = place;
  first_value_.reset();
  noise_source_ = noise_.begin(place.index);
  parts_.clear();
  for (std::size_t first = 0; first < place.examples.size(); first += micro_batch_) {
    const std::size_t size = std::min(micro_batch_, place.examples.size() - first);
    parts_.push_back(examples(place.examples.subspan(first, size)));
  }
  values_.assign(parts_.size(), 0);
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

OracleMicroBatch Objective::question(Slot& slot, std::size_t k) const {
  return {
      slot,
      problem_,
      *point_,
      parts_[k],
      Mode::training,
      random_.at("micro_batch", index(), k),
      {.step_random = random_.at("step", index()), .place = {k, parts_.size(), place_.schedule}}};
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
               penalties_, [this](const Penalty& p) { return shares_micro_batch(p); })}};
}

double Objective::gradient(std::span<float> out) { return gradient_at(parameters_, out); }

double Objective::gradient_at(std::span<const float> w, std::span<float> out) {
  point_->assign(w);
  const auto weight_of = [this](std::size_t k) { return weight(k); };
  team_.sum(
      parts_.size(), weight_of,
      [this](Slot& slot, std::size_t k, std::span<float> g) {
        OracleMicroBatch micro_batch = measuring_question(slot, k);
        values_[k] = micro_batch.gradient(problem_.loss(), g);
        is_measured_[k] = 1;
        values_[k] += micro_batch_penalties(micro_batch, g);
      },
      out);
  fold_statistics();
  const double value = ordered_sum() + mini_batch_penalties(out) + parameter_penalties(w, out);
  if (!first_value_) first_value_ = value;
  return value;
}

double Objective::value_at(std::span<const float> w) {
  point_->assign(w);
  team_.for_each(parts_.size(), [this](Slot& slot, std::size_t k) {
    OracleMicroBatch micro_batch = question(slot, k);
    values_[k] = micro_batch.value(problem_.loss()) + micro_batch_penalties(micro_batch, {});
  });
  return ordered_sum() + mini_batch_penalties({}) + parameter_penalties(w, {});
}

void Objective::hessian_vector(std::span<const float> v, std::span<float> out) {
  point_->assign(parameters_);
  const auto weight_of = [this](std::size_t k) { return weight(k); };
  team_.sum(
      parts_.size(), weight_of,
      [&](Slot& slot, std::size_t k, std::span<float> hv) {
        question(slot, k).hessian_vector(problem_.loss(), v, hv);
      },
      out);
}

void Objective::for_each_micro_batch(const std::function<void(MicroBatch&, std::size_t)>& f) {
  point_->assign(parameters_);
  team_.for_each(parts_.size(), [&](Slot& slot, std::size_t k) {
    OracleMicroBatch micro_batch = measuring_question(slot, k);
    f(micro_batch, k);
    if (micro_batch.has_measured()) is_measured_[k] = 1;
  });
  fold_statistics();
}

void Objective::fold_statistics() {
  if (folded_ || std::ranges::count(is_measured_, 1) == 0) return;
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    if (is_measured_[k] == 0) continue;
    const auto s = std::span(measured_).subspan(k * running_.size(), running_.size());
    for (std::size_t i = 0; i < s.size(); ++i) {
      running_[i] = (1 - momentum) * running_[i] + momentum * s[i];
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
  OracleMiniBatch mini_batch({problem_, team_, groups_, *point_, examples(place_.examples),
                              micro_batch_, place_.schedule, random_.at("step", index())});
  double sum = 0;
  for (const Penalty& penalty : penalties_) {
    const Regularizer& r = *penalty.regularizer;
    if ((penalty.hooks & hook_micro_batch) != 0 && !shares_micro_batch(penalty)) {
      sum += mini_batch.mean_over(
          r.micro_batch(),
          [&r](MicroBatch& m, std::span<float> g) { return r.penalize_micro_batch(m, g); },
          gradient);
    }
    if ((penalty.hooks & hook_mini_batch) != 0) sum += r.penalize_mini_batch(mini_batch, gradient);
  }
  return sum;
}

double Objective::parameter_penalties(std::span<const float> w, std::span<float> gradient) const {
  double sum = 0;
  for (const Penalty& penalty : penalties_) {
    if ((penalty.hooks & hook_parameters) == 0) continue;
    sum += penalty.regularizer->penalize_parameters({w, problem_.tensors()}, gradient);
  }
  return sum;
}

double Objective::ordered_sum() const {
  double sum = 0;
  for (std::size_t k = 0; k < parts_.size(); ++k) sum += weight(k) * values_[k];
  return sum;
}

}  // namespace gapbench::train
