// Everything that decides what a trial computes, resolved: no defaults left to fill in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gapbench/options.h"
#include "train/draws.h"

namespace gapbench::train {

/// A named thing with its resolved options: an optimizer, a network, a probe ...
struct Choice {
  std::string name;
  OptionMap options;           ///< every declared option, defaults included
  std::uint32_t revision = 0;  ///< as declared by the plugin; 0 for things of the harness
};

/// A length of training. Epochs may be fractions; steps are whole.
struct Length {
  enum class Unit { steps, epochs };
  double count = 0;
  Unit unit = Unit::epochs;
};

struct DataSettings {
  Choice set;             ///< name and options of the data set
  std::size_t train = 0;  ///< 0: all that validation leaves
  std::size_t validation = 0;
  std::size_t test = 0;  ///< 0: the whole test part
  std::uint64_t split_seed = 0;
  /// Above 0: the trial's seed draws the split, so many seeds in turn the same (draws.h); split_seed
  /// is 0 then.
  std::uint64_t seeds_per_draw = 0;
  /// Share of all examples that is drawn with the split as the test part, see data::Request; nothing:
  /// the set's own test part. Only with seeds_per_draw.
  std::optional<double> test_fraction{};
  std::vector<std::size_t> unseen{};  ///< classes that are kept out of all parts, ascending
  double label_noise = 0;             ///< of a set without such an option of its own
  std::uint64_t label_seed = 0;
  bool augment = false;
  /// Of the Gaussian noise of a regression's targets, in deviations of the target over the training
  /// part: its loss is then that likelihood's. Nothing: squared error.
  std::optional<double> deviation{};
  std::string checksum;  ///< of the data; empty for problem plugins
};

/// Factor f(k) of the learning rate at step k, in [0, 1]:
///   warm-up   f = (k + 1) / W for k < W, times what follows
///   constant  f = 1
///   step      f = factor^(number of milestones reached); milestones are fractions of the budget
///   cosine    f = final + (1 - final) (1 + cos(pi p)) / 2,   p = (k - W) / (T - W)   (Loshchilov,
///   Hutter 2017)
///   polynomial  f = final + (1 - final) (1 - p)^power
///   trapezoid   f = 1 but for the last D = cooldown T steps, where it falls in a straight line,
///               f = final + (1 - final) (T - k) / D: warm-up, stable, decay   (Zhai, Kolesnikov,
///               Houlsby, Beyer 2022; Haegele et al. 2024)
struct ScheduleSettings {
  enum class Kind { constant, step, cosine, polynomial, trapezoid };
  Kind kind = Kind::constant;
  Length warmup{};                 ///< W; count 0 for none
  std::vector<double> milestones;  ///< for step: fractions of the budget, ascending, in (0, 1)
  double factor = 0.1;             ///< for step
  double final = 0;                ///< for cosine, polynomial and trapezoid
  double power = 1;                ///< for polynomial
  double cooldown = 0.2;           ///< for trapezoid: fraction of the budget, in (0, 1]
};

struct ProbeSettings {
  Choice probe;
  std::optional<Length> every;  ///< nothing: once, at the end
};

/// What another trial hands over: the length of every step, for an option; where it ended, for an
/// option; where it ended, to start from.
enum class Hands { steps, end, start };

/// Another trial that this one needs first: the one of method `method` on the same problem with the
/// same seed. `identity` and `folder` are empty until the suite is sealed.
struct TrajectorySource {
  std::string option;    ///< "from", or "magnitude.from" of an inner optimizer; empty for a start
  std::string method;    ///< the option's value
  std::string identity;  ///< of that trial
  std::string folder;    ///< its record, relative to this trial's own
  Hands hands = Hands::steps;
  std::string regularizer{};  ///< whose option it is; empty: the optimizer's
};

/// What a finished trial keeps besides its numbers.
struct KeepSettings {
  bool outcomes = true;      ///< of every test example, where there are classes
  bool parameters = false;   ///< after the last step
  bool predictions = false;  ///< probabilities of every test example, averaged over draws
};

/// What choosing a method's settings on validation took.
struct TuningEffort {
  std::size_t configurations = 0;  ///< tried; 0: nothing was tuned
  std::size_t trials = 0;
  std::size_t failed = 0;  ///< of the configurations: out for a reason that is not their numbers
  std::size_t tied = 0;    ///< others that the tuning seeds do not tell from the chosen one
};

/// The statistics of batch normalization that evaluation uses.
///   moving       the moving averages that training keeps, see Objective::running_statistics
///   reestimate   measured anew before every evaluation, see measure_statistics
enum class RunningStatistics { moving, reestimate };

/// Which examples make a mini-batch, see Batches.
///   permutation   every epoch is a permutation of the training part, cut into batches
///   independent   each example is drawn from the whole part, with replacement
enum class Sampling { permutation, independent };

/// Predictions averaged over draws.
struct PosteriorSettings {
  /// A plugin that is fitted; `own`, the one that the optimizer keeps; or `none`, where it keeps one
  /// that is not to be asked.
  Choice posterior{.name = "own", .options = {}};
  std::size_t draws = 30;
  std::optional<Length> every{};       ///< nothing: at the end only
  std::size_t train_examples = 10000;  ///< of the training part; 0: all
  bool is_own() const { return posterior.name == "own"; }
  bool is_none() const { return posterior.name == "none"; }
  bool is_fitted() const { return !is_own() && !is_none(); }
};

/// From each of these epochs on, ascending and at least 1, batches are `factor` times as large (Smith, Kindermans, Ying, Le
/// 2018, "Don't decay the learning rate, increase the batch size").
struct BatchGrowth {
  std::vector<std::uint64_t> epochs;
  std::size_t factor = 2;
};

/// What a method decides of a trial.
struct MethodSettings {
  Choice optimizer;
  std::vector<Choice> regularizers;
  std::vector<TrajectorySource> sources;
  std::string start{};          ///< method whose end is the start point; empty: the problem's own
  std::size_t batch = 128;      ///< 0: the whole training part; at first, where batches grow
  std::size_t micro_batch = 0;  ///< 0: the harness's compute size, default_micro_batch
  RunningStatistics running_statistics = RunningStatistics::moving;
  /// Nothing: the optimizer's own where it keeps one and predictions are scored.
  std::optional<PosteriorSettings> posterior{};
  Sampling sampling = Sampling::permutation;
  std::optional<BatchGrowth> batch_growth{};
  Length budget{};
  /// Ends at the first evaluation whose train loss is at most this; nothing: with the budget.
  std::optional<double> until_loss{};
  ScheduleSettings schedule;
};

/// One trial. Its identity leaves out `suite`, `method`, `threads`, `record_steps`, `record_end`,
/// `keep` and `effort`, and the method and folder of a source; all else is part of it.
struct TrialSettings : MethodSettings {
  std::string suite;
  std::string method;  ///< the name a table shows

