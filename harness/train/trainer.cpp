#include "train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/float_mode.h"
#include "core/lengths.h"
#include "core/state.h"
#include "gapbench/error.h"
#include "train/evaluation.h"
#include "train/problems.h"
#include "train/snapshot.h"
#include "train/statistics.h"

namespace gapbench::train {
namespace {

std::size_t micro_batch_of(const TrialSettings& settings) {
  return settings.micro_batch > 0 ? settings.micro_batch : default_micro_batch;
}

std::size_t capacity_of(const TrialSettings& settings) {
  const std::size_t micro_batch = micro_batch_of(settings);
  const bool at_most = settings.batch == 0 || settings.batch_growth;
  return std::max(at_most ? micro_batch : std::min(micro_batch, settings.batch),
                  default_micro_batch);
}

/// Once the key of the one probe that published records hold, so that those repeat.
constexpr const char* sample_key = "probe gradient_norm";

/// A snapshot does not know who asks.
Error named(const Error& error, const std::string& probe) {
  const std::string anybody = "probe: ";
  const std::string text = error.what();
  if (!text.starts_with(anybody)) return error;
  return {"probe " + probe, text.substr(anybody.size())};
}

float distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = double{a[i]} - double{b[i]};
    sum += difference * difference;
  }
  return static_cast<float>(std::sqrt(sum));
}

bool is_finite(const PartMetrics& metrics) { return std::isfinite(metrics.loss); }

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float x) { return std::isfinite(x); });
}

}  // namespace

std::size_t dimension_of(const Problem& problem) {
  std::size_t dimension = 0;
  for (const TensorInfo& tensor : problem.tensors()) dimension += tensor.size;
  return dimension;
}

Trainer::Trainer(const TrialSettings& settings, const Problem& problem, Method method,
                 CostMeter& meter, const Observer& observer)
    : settings_(settings),
      problem_(problem),
      method_(std::move(method)),
      meter_(meter),
      observer_(observer),
      random_(settings.seed),
      calendar_(settings, problem.examples(Part::train)),
      batches_(calendar_, problem.examples(Part::train), random_, settings.sampling),
      steps_(calendar_.steps(settings.budget)),
      times_(settings, calendar_),
      schedule_(settings.schedule, steps_, calendar_),
      parameters_(dimension_of(problem)),
      initial_(parameters_.size()),
      team_(problem, settings.threads, parameters_.size(), capacity_of(settings)),
      objective_(problem, team_, method_.penalties, micro_batch_of(settings), settings.data.augment,
                 random_, parameters_, initial_),
      evaluation_point_(problem.make_point()),
      predictor_(settings, problem, *method_.optimizer, std::move(method_.posterior),
                 method_.penalties, {steps_, calendar_}) {
  problem.initialize(start_random(settings.seed), parameters_);
  std::ranges::copy(parameters_, initial_.begin());
  if (observer_.moved) previous_ = parameters_;
  if (observer_.predictions) predictor_.keep_probabilities();
  outcome_.steps = steps_;
  outcome_.dimension = parameters_.size();
  outcome_.training_examples = problem.examples(Part::train);
}

void Trainer::start_from(std::span<const float> end) {
  require_length("start", "the end of the other trial", end.size(),
                 parameters_.size() + problem_.buffers().size());
  std::ranges::copy(end.first(parameters_.size()), parameters_.begin());
  objective_.start_statistics(end.subspan(parameters_.size()));
  if (observer_.moved) previous_ = parameters_;
}

void Trainer::go_on(Continuation from) {
  StateReader reader("checkpoint", from.state);
  Cost before;
  archive(reader, before);
  reader.finish();
  if (done_ == 0 || done_ > steps_) {
    throw Error("checkpoint", fmt::format("is of step {}, must be 1 to {}", done_, steps_));
  }
  meter_.add(before);
  train_passes_ = before.train_passes;
  probe_passes_ = before.probe_passes;
  outcome_.final = std::move(from.last);
  if (observer_.moved) previous_ = parameters_;
}

/// All that the next step depends on and all that is summed up: what is keyed by seed and step
/// (order, augmentation, noise) need not be kept.
void Trainer::archive(State& state, Cost& cost) {
  state.field("step", done_);
  state.field("parameters", parameters_);
  objective_.archive(state);
  state.field("objective_sum", objective_sum_);
  state.field("objective_count", objective_count_);
  times_.archive(state);
  PrefixedState costs(state, "cost.");
  train::archive(costs, cost);
  PrefixedState optimizer(state, "optimizer.");
  method_.optimizer->archive(optimizer);
}

void Trainer::save() {
  const Booked booked(meter_, &Cost::checkpoint);
  StateWriter writer(settings_.optimizer.name);
  Cost so_far = cost();
  archive(writer, so_far);
  observer_.checkpoint(done_, writer.blob());
}

