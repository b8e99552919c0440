// What a trial comes to: numbers of a point, costs, and how it ended.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gapbench::train {

/// Loss and error of one part: evaluation mode, no augmentation, no penalties, the problem's loss.
struct PartMetrics {
  double loss = 0;
  std::optional<double> accuracy;  ///< fraction correct; nothing for regression
  std::size_t examples = 0;
};

/// Predictions of about one confidence, the largest of the probabilities: see predict().
struct CalibrationBin {
  std::size_t examples = 0;
  double confidence = 0;  ///< mean over the examples; 0 where there are none
  double accuracy = 0;    ///< the same
};

/// How good the predictions of one part are, see predict(); a point is one draw. Empty: has no
/// meaning there.
struct PartPrediction {
  std::size_t examples = 0;
  std::size_t draws = 0;
  std::optional<double> nll, accuracy, brier, ece, entropy, mutual_information, gibbs_loss,
      gibbs_error, rmse;
  std::vector<CalibrationBin> bins{};  ///< those of ece, in order; empty: none, or not kept
};

/// Every score with its name in files.
struct NamedScore {
  const char* name;
  std::optional<double> PartPrediction::*score;
};
inline constexpr std::array<NamedScore, 9> prediction_scores{{
    {"nll", &PartPrediction::nll},
    {"accuracy", &PartPrediction::accuracy},
    {"brier", &PartPrediction::brier},
    {"ece", &PartPrediction::ece},
    {"entropy", &PartPrediction::entropy},
    {"mutual_information", &PartPrediction::mutual_information},
    {"gibbs_loss", &PartPrediction::gibbs_loss},
    {"gibbs_error", &PartPrediction::gibbs_error},
    {"rmse", &PartPrediction::rmse},
}};

/// What one test example got.
struct ExampleOutcome {
  std::int32_t label = 0;
  std::int32_t predicted = 0;  ///< the class of the largest output; the lowest of equals
  float probability = 0;       ///< of the label: softmax of the outputs
};

/// What was asked of the oracle, in examples. A gradient is one forward and one backward.
struct PassCounts {
  double forward = 0;
  double backward = 0;
  double tangent_forward = 0;
  double tangent_backward = 0;
  double flops = 0;  ///< a multiply-add is 2, from the layers' own shapes
};
PassCounts operator+(const PassCounts& a, const PassCounts& b);
PassCounts operator-(const PassCounts& a, const PassCounts& b);

/// Every count with its name in files; what reads, writes or adds counts goes over this.
struct NamedCount {
  const char* name;
  double PassCounts::*count;
};
inline constexpr std::array<NamedCount, 5> pass_counts{{
    {"forward_samples", &PassCounts::forward},
    {"backward_samples", &PassCounts::backward},
    {"tangent_forward_samples", &PassCounts::tangent_forward},
    {"tangent_backward_samples", &PassCounts::tangent_backward},
    {"flops", &PassCounts::flops},
}};

/// Wall and CPU seconds in buckets that sum to the total, and work done in training alone.
struct Cost {
  struct Bucket {
    double wall_seconds = 0;
    double cpu_seconds = 0;
  };
  Bucket train, evaluate, probe, checkpoint, other, total;
  PassCounts train_passes, probe_passes;
  std::uint64_t peak_memory_bytes = 0;
  /// Examples whose gradient was asked in training, penalties' gradients included.
  double gradient_samples() const noexcept { return train_passes.backward; }
};

/// Every bucket with its name in files; the last is the sum of the others.
struct NamedBucket {
  const char* name;
  Cost::Bucket Cost::*bucket;
};
inline constexpr std::array<NamedBucket, 6> cost_buckets{{
    {"train", &Cost::train},
    {"evaluate", &Cost::evaluate},
    {"probe", &Cost::probe},
    {"checkpoint", &Cost::checkpoint},
    {"other", &Cost::other},
    {"total", &Cost::total},
}};

struct ProbeValue {
  std::string probe;
  std::string metric;
  double value = 0;
  std::string unit;
};

/// What is known of a posterior beside how it predicts.
struct PosteriorNumbers {
  std::string name;        ///< "own", or the plugin that was fitted
  std::string prediction;  ///< "network" or "noisy", see Posterior::Prediction
  std::size_t draws = 0;
  std::optional<double> kl_nats, choice_nats, log_evidence_nats;
  PassCounts fit_passes, prediction_passes;
  std::vector<ProbeValue> values;  ///< of its own; `probe` is the name above
};

/// Those that not every posterior knows, with their names in files.
struct NamedPosteriorNumber {
  const char* name;
  std::optional<double> PosteriorNumbers::*number;
};
inline constexpr std::array<NamedPosteriorNumber, 3> posterior_numbers{{
    {"kl_nats", &PosteriorNumbers::kl_nats},
    {"choice_nats", &PosteriorNumbers::choice_nats},
    {"log_evidence_nats", &PosteriorNumbers::log_evidence_nats},
}};

/// Predictions of the test part, shifted in one of the ways of Problem::shifts().
struct ShiftedPrediction {
  std::string name;
  PartPrediction scores;
};

/// An evaluation by predictions, where a method has a posterior or a suite asks for it.
struct Predictive {
  std::optional<PartPrediction> train, validation, test;
  std::optional<PartPrediction> unseen{};  ///< test examples of unseen classes: entropies alone
  std::vector<ShiftedPrediction> shifted{};
  std::optional<PosteriorNumbers> posterior;
};

/// Every part with its name in files, in the order of Part; then the unseen classes.
struct NamedPrediction {
  const char* name;
  std::optional<PartPrediction> Predictive::*part;
};
inline constexpr std::array<NamedPrediction, 4> predicted_parts{{
    {"train", &Predictive::train},
    {"validation", &Predictive::validation},
    {"test", &Predictive::test},
    {"unseen", &Predictive::unseen},
}};

/// One line of history.jsonl.
struct Evaluation {
  std::uint64_t step = 0;
  double epoch = 0;
  PartMetrics train;
  std::optional<PartMetrics> validation;
  std::optional<PartMetrics> test;
  std::optional<double> objective;  ///< mean mini-batch objective since the last evaluation
  double schedule = 1;
  std::optional<Predictive> predictive;
  std::vector<ProbeValue> probes;
  Cost cost;  ///< so far
};

enum class Status { ok, diverged, timeout, out_of_memory, crashed, error, skipped, interrupted };
const char* to_text(Status status);
std::optional<Status> status_from_text(const std::string& text);

/// How a trial ended. Never an exception: a row in every table.
struct Outcome {
  Status status = Status::ok;
  std::string reason;       ///< empty for ok
  std::uint64_t step = 0;   ///< steps done; for diverged, the step whose result was not finite
  std::uint64_t steps = 0;  ///< steps planned
  std::size_t dimension = 0;
  std::size_t training_examples = 0;
  std::optional<Evaluation> final;
  Cost cost;
  std::vector<std::string> notes;  ///< from the data: "partial", "synthetic"
};

}  // namespace gapbench::train
