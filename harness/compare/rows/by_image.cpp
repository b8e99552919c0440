#include "compare/rows/by_image.h"

#include <fmt/format.h>

#include <algorithm>

#include "gapbench/error.h"
#include "records/outcomes.h"

namespace gapbench::compare {
namespace {

using records::Outcomes;

/// A row's outcomes, one a trial; all of the same test images.
struct Kept {
  RowByImage result;
  std::vector<Outcomes> trials;
};

bool same_labels(const Outcomes& a, const Outcomes& b) {
  return std::ranges::equal(a, b, {}, &train::ExampleOutcome::label, &train::ExampleOutcome::label);
}

Kept read(const Row& row) {
  Kept kept;
  kept.result.row = &row;
  for (const records::Record* record : row.ok) {
    const auto leave_out = [&](const std::string& why) {
      kept.result.left_out.push_back(fmt::format("seed {}: {}", record->seed, why));
    };
    if (!record->files.contains(records::outcomes_file)) {
      leave_out("kept no outcomes of its test images");
      continue;
    }
    try {
      Outcomes outcomes = records::read_outcomes(*record);
      if (!kept.trials.empty() && !same_labels(kept.trials.front(), outcomes)) {
        leave_out("has other test images than the trials before it");
        continue;
      }
      kept.result.seeds.push_back(record->seed);
      kept.trials.push_back(std::move(outcomes));
    } catch (const Error& e) {
      leave_out(e.what());
    }
  }
  return kept;
}

void add_classes(Kept& kept) {
  std::vector<ClassAccuracy>& classes = kept.result.classes;
  for (const auto& o : kept.trials.front()) {
    const auto label = static_cast<std::size_t>(o.label);
    if (label >= classes.size()) classes.resize(label + 1);
    ++classes[label].images;
  }
  for (const Outcomes& trial : kept.trials) {
    std::vector<std::size_t> right(classes.size());
    for (const auto& o : trial) {
      if (o.predicted == o.label) ++right[static_cast<std::size_t>(o.label)];
    }
    for (std::size_t c = 0; c < classes.size(); ++c) {
      classes[c].by_trial.push_back(static_cast<double>(right[c]) /
                                    static_cast<double>(classes[c].images));
    }
  }
}

double agreement(const Outcomes& a, const Outcomes& b) {
  std::size_t same = 0;
  for (std::size_t i = 0; i < a.size(); ++i) same += a[i].predicted == b[i].predicted ? 1 : 0;
  return static_cast<double>(same) / static_cast<double>(a.size());
}

std::optional<double> own_agreement(const std::vector<Outcomes>& trials) {
  double sum = 0;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j, ++pairs) sum += agreement(trials[i], trials[j]);
  }
  return pairs > 0 ? std::optional(sum / static_cast<double>(pairs)) : std::nullopt;
}

/// Share of trials that got each image right.
std::vector<double> shares_right(const std::vector<Outcomes>& trials) {
  std::vector<double> shares(trials.front().size());
  for (const Outcomes& trial : trials) {
    for (std::size_t i = 0; i < shares.size(); ++i) {
      shares[i] += trial[i].predicted == trial[i].label ? 1 : 0;
    }
  }
  for (double& share : shares) share /= static_cast<double>(trials.size());
  return shares;
}

void add_against(const Kept& baseline, Kept& kept) {
  if (!same_labels(baseline.trials.front(), kept.trials.front())) {
    kept.result.left_out.push_back("the baseline's trials have other test images");
    return;
  }
  double sum = 0;
  for (const Outcomes& a : kept.trials) {
    for (const Outcomes& b : baseline.trials) sum += agreement(a, b);
  }
  kept.result.agreement = sum / static_cast<double>(kept.trials.size() * baseline.trials.size());
  std::vector<double> difference = shares_right(kept.trials);
  const std::vector<double> others = shares_right(baseline.trials);
  for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= others[i];
  kept.result.sampling = image_sampling(difference);
}

}  // namespace

std::vector<RowByImage> by_image(const Section& section, const std::string& baseline) {
  std::vector<Kept> rows;
  for (const Row& row : section.rows) rows.push_back(read(row));
  const Row* base_row = only_row(section, baseline);
  const Kept* base = nullptr;
  bool any = false;
  for (const Kept& kept : rows) {
    any = any || !kept.trials.empty();
    if (kept.result.row == base_row && !kept.trials.empty()) base = &kept;
  }
  std::vector<RowByImage> results;
  if (!any) return results;
  for (Kept& kept : rows) {
    if (!kept.trials.empty()) {
      add_classes(kept);
      kept.result.own_agreement = own_agreement(kept.trials);
      if (base != nullptr && base != &kept) add_against(*base, kept);
    }
  }
  for (Kept& kept : rows) results.push_back(std::move(kept.result));
  return results;
}

}  // namespace gapbench::compare