  std::optional<Choice> problem;  ///< a problem plugin, or else:
  DataSettings data;
  Choice network;

  std::uint64_t seed = 0;
  std::optional<Length> evaluate_every;  ///< nothing: at start and end only
  std::vector<double> evaluate_losses;   ///< and once an epoch's mean loss is down to these
  bool predictive = false;               ///< predictions are scored, of a point where none draws
  std::vector<std::string> shifts;  ///< kinds of shifted test parts that they are scored on, too
  std::vector<ProbeSettings> probes;
  /// This trial helps to choose settings: it never evaluates the test part.
  bool tuning = false;

  bool record_steps = false;  ///< keep the length of every step: other trials follow them
  bool record_end = false;    ///< keep where it ended: other trials are handed that
  KeepSettings keep;
  TuningEffort effort;  ///< that led to these settings
  std::size_t threads = 1;
};

/// What draws the split, and the problem of a plugin.
inline std::uint64_t split_seed_of(const DataSettings& data, std::uint64_t seed) {
  return data.seeds_per_draw > 0 ? draw_of(seed, data.seeds_per_draw) : data.split_seed;
}
inline std::uint64_t split_seed_of(const TrialSettings& settings) {
  return split_seed_of(settings.data, settings.seed);
}

/// Examples in a mini-batch where there are `examples` to train on.
inline std::size_t batch_of(const TrialSettings& settings, std::size_t examples) {
  return settings.batch > 0 ? settings.batch : examples;
}

/// Micro-batches a method does not name: small enough for the second-level cache, and the same on
/// every machine, since it decides how sums are rounded.
inline constexpr std::size_t default_micro_batch = 32;

}  // namespace gapbench::train
