#include "compare/rows/subset.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>
#include <utility>

#include "compare/rows/row_settings.h"
#include "core/file.h"
#include "gapbench/error.h"
#include "records/outcomes.h"

namespace gapbench::compare {
namespace {

namespace fs = std::filesystem;
using records::Outcomes;
using records::Record;

constexpr std::string_view set_mark = "# set: ";
constexpr std::string_view checksum_mark = "# checksum: ";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// Nothing for what is no whole number.
std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const char* end = text.data() + text.size();
  const auto [at, code] = std::from_chars(text.data(), end, value);
  return code == std::errc() && at == end && !text.empty() ? std::optional(value) : std::nullopt;
}

/// The images that count among `examples`.
std::vector<std::size_t> counted(const Subset& subset, Side side, std::size_t examples) {
  std::vector<std::size_t> images;
  for (std::size_t i = 0; i < examples; ++i) {
    const bool listed = std::binary_search(subset.images.begin(), subset.images.end(), i);
    if (listed == (side == Side::listed)) images.push_back(i);
  }
  return images;
}

/// Sums in the order of the images.
train::PartMetrics metrics(const Outcomes& outcomes, const std::vector<std::size_t>& images) {
  double loss = 0;
  double correct = 0;
  for (const std::size_t i : images) {
    loss -= std::log(double{outcomes[i].probability});
    correct += outcomes[i].predicted == outcomes[i].label ? 1 : 0;
  }
  const auto n = static_cast<double>(images.size());
  return {loss / n, correct / n, images.size()};
}

train::PartMetrics metrics(const Outcomes& outcomes) {
  std::vector<std::size_t> all(outcomes.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return metrics(outcomes, all);
}

/// A list of other files may number other images.
void require_same_data(const Record& record, const Subset& subset) {
  const auto found = record.settings.find("data.checksum");
  if (subset.checksum.empty() || found == record.settings.end()) return;
  if (found->second == OptionValue(subset.checksum)) return;
  throw Error("subset", fmt::format("{} is a list of other data: its checksum is another",
                                    subset.file.filename().string()));
}

/// Beside a folder nobody needs to be told that it is of the subset.
std::string reason_of(const Error& error) {
  const std::string text = error.what();
  const std::string ours = "subset: ";
  return text.starts_with(ours) ? text.substr(ours.size()) : text;
}

/// Throws Error with the reason where the record cannot be told on the subset.
train::PartMetrics restricted(const Record& record, const Subset& subset, Side side) {
  constexpr double same_loss = 1e-4;
  if (!record.files.contains(records::outcomes_file)) {
    throw Error("subset", "kept no outcomes of its test images");
  }
  require_same_data(record, subset);
  const train::PartMetrics& recorded = record.outcome.final->test.value();
  const Outcomes outcomes = records::read_outcomes(record);
  const train::PartMetrics whole = metrics(outcomes);
  if (outcomes.size() != recorded.examples || whole.accuracy != recorded.accuracy) {
    throw Error(records::outcomes_file, "does not have the test accuracy of summary.json");
  }
  const std::vector<std::size_t> images = counted(subset, side, outcomes.size());
  if (images.empty()) {
    throw Error("subset", fmt::format("none of its {} test images counts", outcomes.size()));
  }
  train::PartMetrics part = metrics(outcomes, images);
  const bool cross_entropy = std::abs(whole.loss - recorded.loss) <= same_loss * recorded.loss;
  if (!cross_entropy) part.loss = std::numeric_limits<double>::quiet_NaN();
  return part;
}

const Subset* subset_of(const SubsetChoice& choice, const std::string& dataset) {
  for (const Subset& subset : choice.subsets) {
    if (subset.set.empty() || subset.set == dataset) return &subset;
  }
  return nullptr;
}

void require_one_a_set(const SubsetChoice& choice) {
  for (const Subset& a : choice.subsets) {
    for (const Subset& b : choice.subsets) {
      if (&a == &b || (a.set != b.set && !a.set.empty())) continue;
      throw Error("subset", fmt::format("{} and {} would both be of {}; give one list a set",
                                        a.file.generic_string(), b.file.generic_string(),
                                        b.set.empty() ? "any set" : b.set));
    }
  }
}

/// The data set's name, whatever its folder is called.
std::string set_of(const Record& record) {
  const auto named = record.settings.find("dataset");
  const auto* name =
      named == record.settings.end() ? nullptr : std::get_if<std::string>(&named->second);
  return name == nullptr ? record.dataset : *name;
}

std::string note(const Subset& subset, Side side, std::size_t images, std::size_t all) {
  return fmt::format("Test numbers here are those on {} of {} test images: {} in {}.", images, all,
                     side == Side::listed ? "the ones listed" : "the ones not listed",
                     subset.file.filename().string());
}

}  // namespace

Subset read_subset(const fs::path& file) {
  Subset subset{file, "", {}};
  std::istringstream lines(read_file(file));
  std::string line;
  bool headed = false;
  for (std::size_t at = 1; std::getline(lines, line); ++at) {
    if (line.starts_with(set_mark)) subset.set = trimmed(line.substr(set_mark.size()));
    if (line.starts_with(checksum_mark)) {
      subset.checksum = trimmed(line.substr(checksum_mark.size()));
    }
    const std::string_view text = trimmed(line);
    if (text.empty() || text.starts_with('#')) continue;
    const std::string_view first = trimmed(text.substr(0, text.find(',')));
    if (const auto image = number(first)) {
      subset.images.push_back(*image);
    } else if (headed || !subset.images.empty()) {
      throw Error(fmt::format("{}:{}", file.string(), at),
                  fmt::format("\"{}\" is no number of a test image", first));
    }
    headed = true;
  }
  if (subset.images.empty()) throw Error(file.string(), "lists no test image");
  std::ranges::sort(subset.images);
  const auto twice = std::ranges::adjacent_find(subset.images);
  if (twice != subset.images.end()) {
    throw Error(file.string(), fmt::format("lists test image {} twice", *twice));
  }
  return subset;
}

OnSubset on_subset(records::Records records, const SubsetChoice& choice,
                   const std::vector<std::string>& asked_rows) {
  OnSubset result;
  result.rows = row_settings(records, asked_rows);
  require_one_a_set(choice);
  std::vector<Record> kept;
  bool any = choice.subsets.empty();
  for (Record& record : records.good) {
    if (choice.subsets.empty() || record.outcome.status != train::Status::ok) {
      kept.push_back(std::move(record));
      continue;
    }
    try {
      const Subset* subset = subset_of(choice, set_of(record));
      if (subset == nullptr) throw Error("subset", "no list is of " + set_of(record));
      auto& test = record.outcome.final->test;
      if (!test || !test->accuracy) throw Error("subset", "has no test accuracy");
      const std::size_t all = test->examples;
      test = restricted(record, *subset, choice.side);
      result.notes[problem_key(record, result.rows)] =
          note(*subset, choice.side, test->examples, all);
      kept.push_back(std::move(record));
      any = true;
    } catch (const Error& e) {
      records.broken.push_back({record.folder, reason_of(e)});
    }
  }
  if (!any) {
    throw Error("subset", records.broken.empty()
                              ? "no finished trial"
                              : fmt::format("no finished trial can be told on it; {}: {}",
                                            records.broken.back().folder.generic_string(),
                                            records.broken.back().reason));
  }
  records.good = std::move(kept);
  result.records = std::move(records);
  return result;
}

std::string describe(const SubsetChoice& choice) {
  std::string files;
  for (const Subset& subset : choice.subsets) {
    files += (files.empty() ? "" : ", ") + subset.file.filename().string();
  }
  const bool listed = choice.side == Side::listed;
  return fmt::format(
      "Only the test images {} in {} count here: test numbers are those on them, and so are gaps, "
      "verdicts and claims, whatever images a claim was declared for. Train numbers and costs are "
      "the trials' own. Finished trials that kept no outcomes of their test images are left out, "
      "by name below.",
      listed ? "listed" : "not listed", files);
}

}  // namespace gapbench::compare
