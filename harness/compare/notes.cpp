#include "compare/notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gapbench::compare {
namespace {

using run::Record;

/// "54,282".
std::string with_commas(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string plural(std::size_t count, const std::string& word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

/// "letter after z" never comes up in practice; then numbers follow.
std::string letter(std::size_t index) {
  return index < 26 ? std::string(1, static_cast<char>('a' + index)) : std::to_string(index);
}

std::string title(const run::Records& records) {
  std::set<std::string> suites;
  for (const Record& record : records.good) suites.insert(record.suite);
  return fmt::format("# Results{}{}\n\n", suites.empty() ? "" : ": ", fmt::join(suites, ", "));
}

std::string descriptions(const run::Records& records) {
  std::set<std::string> suites;
  for (const Record& record : records.good) suites.insert(record.suite);
  std::string text;
  for (const auto& suite : records.suites) {
    if (suite.description.empty() || !suites.contains(suite.name)) continue;
    text += fmt::format("{}\n\n", suite.description);
  }
  return text;
}

std::string baseline_text(const Aggregate& all) {
  if (!all.baseline.empty()) return fmt::format("Baseline: {}.\n\n", all.baseline);
  if (all.baselines.empty()) return "";
  return fmt::format(
      "No baseline: the suites name different ones ({}); choose with --baseline.\n\n",
      fmt::join(all.baselines, ", "));
}

std::string builds_text(const run::Records& records, const Builds& builds) {
  if (builds.size() == 1) return fmt::format("Build: {}.\n\n", builds.begin()->first);
  if (builds.empty()) return "";
  std::string text =
      "**Mixed builds**: these trials were not made by one program; differences between rows of "
      "different builds may be the program's.\n\n";
  for (const auto& [build, name] : builds) {
    const auto trials = std::count_if(records.good.begin(), records.good.end(),
                                      [&b = build](const Record& r) { return r.build == b; });
    text += fmt::format("- {}: {} ({})\n", name, build.empty() ? "unknown" : build,
                        plural(static_cast<std::size_t>(trials), "trial"));
  }
  return text + "\n";
}

/// Plugins are built apart from the program: one name may stand for several libraries.
std::string plugins_text(const run::Records& records) {
  std::map<std::string, std::map<std::string, std::size_t>> libraries;
  for (const Record& record : records.good) {
    for (const auto& [plugin, hash] : record.plugins) ++libraries[plugin][hash];
  }
  std::string text;
  for (const auto& [plugin, hashes] : libraries) {
    if (hashes.size() < 2) continue;
    std::vector<std::string> parts;
    for (const auto& [hash, count] : hashes) {
      parts.push_back(fmt::format("{:.12} in {}", hash, plural(count, "trial")));
    }
    text += fmt::format("**Mixed plugin**: {} comes from different libraries: {}.\n\n", plugin,
                        fmt::join(parts, ", "));
  }
  return text;
}

/// "diverged at step 120", "diverged at steps 120, 130".
std::string steps_text(const std::string& status, const std::vector<std::uint64_t>& steps) {
  return fmt::format("{} at step{} {}", status, steps.size() == 1 ? "" : "s",
                     fmt::join(steps, ", "));
}

std::string duplicates_text(const Aggregate& all) {
  std::string text;
  for (const Duplicate& d : all.duplicates) {
    text += fmt::format("- {}: the same trial as {}, counted once{}\n",
                        d.dropped->folder.generic_string(), d.kept->folder.generic_string(),
                        d.same_result ? "" : "; **their results differ**");
  }
  return text;
}

}  // namespace

Builds builds_of(const run::Records& records) {
  Builds builds;
  for (const Record& record : records.good) {
    if (!record.build.empty()) builds.emplace(record.build, "");
  }
  std::size_t index = 0;
  for (auto& [build, name] : builds) name = letter(index++);
  return builds;
}

std::string build_letters(const Row& row, const Builds& builds) {
  std::set<std::string> letters;
  for (const auto* list : {&row.ok, &row.failed}) {
    for (const Record* record : *list) {
      const auto found = builds.find(record->build);
      if (found != builds.end()) letters.insert(found->second);
    }
  }
  return letters.empty() ? "–" : fmt::format("{}", fmt::join(letters, " "));
}

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

std::string setting_text(const std::string& key, const OptionValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  const std::string text = gapbench::to_text(value);
  if ((key == "data.train" || key == "data.test") && text == "0") return "all";
  return key == "data.checksum" ? text.substr(0, 12) : text;
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
  return fmt::format("{} parameters, {} training examples.\n\n", with_commas(sizes.begin()->first),
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

std::string opening(const run::Records& records, const Aggregate& all, const Builds& builds) {
  std::string text = title(records) + descriptions(records);
  text +=
      "Reported are the parameters after the last step, not a best point on the way. Train numbers "
      "are over the training part in evaluation mode, without augmentation and penalties, with the "
      "same loss as test numbers.\n\n";
  text += baseline_text(all);
  if (!all.shared.empty()) {
    text += fmt::format("Shared by all rows: {}.\n\n", settings_text(all.shared));
  }
  return text + builds_text(records, builds) + plugins_text(records);
}

std::string legend(const Aggregate& all) {
  std::string text =
      "## How to read this\n\n"
      "- mean ± sample standard deviation over n seeds; one seed has no deviation. Failed trials "
      "are counted beside n and are in no mean. \"Seeds agree\": all ended in the same bits, the "
      "seed decides nothing there, and they count as one.\n"
      "- Error gap: train minus test accuracy, in percentage points. Loss gap: test minus train "
      "loss. A small gap means little where the train numbers are bad.\n"
      "- ↑ higher is better, ↓ lower is better. **Bold**: the best mean, and every mean whose "
      "± interval overlaps the best one's. Nothing is bold where a row has one seed only or all "
      "intervals overlap; rows with failed trials are never bold.\n"
      "- Gradient samples: examples whose gradient was computed in training. FLOPs: of training "
      "alone, a multiply-add is 2. k = 10³, M = 10⁶, G = 10⁹, T = 10¹², P = 10¹⁵.\n"
      "- Train s: wall seconds of training alone. † other trials ran on the machine at the same "
      "time.\n";
  if (!all.baseline.empty()) {
    text += fmt::format("- ×: the row's mean over that of the baseline, {}.\n", all.baseline);
    text +=
        "- Against the baseline, by seed: Δ is the mean of row - baseline over the seeds that both "
        "finished, with its 95 % t interval; p of the paired t test, Holm-corrected over all p of "
        "that table; P(>) the share of seeds with a larger number than the baseline's, ties half. "
        "No interval and no p where all differences are equal. Verdicts, their rules and error "
        "rates: docs/statistics.md; `--explain` prints the rule that decided.\n";
  }
  return text;
}

std::string left_out(const run::Records& records, const Aggregate& all) {
  std::string text = duplicates_text(all);
  for (const auto& folder : records.unfinished) {
    text += fmt::format("- {}: not finished\n", folder.generic_string());
  }
  for (const auto& broken : records.broken) {
    text += fmt::format("- {}: {}\n", broken.folder.generic_string(), broken.reason);
  }
  return text.empty() ? "" : fmt::format("\n## Left out\n\n{}", text);
}

}  // namespace gapbench::compare