Outcome Trainer::run() {
  if (done_ == 0) {
    evaluate(steps_ == 0);
    if (outcome_.status == Status::ok && steps_ > 0) rehearse();
  }
  while (outcome_.status == Status::ok && done_ < steps_) {
    if (observer_.interrupted && observer_.interrupted()) {
      if (observer_.checkpoint && done_ > 0) save();
      end(Status::interrupted, "stopped by a signal");
      break;
    }
    if (observer_.checkpoint_due && done_ > 0 && observer_.checkpoint_due()) save();
    step();
    if (observer_.stepped) observer_.stepped(done_, steps_);
    if (outcome_.status == Status::ok && is_evaluation_due()) evaluate(done_ == steps_);
  }
  if (outcome_.status == Status::ok && observer_.end_point) {
    observer_.end_point(problem_, point(), running_statistics_);
  }
  outcome_.cost = cost();
  return outcome_;
}

void Trainer::step() {
  const Booked booked(meter_, &Cost::train);
  objective_.begin({.index = done_,
                    .epoch = calendar_.epochs_before(done_),
                    .schedule = schedule_.factor(done_),
                    .epoch_number = calendar_.epoch_of(done_),
                    .examples = batches_.of(done_)});
  const PassCounts before = team_.counts();
  method_.watch->begin(done_);
  FloatModeGuard mode;
  method_.optimizer->step(objective_);
  mode.require_unchanged(fmt::format("{}, step {}", settings_.optimizer.name, done_));
  const PassCounts asked = team_.counts() - before;
  if (asked.forward == 0) {
    throw Error(settings_.optimizer.name, fmt::format("asked nothing in step {}", done_));
  }
  train_passes_ = train_passes_ + asked;
  const auto value = objective_.first_value();
  if (value && !std::isfinite(*value)) {
    diverge(fmt::format("objective not finite in step {}", done_));
    return;  // done_ stays at the step whose result was not finite
  }
  objective_sum_ += value.value_or(0);
  objective_count_ += value ? 1 : 0;
  ++done_;
  times_.took(done_, objective_.first_loss());
  if (!observer_.moved) return;
  observer_.moved(distance(parameters_, previous_));
  previous_ = parameters_;
}

bool Trainer::is_evaluation_due() const {
  return done_ == steps_ || is_multiple(settings_.evaluate_every) || times_.is_due() ||
         predictor_.is_due(done_, false) ||
         std::ranges::any_of(method_.probes,
                             [this](const PlannedProbe& p) { return is_multiple(p.every); });
}

bool Trainer::is_multiple(const std::optional<Length>& every) const {
  return every && calendar_.is_multiple(done_, *every);
}

void Trainer::evaluate(bool last) {
  Evaluation e;
  e.step = done_;
  e.epoch = calendar_.epochs_before(done_);
  if (objective_count_ > 0) e.objective = objective_sum_ / static_cast<double>(objective_count_);
  objective_sum_ = 0;
  objective_count_ = 0;
  if (!all_finite(parameters_) || !all_finite(point())) {
    diverge(fmt::format("parameters are not finite after {} steps", done_));
    return;
  }
  std::vector<ExampleOutcome> outcomes;
  {
    const Booked booked(meter_, &Cost::evaluate);
    evaluation_point_->assign(point());
    running_statistics_ = statistics();
    evaluation_point_->assign_buffers(running_statistics_);
    const auto part = [&](Part p) -> std::optional<PartMetrics> {
      if (problem_.examples(p) == 0) return std::nullopt;
      return train::evaluate(problem_, team_, *evaluation_point_, p,
                             p == Part::test ? std::span(outcomes) : std::span<ExampleOutcome>());
    };
    e.train = part(Part::train).value();
    if (times_.ends_at(e.train.loss)) {
      outcome_.steps = steps_ = done_;
      last = true;
    }
    if (last && observer_.outcomes) outcomes.resize(problem_.examples(Part::test));
    e.validation = part(Part::validation);
    if (!settings_.tuning) e.test = part(Part::test);
  }
  if (!is_finite(e.train)) {
    end(Status::diverged, fmt::format("training loss not finite after {} steps", done_));
    return;
  }
  e.schedule = schedule_.factor(last && done_ > 0 ? done_ - 1 : done_);
  e.predictive = predict(last);
  e.probes = measure(last);
  if (e.test && e.test->accuracy && !outcomes.empty()) observer_.outcomes(outcomes);
  if (last && !predictor_.probabilities().empty()) {
    observer_.predictions(predictor_.probabilities());
  }
  e.cost = cost();
  if (observer_.evaluated) observer_.evaluated(e);
  outcome_.step = done_;
  outcome_.final = std::move(e);
}

// What the method stands for after the steps so far.
std::span<const float> Trainer::point() const {
  const std::span<const float> stands_for = method_.optimizer->evaluated();
  if (stands_for.empty()) return parameters_;
  require_length(settings_.optimizer.name, "evaluated()", stands_for.size(), parameters_.size());
  return stands_for;
}

