#include "compare/sections/notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "compare/findings/verdict.h"
#include "compare/rows/columns.h"
#include "compare/rows/row_settings.h"
#include "compare/rows/timing.h"

namespace gapbench::compare {
namespace {

using records::Record;

/// "54,282".
std::string with_commas(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string title(const records::Records& records) {
  std::set<std::string> suites;
  for (const Record& record : records.good) suites.insert(record.suite);
  return fmt::format("Results{}{}", suites.empty() ? "" : ": ", fmt::join(suites, ", "));
}

Page descriptions(const records::Records& records) {
  std::set<std::string> suites;
  for (const Record& record : records.good) suites.insert(record.suite);
  Page page;
  for (const auto& suite : records.suites) {
    if (!suite.description.empty() && suites.contains(suite.name))
      page.push_back(suite.description);
  }
  return page;
}

Page baseline_note(const Aggregate& all) {
  if (!all.baseline.empty()) return {Text(fmt::format("Baseline: {}.", all.baseline))};
  if (all.baselines.empty()) return {};
  return {
      Text(fmt::format("No baseline: the suites name different ones ({}); choose with --baseline.",
                       fmt::join(all.baselines, ", ")))};
}

/// "diverged at step 120", "diverged at steps 120, 130".
std::string steps_text(const std::string& status, const std::vector<std::uint64_t>& steps) {
  return fmt::format("{} at step{} {}", status, steps.size() == 1 ? "" : "s",
                     fmt::join(steps, ", "));
}

void add_duplicates(const Aggregate& all, Bullets& list) {
  for (const Duplicate& d : all.duplicates) {
    Text text = fmt::format("{}: the same trial as {}, counted once",
                            d.dropped->folder.generic_string(), d.kept->folder.generic_string());
    if (!d.same_result()) text.add("; ").strong("its " + d.difference);
    list.items.push_back(std::move(text));
  }
}

/// Who has fitted; at equal train loss no row is marked.
std::string legend_of_fitting(At at) {
  if (at == At::equal_train_loss) {
    return "All rows of a data set and network are at one train loss here: none is marked as not "
           "fitted, and their gaps compare.";
  }
  return fmt::format(
      "Not fitted: trials with a train accuracy below {:g} %. A small gap is no merit there: "
      "compare their train accuracies first.",
      100 * fitted_train_accuracy);
}

/// What of the page was said beforehand.
std::string legend_of_claims(At at, bool has_claims) {
  if (at != At::final) {
    return "Claims are decided at the final parameters only: all of this page is exploratory.";
  }
  return has_claims
             ? "Claims: what the suite said it would find, decided by the final parameters of all "
               "its records. Declared: written down before any of its trials had been evaluated on "
               "its test part. All else on this page is exploratory."
             : "No claim was declared: all of this page is exploratory.";
}

bool scores_predictions(const Aggregate& all) {
  return std::ranges::any_of(all.sections, [](const Section& section) {
    return std::ranges::any_of(section.rows, [](const Row& row) {
      return std::ranges::any_of(row.ok, [](const Record* r) {
        return r->outcome.final && r->outcome.final->predictive.has_value();
      });
    });
  });
}

constexpr const char* legend_of_predictions =
    "Averaged test acc, NLL, RMSE, ECE, Brier, entropy: of predictions averaged over so many draws "
    "as stand under Draws; (point): of the point alone, as one draw. Test acc and Test loss are of "
    "the "
    "point in every row. ECE: expected calibration error over 15 equally wide bins. Gibbs loss: "
    "loss "
    "of one draw, averaged over draws.";

bool tells_mixing(const Aggregate& all) {
  return std::ranges::any_of(all.sections, [](const Section& section) {
    return std::ranges::any_of(section.rows, [](const Row& row) {
      return std::ranges::any_of(row.ok, [](const Record* r) {
        return r->outcome.final && metric_of(*r->outcome.final, "ess_min").has_value();
      });
    });
  });
}

constexpr const char* legend_of_mixing =
    "Least ESS, R-hat: the smallest effective sample size of the draws that were averaged, and the "
    "largest rank-normalized split R-hat, of the training loss, the length of the parameters and "
    "the losses of 16 test examples; of one chain, so that chains that would have gone elsewhere "
    "are not seen. R-hat above 1.01 says that the chain has not settled.";

std::string legend_of_load(const Aggregate& all) {
  const bool any = std::ranges::any_of(all.sections, [](const Section& section) {
    return std::ranges::any_of(section.rows, [](const Row& row) { return under_load(row) > 0; });
  });
  if (!any) return "";
  return fmt::format(
      " Under load: its threads had a processor for less than {:g} % of that time, so that its "
      "seconds are others' too.",
      100 * loaded_share);
}

std::string never_bold(At at) {
  return at == At::equal_train_loss ? "rows with failed trials."
                                    : "rows with failed trials, and gaps of rows that have not "
                                      "fitted.";
}

}  // namespace

std::string count_text(const Row& row) {
  const std::string ok = fmt::format("{}{}", row.ok.size(), row.seeds_agree ? ", seeds agree" : "");
  if (row.failed.empty()) return ok;
  std::map<train::Status, std::vector<std::uint64_t>> steps;
  for (const Record* r : row.failed) steps[r->outcome.status].push_back(r->outcome.step);
  std::vector<std::string> parts;
  for (auto& [status, list] : steps) {
    std::sort(list.begin(), list.end());
    parts.push_back(fmt::format("{}/{} {}", list.size(), row.trials(),
                                steps_text(train::to_text(status), list)));
  }
  return fmt::format("{} ({})", ok, fmt::join(parts, ", "));
}

std::string settings_text(const OptionMap& settings) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : settings) {
    parts.push_back(fmt::format("{} {}", key, setting_text(key, value)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string size_text(const Section& section) {
  std::set<std::pair<std::size_t, std::size_t>> sizes;
  for (const Row& row : section.rows) {
    for (const Record* r : row.ok) {
      sizes.emplace(r->outcome.dimension, r->outcome.training_examples);
    }
  }
  if (sizes.size() != 1) return "";
  return fmt::format("{} parameters, {} training examples.", with_commas(sizes.begin()->first),
                     with_commas(sizes.begin()->second));
}

std::vector<std::string> data_notes(const Section& section) {
  std::set<std::string> notes;
  for (const Row& row : section.rows) {
    for (const auto* list : {&row.ok, &row.failed}) {
      for (const Record* r : *list) notes.insert(r->outcome.notes.begin(), r->outcome.notes.end());
    }
  }
  return {notes.begin(), notes.end()};
}

std::string pooled_text(const Row& row, const std::string& key) {
  std::set<std::string> values;
  for (const auto* list : {&row.ok, &row.failed}) {
    for (const Record* record : *list) {
      const auto found = record->settings.find(key);
      values.insert(found == record->settings.end() ? "–" : setting_text(key, found->second));
    }
  }
  return fmt::format("{}", fmt::join(values, ", "));
}

Page introduction(const records::Records& records) {
  Page page{Heading{1, title(records)}};
  append(page, descriptions(records));
  return page;
}

Page reported(const records::Records& records, const Aggregate& all, const Builds& builds, At at,
              const Selection& selection) {
  Page page;
  page.push_back(Text(describe(at) +
                      " Train numbers are over the training part in evaluation mode, without "
                      "augmentation and penalties, with the same loss as test numbers."));
  if (!selection.all()) page.push_back(Text(describe(selection)));
  append(page, baseline_note(all));
  if (!all.shared.empty()) {
    page.push_back(Text(fmt::format("Shared by all rows: {}.", settings_text(all.shared)))
                       .fold(fmt::format("{} settings that all rows share", all.shared.size())));
  }
  append(page, setup_notes(records, builds));
  return page;
}

Page opening(const records::Records& records, const Aggregate& all, const Builds& builds, At at,
             const Selection& selection) {
  Page page = introduction(records);
  append(page, reported(records, all, builds, at, selection));
  return page;
}

Page legend(const Aggregate& all, At at, bool has_claims) {
  Bullets list;
  list.items = {
      "mean ± sample standard deviation over n seeds; one seed has no deviation. Failed trials are "
      "counted beside n and are in no mean. \"Seeds agree\": all ended in the same bits, the seed "
      "decides nothing there, and they count as one.",
      "Error gap: train minus test accuracy, in percentage points. Loss gap: test minus train "
      "loss.",
      legend_of_fitting(at),
      Text("↑ higher is better, ↓ lower is better. ")
          .strong("Bold")
          .add(": the best mean, and every row whose differences to it by seed have a t interval "
               "that covers 0: a reading aid, no test. Nothing is bold where a row has one seed "
               "only or all are tied. Never bold: " +
               never_bold(at)),
      "Gradient samples: examples whose gradient was computed in training. FLOPs: of training "
      "alone, a multiply-add is 2. k = 10³, M = 10⁶, G = 10⁹, T = 10¹², P = 10¹⁵.",
      "Train s: wall seconds of training alone. † other trials ran on the machine at the same "
      "time." +
          legend_of_load(all)};
  if (scores_predictions(all)) list.items.push_back(legend_of_predictions);
  if (tells_mixing(all)) list.items.push_back(legend_of_mixing);
  list.items.push_back(legend_of_claims(at, has_claims));
  if (!all.baseline.empty()) {
    list.items.push_back(
        fmt::format("×: the row's mean over that of the baseline, {}.", all.baseline));
    list.items.push_back(fmt::format(
        "Against the baseline, by seed: Δ is the mean of row - baseline over the seeds that both "
        "finished. One metric decides: there, all rows are compared with the baseline at once, "
        "intervals hold together at {0} and p is adjusted for all rows (Dunnett 1955); beyond "
        "doubt is what the row's own t interval says, too. Secondary metrics have plain {0} t "
        "intervals, one by one, and no p. P(>): the share of seeds with a larger number than the "
        "baseline's, ties half. No interval where all differences are equal.",
        percent_text(all.confidence())));
    if (all.confidence() > Section{}.confidence) {
      list.items.push_back(fmt::format(
          "{} where one would expect 95 %: seeds are added until claims are decided, and intervals "
          "that are looked at more than once must be wider to hold at all looks together.",
          percent_text(all.confidence())));
    }
    list.items.push_back(
        Text(
            fmt::format("Carried share: effect on the second data set over that on the first, with "
                        "its {} ",
                        percent_text(all.confidence())))
            .add("interval; the verdict says where the interval lies, 0.5 being the share asked "
                 "for: ")
            .strong("reproduces")
            .add(" above 0.5; ")
            .strong("reproduces, weaker")
            .add(" above 0 and below 0.5; ")
            .strong("same sign, share open")
            .add(" above 0, on either side of 0.5; ")
            .strong("at most 0.5 reproduces")
            .add(" covers 0, below 0.5; ")
            .strong("reverses")
            .add(" below 0; ")
            .strong("cannot tell")
            .add(" all else, and wherever the first effect is not surely there. Rules and error "
                 "rates: docs/statistics.md; ")
            .code("--explain")
            .add(" tells each case."));
  }
  return {Heading{2, "How to read this"}, list};
}

Page left_out(const records::Records& records, const Aggregate& all, std::size_t twins) {
  Bullets list;
  if (twins > 0) {
    list.items.push_back(
        fmt::format("{} trial{} that another one equals in everything but what was measured "
                    "(probes, evaluation "
                    "interval): counted once, with the probes of both",
                    twins, twins == 1 ? "" : "s"));
  }
  add_duplicates(all, list);
  for (const auto& folder : records.unfinished) {
    list.items.push_back(fmt::format("{}: not finished", folder.generic_string()));
  }
  for (const auto& broken : records.broken) {
    list.items.push_back(fmt::format("{}: {}", broken.folder.generic_string(), broken.reason));
  }
  if (list.items.empty()) return {};
  return {Heading{2, "Left out"}, list};
}

}  // namespace gapbench::compare
