#include "compare/sqlite/export.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iterator>
#include <optional>

#include "compare/rows/aggregate.h"
#include "compare/sqlite/database.h"
#include "compare/sqlite/table.h"
#include "compare/sqlite/verdicts.h"
#include "gapbench/error.h"
#include "records/outcomes.h"

namespace gapbench::compare {
namespace {

namespace fs = std::filesystem;
using records::Record;
using train::Cost;
using train::Evaluation;

const Field trial_fields[] = {
    {"id", "INTEGER PRIMARY KEY", ""},
    {"identity", "TEXT", "SHA-256"},
    {"suite", "TEXT", ""},
    {"dataset", "TEXT", ""},
    {"network", "TEXT", ""},
    {"method", "TEXT", ""},
    {"seed", "INTEGER", ""},
    {"status", "TEXT", ""},
    {"reason", "TEXT", ""},
    {"step", "INTEGER", "steps"},
    {"steps", "INTEGER", "steps"},
    {"dimension", "INTEGER", "parameters"},
    {"training_examples", "INTEGER", "examples"},
    {"train_loss", "REAL", "the loss's (cross-entropy: nats)"},
    {"train_accuracy", "REAL", "fraction"},
    {"validation_loss", "REAL", "the loss's"},
    {"validation_accuracy", "REAL", "fraction"},
    {"test_loss", "REAL", "the loss's"},
    {"test_accuracy", "REAL", "fraction"},
    {"loss_gap", "REAL", "the loss's"},
    {"error_gap", "REAL", "fraction"},
    {"threads", "INTEGER", "threads"},
    {"shared_machine", "INTEGER", "1: other trials ran at the same time"},
    {"build", "TEXT", ""},
    {"folder", "TEXT", ""},
};
const Field setting_fields[] = {
    {"trial", "INTEGER REFERENCES trials(id)", ""}, {"name", "TEXT", ""}, {"value", "", ""}};
const Field history_fields[] = {
    {"trial", "INTEGER REFERENCES trials(id)", ""},
    {"step", "INTEGER", "steps"},
    {"epoch", "REAL", "epochs"},
    {"schedule", "REAL", "factor of the learning rate"},
    {"objective", "REAL", "the loss's"},
    {"train_loss", "REAL", "the loss's"},
    {"train_accuracy", "REAL", "fraction"},
    {"validation_loss", "REAL", "the loss's"},
    {"validation_accuracy", "REAL", "fraction"},
    {"test_loss", "REAL", "the loss's"},
    {"test_accuracy", "REAL", "fraction"},
    {"loss_gap", "REAL", "the loss's"},
    {"error_gap", "REAL", "fraction"},
    {"gradient_samples", "REAL", "examples so far"},
    {"train_flops", "REAL", "operations so far, a multiply-add is 2"},
    {"train_seconds", "REAL", "s of wall time so far"},
    {"total_seconds", "REAL", "s of wall time so far"},
};
/// In the order of cost_row.
std::vector<Field> cost_fields() {
  constexpr const char* operations = "operations, a multiply-add is 2";
  std::vector<Field> fields{{"trial", "INTEGER PRIMARY KEY REFERENCES trials(id)", ""},
                            {"gradient_samples", "REAL", "examples"}};
  for (const auto& [name, count] : train::pass_counts) {
    const bool is_flops = count == &train::PassCounts::flops;
    fields.push_back({fmt::format("train_{}", name), "REAL", is_flops ? operations : "examples"});
  }
  fields.push_back({"probe_flops", "REAL", operations});
  for (const auto& [name, bucket] : train::cost_buckets) {
    fields.push_back({fmt::format("{}_wall_seconds", name), "REAL", "s"});
    fields.push_back({fmt::format("{}_cpu_seconds", name), "REAL", "s"});
  }
  fields.push_back({"peak_memory_bytes", "INTEGER", "bytes"});
  return fields;
}
const Field probe_fields[] = {{"trial", "INTEGER REFERENCES trials(id)", ""},
                              {"step", "INTEGER", "steps"},
                              {"epoch", "REAL", "epochs"},
                              {"probe", "TEXT", ""},
                              {"metric", "TEXT", ""},
                              {"value", "REAL", "see unit"},
                              {"unit", "TEXT", ""}};
const char* unit_of(std::optional<double> train::PartPrediction::*score) {
  using P = train::PartPrediction;
  if (score == &P::nll || score == &P::entropy || score == &P::mutual_information) return "nats";
  if (score == &P::accuracy || score == &P::ece || score == &P::gibbs_error) return "fraction";
  if (score == &P::rmse) return "the targets'";
  return score == &P::gibbs_loss ? "the loss's" : "";
}

std::vector<Field> prediction_fields() {
  std::vector<Field> fields{{"trial", "INTEGER REFERENCES trials(id)", ""},
                            {"step", "INTEGER", "steps"},
                            {"epoch", "REAL", "epochs"},
                            {"part", "TEXT", ""},
                            {"examples", "INTEGER", "examples"},
                            {"draws", "INTEGER", ""}};
  for (const auto& [name, score] : train::prediction_scores) {
    fields.push_back({name, "REAL", unit_of(score)});
  }
  return fields;
}

const Field outcome_fields[] = {{"trial", "INTEGER REFERENCES trials(id)", ""},
                                {"example", "INTEGER", "of the test part, from 0"},
                                {"label", "INTEGER", "class"},
                                {"predicted", "INTEGER", "class"},
                                {"probability", "REAL", "of the label"}};
const Field left_out_fields[] = {{"folder", "TEXT", ""}, {"reason", "TEXT", ""}};
const Field unit_fields[] = {
    {"table_name", "TEXT", ""}, {"column_name", "TEXT", ""}, {"unit", "TEXT", ""}};

using Row = std::vector<SqlValue>;

void add_part(const train::PartMetrics* part, Row& row) {
  row.push_back(part != nullptr ? SqlValue(part->loss) : SqlValue());
  row.push_back(part != nullptr ? SqlValue(part->accuracy) : SqlValue());
}

/// Losses, accuracies and gaps, in the order of the fields.
void add_metrics(const Evaluation* e, Row& row) {
  add_part(e != nullptr ? &e->train : nullptr, row);
  add_part(e != nullptr && e->validation ? &*e->validation : nullptr, row);
  add_part(e != nullptr && e->test ? &*e->test : nullptr, row);
  row.push_back(e != nullptr ? SqlValue(loss_gap(*e)) : SqlValue());
  row.push_back(e != nullptr ? SqlValue(error_gap(*e)) : SqlValue());
}

Row trial_row(std::int64_t id, const Record& r) {
  const train::Outcome& o = r.outcome;
  Row row{id,
          r.identity,
          r.suite,
          r.dataset,
          r.network,
          r.method,
          r.seed,
          train::to_text(o.status),
          o.reason,
          o.step,
          o.steps,
          std::uint64_t{o.dimension},
          std::uint64_t{o.training_examples}};
  add_metrics(o.final ? &*o.final : nullptr, row);
  for (SqlValue value : {SqlValue(std::uint64_t{r.threads}), SqlValue(r.shared_machine),
                         SqlValue(r.build), SqlValue(r.folder.generic_string())}) {
    row.push_back(std::move(value));
  }
  return row;
}

Row cost_row(std::int64_t id, const Cost& c) {
  Row row{id, c.gradient_samples()};
  for (const auto& [name, count] : train::pass_counts) row.emplace_back(c.train_passes.*count);
  row.emplace_back(c.probe_passes.flops);
  for (const auto& [name, bucket] : train::cost_buckets) {
    row.emplace_back((c.*bucket).wall_seconds);
    row.emplace_back((c.*bucket).cpu_seconds);
  }
  row.emplace_back(c.peak_memory_bytes);
  return row;
}

Row history_row(std::int64_t id, const Evaluation& e) {
  Row row{id, e.step, e.epoch, e.schedule, e.objective};
  add_metrics(&e, row);
  for (const double value : {e.cost.gradient_samples(), e.cost.train_passes.flops,
                             e.cost.train.wall_seconds, e.cost.total.wall_seconds}) {
    row.emplace_back(value);
  }
  return row;
}

Row prediction_row(std::int64_t id, const Evaluation& e, const std::string& part,
                   const train::PartPrediction& p) {
  Row row{id, e.step, e.epoch, part, std::uint64_t{p.examples}, std::uint64_t{p.draws}};
  for (const auto& [name, score] : train::prediction_scores) row.emplace_back(p.*score);
  return row;
}

/// The tables of one database, while it is being filled.
class Tables {
 public:
  Tables(Database& database, const records::Records& records, bool outcomes)
      : trials_(make_table(database, "trials", trial_fields)),
        settings_(make_table(database, "settings", setting_fields)),
        history_(make_table(database, "history", history_fields)),
        costs_(make_table(database, "costs", cost_fields())),
        probes_(make_table(database, "probes", probe_fields)),
        predictions_(make_table(database, "predictions", prediction_fields())),
        left_out_(make_table(database, "left_out", left_out_fields)) {
    Insert units = make_table(database, "units", unit_fields);
    add_units("trials", trial_fields, units);
    add_units("history", history_fields, units);
    add_units("costs", cost_fields(), units);
    add_units("probes", probe_fields, units);
    add_units("predictions", prediction_fields(), units);
    add_verdicts(database, units, records);
    if (!outcomes) return;
    outcomes_.emplace(make_table(database, "outcomes", outcome_fields));
    add_units("outcomes", outcome_fields, units);
  }

