#include "compare/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compare/rows/columns.h"

namespace gapbench::compare {
namespace {

using records::Record;
using train::Cost;
using train::Evaluation;
using train::PartMetrics;

/// A column of the file.
struct Field {
  std::string name;
  std::function<std::string(const Record&)> text;
};
using Columns = std::vector<Field>;

void add_identity(Columns& columns) {
  columns.push_back({"suite", [](const Record& r) { return r.suite; }});
  columns.push_back({"dataset", [](const Record& r) { return r.dataset; }});
  columns.push_back({"network", [](const Record& r) { return r.network; }});
  columns.push_back({"method", [](const Record& r) { return r.method; }});
  columns.push_back({"seed", [](const Record& r) { return std::to_string(r.seed); }});
  columns.push_back(
      {"status", [](const Record& r) { return std::string(train::to_text(r.outcome.status)); }});
  columns.push_back({"reason", [](const Record& r) { return r.outcome.reason; }});
  columns.push_back({"step", [](const Record& r) { return std::to_string(r.outcome.step); }});
  columns.push_back({"steps", [](const Record& r) { return std::to_string(r.outcome.steps); }});
  columns.push_back(
      {"dimension", [](const Record& r) { return std::to_string(r.outcome.dimension); }});
  columns.push_back({"training_examples",
                     [](const Record& r) { return std::to_string(r.outcome.training_examples); }});
}

using OfFinal = std::function<std::optional<double>(const Evaluation&)>;

void add_final(Columns& columns, const std::string& name, const OfFinal& of) {
  columns.push_back({name, [of](const Record& r) {
                       const auto value = r.outcome.final ? of(*r.outcome.final) : std::nullopt;
                       return value ? exact(*value) : std::string();
                     }});
}

using OfPart = std::function<const PartMetrics*(const Evaluation&)>;

void add_part(Columns& columns, const std::string& part, const OfPart& of) {
  add_final(columns, part + "_loss", [of](const Evaluation& e) {
    const PartMetrics* p = of(e);
    return p != nullptr ? std::optional(p->loss) : std::nullopt;
  });
  add_final(columns, part + "_accuracy_fraction", [of](const Evaluation& e) {
    const PartMetrics* p = of(e);
    return p != nullptr ? p->accuracy : std::nullopt;
  });
}

void add_metrics(Columns& columns) {
  add_part(columns, "train", [](const Evaluation& e) { return &e.train; });
  add_part(columns, "validation",
           [](const Evaluation& e) { return e.validation ? &*e.validation : nullptr; });
  add_part(columns, "test", [](const Evaluation& e) { return e.test ? &*e.test : nullptr; });
  add_final(columns, "loss_gap", loss_gap);
  add_final(columns, "error_gap_fraction", error_gap);
}

using OfCost = std::function<double(const Cost&)>;

void add_cost(Columns& columns, const std::string& name, const OfCost& of) {
  columns.push_back({name, [of](const Record& r) { return exact(of(r.outcome.cost)); }});
}

void add_passes(Columns& columns, const std::string& bucket,
                const train::PassCounts Cost::*passes) {
  for (const auto& [name, count] : train::pass_counts) {
    add_cost(columns, fmt::format("{}_{}", bucket, name),
             [passes, count](const Cost& cost) { return cost.*passes.*count; });
  }
}

void add_bucket(Columns& columns, const std::string& name, const Cost::Bucket Cost::*bucket) {
  add_cost(columns, name + "_wall_seconds",
           [bucket](const Cost& cost) { return (cost.*bucket).wall_seconds; });
  add_cost(columns, name + "_cpu_seconds",
           [bucket](const Cost& cost) { return (cost.*bucket).cpu_seconds; });
}

void add_costs(Columns& columns) {
  add_cost(columns, "gradient_samples", [](const Cost& c) { return c.gradient_samples(); });
  add_passes(columns, "train", &Cost::train_passes);
  add_passes(columns, "probe", &Cost::probe_passes);
  for (const auto& [name, bucket] : train::cost_buckets) add_bucket(columns, name, bucket);
  columns.push_back({"peak_memory_bytes", [](const Record& r) {
                       return std::to_string(r.outcome.cost.peak_memory_bytes);
                     }});
}

void add_provenance(Columns& columns) {
  columns.push_back({"threads", [](const Record& r) { return std::to_string(r.threads); }});
  columns.push_back(
      {"shared_machine", [](const Record& r) { return r.shared_machine ? "true" : "false"; }});
  columns.push_back({"notes", [](const Record& r) {
                       return fmt::format("{}", fmt::join(r.outcome.notes, "; "));
                     }});
  columns.push_back({"build", [](const Record& r) { return r.build; }});
  columns.push_back({"identity", [](const Record& r) { return r.identity; }});
  columns.push_back({"folder", [](const Record& r) { return r.folder.generic_string(); }});
}

void add_probes(const std::vector<const Record*>& records, Columns& columns) {
  std::set<std::string> names;
  for (const Record* record : records) {
    if (!record->outcome.final) continue;
    for (const auto& value : record->outcome.final->probes) names.insert(probe_name(value));
  }
  for (const std::string& name : names) {
    columns.push_back({fmt::format("probe.{}", name), [name](const Record& r) {
                         const auto value = probe_value(r, name);
                         return value ? exact(*value) : std::string();
                       }});
  }
}

using OfPrediction = std::function<std::optional<double>(const train::PartPrediction&)>;

/// Where one of the trials has it.
void add_prediction(const std::vector<const Record*>& records, const train::NamedPrediction& part,
                    const char* name, const OfPrediction& of, Columns& columns) {
  const auto value = [part, of](const Evaluation& e) -> std::optional<double> {
    if (!e.predictive || !((*e.predictive).*part.part)) return std::nullopt;
    return of(*((*e.predictive).*part.part));
  };
  const bool occurs = std::any_of(records.begin(), records.end(), [&](const Record* r) {
    return r->outcome.final && value(*r->outcome.final);
  });
  if (occurs) add_final(columns, fmt::format("predictive.{}.{}", part.name, name), value);
}

void add_predictions(const std::vector<const Record*>& records, Columns& columns) {
  for (const train::NamedPrediction& part : train::predicted_parts) {
    const auto draws = [](const train::PartPrediction& p) {
      return std::optional(static_cast<double>(p.draws));
    };
    add_prediction(records, part, "draws", draws, columns);
    for (const auto& [name, score] : train::prediction_scores) {
      add_prediction(
          records, part, name, [score](const train::PartPrediction& p) { return p.*score; },
          columns);
    }
  }
}

/// Those of shifted test parts, by name.
void add_shifted(const std::vector<const Record*>& records, Columns& columns) {
  const auto list = [](const Record& r) -> const std::vector<train::ShiftedPrediction>& {
    static const std::vector<train::ShiftedPrediction> none;
    const auto& final = r.outcome.final;
    return final && final->predictive ? final->predictive->shifted : none;
  };
  std::vector<std::string> names;
  for (const Record* record : records) {
    for (const train::ShiftedPrediction& shifted : list(*record)) {
      if (std::ranges::count(names, shifted.name) == 0) names.push_back(shifted.name);
    }
  }
  for (const std::string& name : names) {
    for (const auto& [score_name, score] : train::prediction_scores) {
      const auto value = [name, score, list](const Record& r) -> std::optional<double> {
        for (const train::ShiftedPrediction& shifted : list(r)) {
          if (shifted.name == name) return shifted.scores.*score;
        }
        return std::nullopt;
      };
      if (!std::ranges::any_of(records, [&](const Record* r) { return value(*r).has_value(); })) {
        continue;
      }
      columns.push_back(
          {fmt::format("predictive.shifted.{}.{}", name, score_name), [value](const Record& r) {
             const auto found = value(r);
             return found ? exact(*found) : std::string();
           }});
    }
  }
}

void add_settings(const std::vector<const Record*>& records, Columns& columns) {
  std::set<std::string> keys;
  for (const Record* record : records) {
    for (const auto& [key, value] : record->settings) keys.insert(key);
  }
  for (const std::string& key : keys) {
    columns.push_back({fmt::format("setting.{}", key), [key](const Record& r) {
                         const auto found = r.settings.find(key);
                         return found == r.settings.end() ? std::string()
                                                          : gapbench::to_text(found->second);
                       }});
  }
}

/// "gradient samples to test_accuracy=0.6".
void add_target(const Target& to, const CostsToTarget& costs, Columns& columns) {
  columns.push_back({fmt::format("{} to {}={}", unit_of(to.cost), to.metric, to.value),
                     [&costs](const Record& r) {
                       const auto found = costs.find(&r);
                       if (found == costs.end()) return std::string();
                       return found->second ? exact(*found->second) : std::string("inf");
                     }});
}

std::string broken_field(const std::string& column, const records::BrokenRecord& broken) {
  if (column == "status") return "broken";
  if (column == "reason") return broken.reason;
  if (column == "folder") return broken.folder.generic_string();
  return "";
}

template <class Text>
void add_line(const Columns& columns, const Text& field, std::string& text) {
  for (const Field& column : columns) {
    if (&column != &columns.front()) text += ',';
    text += csv_field(field(column));
  }
  text += '\n';
}

std::vector<const Record*> trials(const Aggregate& all) {
  std::vector<const Record*> list;
  for (const Section& section : all.sections) {
    for (const Row& row : section.rows) {
      list.insert(list.end(), row.ok.begin(), row.ok.end());
      list.insert(list.end(), row.failed.begin(), row.failed.end());
    }
  }
  return list;
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = text;
  for (std::size_t at = 0; (at = quoted.find('"', at)) != std::string::npos; at += 2) {
    quoted.insert(at, 1, '"');
  }
  return fmt::format("\"{}\"", quoted);
}

std::string csv(const records::Records& records, const Aggregate& all,
                const std::optional<Target>& to, const CostsToTarget& costs) {
  const std::vector<const Record*> list = trials(all);
  Columns columns;
  add_identity(columns);
  add_metrics(columns);
  add_costs(columns);
  add_provenance(columns);
  add_predictions(list, columns);
  add_shifted(list, columns);
  add_probes(list, columns);
  add_settings(list, columns);
  if (to) add_target(*to, costs, columns);
  std::string text;
  add_line(
      columns, [](const Field& c) { return c.name; }, text);
  for (const Record* record : list) {
    add_line(
        columns, [record](const Field& c) { return c.text(*record); }, text);
  }
  for (const auto& broken : records.broken) {
    add_line(
        columns, [&](const Field& c) { return broken_field(c.name, broken); }, text);
  }
  return text;
}

}  // namespace gapbench::compare
