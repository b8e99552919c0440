// Suites: a YAML file that expands to trials.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plugin/registry.h"
#include "suite/language/claims.h"
#include "suite/language/looks.h"
#include "suite/language/published.h"
#include "suite/language/slurm.h"
#include "train/settings.h"

namespace gapbench::suite {

/// One trial of a suite. `identity` and `folder` are empty until seal().
struct Trial {
  train::TrialSettings settings;
  std::string identity;          ///< SHA-256 hex of all that changes the result
  std::filesystem::path folder;  ///< <suite>/<dataset>/<network>/<method>/seed-<k>-<hash8>
  /// Which of the suite's searches is to choose these settings; they are its first candidate's
  /// until then, and the trial, as all that follow it, has no identity.
  std::optional<std::size_t> search{};
};

/// One configuration that a search tries.
struct Candidate {
  std::string name;                 ///< "sgd[learning_rate=0.1]", the method of its tuning trials
  train::TrialSettings settings;    ///< of the trials that count, without the seed
  std::vector<std::size_t> trials;  ///< its tuning trials, one a seed: places in Suite::trials
};

/// A tuned method on one problem.
struct Search {
  std::string method;
  std::vector<Candidate> candidates;
  std::string as{};           ///< the method on the same problem whose choice this one takes over
  std::size_t as_search = 0;  ///< the search of that method
};

/// How tuned methods are tuned.
struct TuneSettings {
  std::vector<std::uint64_t> seeds;  ///< of the tuning trials
  std::vector<std::uint64_t>
      ties;                      ///< of further ones, of candidates that `seeds` do not tell apart
  bool by_loss = false;          ///< the validation loss decides, else the accuracy
  bool refit = false;            ///< all trials that count train on the validation part, too
  std::optional<double> fitted;  ///< candidates of a lower train accuracy come last
};

struct Suite {
  std::string name;
  std::string description;
  std::string baseline;  ///< a row's name (rows.h), or empty
  std::filesystem::path source;
  std::optional<std::size_t> threads;  ///< per trial, where the file asks; the command line wins
  SlurmSettings slurm{};               ///< as the file asks; the command line wins
  std::vector<Published> published;
  std::string metric = "test_accuracy";  ///< the one that its tables decide by
  std::vector<Claim> claims;
  Looks looks;
  std::vector<std::string> rows;  ///< settings that make rows of its tables, see rows.h
  std::vector<Trial> trials;      ///< those of tuning first
  std::vector<Search> searches;
  TuneSettings tune;
  std::vector<std::string> notes;  ///< what one may not have meant, with its place
};

/// Reads and expands a suite file. `overrides` are "a.b=c", applied to the file's own tree before
/// anything is checked. Throws one Error that reports every mistake found, one a line, each with
/// file, line, what was given and what would be right (the nearest valid key for an unknown one).
Suite load(const std::filesystem::path& file, const std::vector<std::string>& overrides,
           const plugin::Registry& plugins);

/// Fills in the data checksums, identities and folders. Throws Error when data is missing, and when
/// two trials have one identity (they would be the same trial).
void seal(Suite& suite, const plugin::Registry& plugins, const std::filesystem::path& data_root);

/// The tuning trials of a sealed suite, in the suite's order.
Suite tuning_stage(const Suite& suite);

/// How a tuning trial came out, or all of a candidate's.
struct Score {
  double value = 0;                        ///< the lower the better; a candidate's is the mean
  std::optional<double> train_accuracy{};  ///< a candidate's is its lowest; none: regression
};

/// What a search has found. A candidate of which a trial has no score is out. Those that have
/// fitted, where TuneSettings asks for it, go before those that have not; then the lowest value
/// wins; ties go to the first. Where some have raced, only they can win. Where all are out the first is taken, so that its failure is a row
/// of the table.
struct Choice {
  std::size_t best = 0;
  bool any_finished = false;
  std::size_t fitted = 0;  ///< candidates that have fitted
  std::size_t failed = 0;  ///< candidates of which a trial has failed
  /// Other candidates that the tuning seeds do not tell from the best: as fitted, and worse by seed by
  /// no more on average than one deviation of that difference. None where there is one tuning seed:
  /// not known.
  std::vector<std::size_t> tied{};
  std::vector<std::optional<Score>> scores;  ///< one a candidate
};

/// What became of a tuning trial.
struct Tried {
  std::optional<Score> score{};  ///< nothing: it diverged, or has failed
  /// Why it says nothing of its settings ("crashed: SIGKILL"): killed, out of time or of memory,
  /// stopped by an error, not run. Empty for what came of its own numbers.
  std::string failed{};
};

/// One for each search. `tried`: one for each trial of tuning_stage(), in its order.
std::vector<Choice> choices(const Suite& suite, const std::vector<Tried>& tried);

/// The sealed suite with the tuning trials of TuneSettings::ties for every candidate that is chosen and
/// for those that tie with it; as it is where nothing ties. `choices` are those of `suite`.
Suite raced(const Suite& suite, const std::vector<Choice>& choices);

/// Whether a candidate has the train accuracy that the suite asks for, if it asks for one.
bool has_fitted(const TuneSettings& tune, const Score& score);

/// The trials that count of a sealed suite, with the chosen settings, sealed.
Suite final_stage(const Suite& suite, const std::vector<Choice>& choices);

}  // namespace gapbench::suite
