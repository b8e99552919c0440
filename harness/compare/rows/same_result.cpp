// Whether two trials ended alike.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compare/rows/columns.h"
#include "compare/rows/grouping.h"

namespace gapbench::compare {
namespace {

using records::Record;

/// Every number that the trial ended with, by name, in the order in which they are asked for.
using Numbers = std::vector<std::pair<std::string, double>>;

void add_part(const std::string& part, const train::PartMetrics& metrics, Numbers& numbers) {
  numbers.emplace_back(part + " loss", metrics.loss);
  if (metrics.accuracy) numbers.emplace_back(part + " accuracy", *metrics.accuracy);
}

Numbers numbers_of(const Record& record, bool with_probes) {
  Numbers numbers;
  if (!record.outcome.final) return numbers;
  const train::Evaluation& e = *record.outcome.final;
  if (e.test) add_part("test", *e.test, numbers);
  add_part("train", e.train, numbers);
  if (e.validation) add_part("validation", *e.validation, numbers);
  if (!with_probes) return numbers;
  for (const train::ProbeValue& value : e.probes) {
    numbers.emplace_back("probe " + probe_name(value), value.value);
  }
  return numbers;
}

/// NaN equals NaN here: both trials ended the same way.
bool same_number(double a, double b) { return a == b || (a != a && b != b); }

struct Difference {
  std::string name;
  std::string a;
  std::string b;
};

const double* find(const Numbers& numbers, const std::string& name) {
  for (const auto& [key, value] : numbers) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string shown(const double* value) { return value == nullptr ? "none" : exact(*value); }

/// Most trials have the same numbers in the same order; else they are looked for by name.
std::optional<Difference> first_difference(const Numbers& of_a, const Numbers& of_b) {
  for (std::size_t i = 0; i < std::max(of_a.size(), of_b.size()); ++i) {
    const std::string& name = i < of_a.size() ? of_a[i].first : of_b[i].first;
    const bool aligned = i < of_a.size() && i < of_b.size() && of_b[i].first == name;
    const double* a = aligned ? &of_a[i].second : find(of_a, name);
    const double* b = aligned ? &of_b[i].second : find(of_b, name);
    if (a != nullptr && b != nullptr && same_number(*a, *b)) continue;
    return Difference{name, shown(a), shown(b)};
  }
  return std::nullopt;
}

std::optional<Difference> first_difference(const Record& a, const Record& b, bool with_probes) {
  if (a.outcome.status == b.outcome.status) {
    return first_difference(numbers_of(a, with_probes), numbers_of(b, with_probes));
  }
  return Difference{"status", train::to_text(a.outcome.status), train::to_text(b.outcome.status)};
}

}  // namespace

bool same_result(const Record& a, const Record& b) { return !first_difference(a, b, false); }

std::string difference_of_copies(const Record& a, const Record& b) {
  if (b.folder < a.folder) return difference_of_copies(b, a);
  const auto found = first_difference(a, b, true);
  if (!found) return "";
  return fmt::format("{} is {} in {} and {} in {}", found->name, found->a,
                     a.folder.generic_string(), found->b, b.folder.generic_string());
}

}  // namespace gapbench::compare