// The moving averages are those of the point that is trained at.
bool Trainer::measures_statistics() const {
  if (problem_.buffers().empty()) return false;
  return settings_.running_statistics == RunningStatistics::reestimate ||
         !method_.optimizer->evaluated().empty();
}

// As the last step had them.
std::size_t Trainer::micro_batch_now() const {
  return std::min(micro_batch_of(settings_), calendar_.batch_of(done_ > 0 ? done_ - 1 : 0));
}

// Of evaluation_point_.
std::vector<float> Trainer::statistics() {
  if (!measures_statistics()) {
    const auto moving = objective_.running_statistics();
    return {moving.begin(), moving.end()};
  }
  return measure_statistics(problem_, team_, *evaluation_point_, micro_batch_now());
}

std::optional<Predictive> Trainer::predict(bool last) {
  drawn_ = nullptr;
  if (!predictor_.is_due(done_, last)) return std::nullopt;
  FloatModeGuard mode;
  std::optional<Predictive> predictive;
  try {
    predictive = predictor_.predict(team_, stand(last), meter_, train_passes_);
  } catch (const Error& e) {
    if (done_ == 0) throw;  // nothing is lost yet
    outcome_.notes.push_back(fmt::format("nothing was predicted at step {}: {}", done_, e.what()));
  }
  mode.require_unchanged("posterior");
  if (predictive) drawn_ = predictor_.posterior();
  return predictive;
}

Predictor::Stand Trainer::stand(bool last) const {
  return {.last = last, .micro_batch = micro_batch_now(), .moment = moment("posterior")};
}

// What the last evaluation was of.
TrialSnapshot::Moment Trainer::moment(const std::string& who) const {
  return {.parameters = point(),
          .initial = initial_,
          .step = done_,
          .random = random_.at(who),
          .sample = random_.at(sample_key),
          .running_statistics = running_statistics_,
          .penalties = &method_.penalties};
}

std::vector<ProbeValue> Trainer::measure(bool last) {
  const Booked booked(meter_, &Cost::probe);
  std::vector<ProbeValue> values;
  const PassCounts before = team_.counts();
  for (PlannedProbe& planned : method_.probes) {
    if (!last && !is_multiple(planned.every)) continue;
    const std::size_t kept = values.size();
    const auto refused = ask(planned, *planned.probe, values).refused;
    if (!refused) continue;
    if (done_ == 0) throw *refused;  // nothing is lost yet
    values.resize(kept);
    outcome_.notes.push_back(fmt::format("probe {} measured nothing at step {}: {}", planned.name,
                                         done_, refused->what()));
  }
  probe_passes_ = probe_passes_ + (team_.counts() - before);
  return values;
}

Trainer::Answer Trainer::ask(const PlannedProbe& planned, Probe& probe,
                             std::vector<ProbeValue>& values, std::size_t most_micro_batches) {
  TrialSnapshot::Moment here = moment("probe " + planned.name);
  here.posterior = drawn_;
  here.most_micro_batches = most_micro_batches;
  TrialSnapshot snapshot(problem_, team_, here);
  ProbeMetrics metrics(planned.name, values);
  Answer answer;
  FloatModeGuard mode;
  try {
    probe.measure(snapshot, metrics);
  } catch (const Error& e) {
    answer.refused = named(e, planned.name);
  }
  mode.require_unchanged(planned.name);
  answer.seconds_left_out = snapshot.seconds_left_out();
  return answer;
}

// Not counted as work: it is none of the trial's numbers.
void Trainer::rehearse() {
  {
    const Booked booked(meter_, &Cost::evaluate);
    predictor_.rehearse(team_, stand(false));
  }
  const Booked booked(meter_, &Cost::probe);
  for (const PlannedProbe& planned : method_.probes) {
    if (planned.rehearsal == nullptr || planned.every.has_value()) continue;
    std::vector<ProbeValue> values;
    const Answer answer = ask(planned, *planned.rehearsal, values, rehearsed_micro_batches);
    if (answer.refused) throw *answer.refused;
  }
}

Cost Trainer::cost() {
  Cost cost = meter_.read();
  cost.train_passes = train_passes_;
  cost.probe_passes = probe_passes_;
  for (PassCounts* passes : {&cost.train_passes, &cost.probe_passes}) {
    passes->flops = flops_of(*passes, problem_.flops());
  }
  return cost;
}

void Trainer::end(Status status, std::string reason) {
  outcome_.status = status;
  outcome_.reason = std::move(reason);
  outcome_.step = done_;
}

// With the term that is to blame, where there is more than one.
void Trainer::diverge(std::string reason) {
  const std::string spoiler = method_.watch->spoiler();
  end(Status::diverged, spoiler.empty() ? std::move(reason) : reason + ": " + spoiler);
}

}  // namespace gapbench::train