  void add(std::int64_t id, const Record& record) {
    trials_.row(trial_row(id, record));
    costs_.row(cost_row(id, record.outcome.cost));
    for (const auto& [name, value] : record.settings) {
      settings_.row({id, name, std::visit([](const auto& v) { return SqlValue(v); }, value)});
    }
    const records::History history = records::read_history(record.folder);
    for (const Evaluation& e : history.evaluations) {
      history_.row(history_row(id, e));
      for (const train::ProbeValue& p : e.probes) {
        probes_.row({id, e.step, e.epoch, p.probe, p.metric, p.value, p.unit});
      }
      for (const auto& [name, part] : train::predicted_parts) {
        if (!e.predictive || !((*e.predictive).*part)) continue;
        predictions_.row(prediction_row(id, e, name, *((*e.predictive).*part)));
      }
      if (!e.predictive) continue;
      for (const train::ShiftedPrediction& shifted : e.predictive->shifted) {
        predictions_.row(prediction_row(id, e, "shifted." + shifted.name, shifted.scores));
      }
    }
    if (!history.broken.empty()) leave_out(record.folder, "its history: " + history.broken);
    if (outcomes_ && record.files.contains(records::outcomes_file)) add_outcomes(id, record);
  }

  void leave_out(const fs::path& folder, const std::string& reason) {
    left_out_.row({folder.generic_string(), reason});
    ++left_out_count;
  }

  std::size_t left_out_count = 0;

 private:
  void add_outcomes(std::int64_t id, const Record& record) {
    try {
      std::int64_t example = 0;
      for (const auto& o : records::read_outcomes(record)) {
        outcomes_->row({id, example++, std::int64_t{o.label}, std::int64_t{o.predicted},
                        double{o.probability}});
      }
    } catch (const Error& e) {
      leave_out(record.folder, e.what());
    }
  }

  Insert trials_;
  Insert settings_;
  Insert history_;
  Insert costs_;
  Insert probes_;
  Insert predictions_;
  Insert left_out_;
  std::optional<Insert> outcomes_;
};

Exported fill(const records::Records& records, Database& database, bool outcomes) {
  database.run(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = 1; BEGIN",
                           sqlite_application_id));
  Exported exported;
  {
    Tables tables(database, records, outcomes);
    std::vector<Duplicate> duplicates;
    for (const Record* record : distinct(records, duplicates)) {
      tables.add(static_cast<std::int64_t>(++exported.trials), *record);
    }
    for (const Duplicate& d : duplicates) {
      tables.leave_out(d.dropped->folder,
                       fmt::format("the same trial as {}{}", d.kept->folder.generic_string(),
                                   d.same_result() ? "" : "; its " + d.difference));
    }
    for (const auto& folder : records.unfinished) tables.leave_out(folder, "not finished");
    for (const auto& broken : records.broken) tables.leave_out(broken.folder, broken.reason);
    exported.left_out = tables.left_out_count;
  }
  if (outcomes) database.run("CREATE INDEX outcomes_of ON outcomes(trial)");
  database.run(
      "CREATE INDEX settings_of ON settings(trial); CREATE INDEX history_of ON "
      "history(trial); CREATE INDEX probes_of ON probes(trial); CREATE INDEX predictions_of ON "
      "predictions(trial); COMMIT");
  return exported;
}

/// Removes the file it was given unless it was renamed away.
struct Part {
  fs::path path;
  ~Part() {
    std::error_code ignored;
    for (const char* suffix : {"", "-journal"}) fs::remove(path.string() + suffix, ignored);
  }
};

}  // namespace

Exported export_sqlite(const records::Records& records, const fs::path& file, bool outcomes) {
  std::error_code code;
  if (fs::exists(file, code) && application_id_of(file) != sqlite_application_id) {
    throw Error(file.string(), "exists and is no export of gapbench: give another name");
  }
  const Part part{fmt::format("{}.part.{}", file.string(), getpid())};
  fs::remove(part.path, code);
  Exported exported;
  {
    Database database(part.path);
    exported = fill(records, database, outcomes);
  }
  fs::rename(part.path, file, code);
  if (code) throw Error(file.string(), "cannot be written: " + code.message());
  return exported;
}

}  // namespace gapbench::compare
