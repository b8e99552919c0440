#include "records/record_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "core/file.h"
#include "core/hash.h"
#include "gapbench/error.h"
#include "records/outcomes.h"
#include "records/predictions.h"
#include "records/trajectory.h"

namespace gapbench::records {
namespace {

namespace fs = std::filesystem;

/// JSON text must be UTF-8; a plugin's message may not be. Bytes that are not are replaced.
std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string bytes_of(std::span<const float> numbers) {
  static_assert(std::endian::native == std::endian::little);
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()};
}

/// "summary.json.part.1234": a writer died between writing and renaming.
bool is_part(const fs::path& path) {
  return path.filename().string().find(".part.") != std::string::npos;
}

/// What only a trial that ended well leaves; the summary has their hashes.
constexpr std::array files_of_the_end{outcomes_file, predictions_file, end_file, end_layout_file};

void remove_files_of_the_end(const fs::path& folder) {
  for (const char* name : files_of_the_end) remove_file(folder / name);
}

void remove_parts(const fs::path& folder) {
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    if (entry.is_regular_file(code) && is_part(entry.path())) remove_file(entry.path());
  }
}

/// What an earlier attempt wrote; null where it is not there or no JSON.
Json read_environment(const fs::path& file) {
  return is_there(file) ? Json::parse(read_file(file), nullptr, false) : Json();
}

std::vector<std::string> lines_there(const fs::path& file) {
  return is_there(file) ? whole_lines(file) : std::vector<std::string>();
}

std::string text_of(std::span<const std::string> lines) {
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

}  // namespace

void clear_record(const fs::path& folder) {
  for (const char* name : {"summary.json", checkpoint_file, "history.jsonl", "timing.jsonl",
                           "environment.json", steps_file}) {
    remove_file(folder / name);
  }
  remove_files_of_the_end(folder);
  remove_parts(folder);
}

RecordWriter::RecordWriter(fs::path folder, Earlier earlier) : folder_(std::move(folder)) {
  make_folder(folder_);
  const bool keep = earlier == Earlier::keep_checkpointed && is_there(folder_ / checkpoint_file);
  if (keep) {
    remove_file(folder_ / "summary.json");
    remove_files_of_the_end(folder_);
    remove_parts(folder_);
  } else {
    clear();
  }
}

void RecordWriter::clear() { clear_record(folder_); }

std::optional<train::Evaluation> RecordWriter::go_on(const Checkpoint& checkpoint) {
  const auto kept = static_cast<std::size_t>(checkpoint.evaluations);
  const auto metrics = lines_there(folder_ / "history.jsonl");
  const auto times = lines_there(folder_ / "timing.jsonl");
  History history = parse_history(metrics, times);
  const bool all_there = kept > 0 && history.evaluations.size() >= kept;
  const std::string lines = all_there ? text_of(std::span(metrics).first(kept)) : "";
  const std::string& due = checkpoint.history_sha256;
  if (!all_there || (!due.empty() && hash_bytes(Digest::sha256, lines) != due)) {
    clear();
    return std::nullopt;
  }
  write_file_atomically(folder_ / "history.jsonl", lines);
  write_file_atomically(folder_ / "timing.jsonl", text_of(std::span(times).first(kept)));
  history_ = GrowingFile(folder_ / "history.jsonl", GrowingFile::Start::as_it_is);
  timing_ = GrowingFile(folder_ / "timing.jsonl", GrowingFile::Start::as_it_is);
  earlier_ = read_environment(folder_ / "environment.json");
  return std::move(history.evaluations[kept - 1]);
}

bool RecordWriter::was_shared() const {
  if (!earlier_.is_object()) return false;
  const auto shared = [](const Json& attempt) { return attempt.value("shared_machine", false); };
  const Json again = earlier_.value("continued", Json::array());
  return shared(earlier_) || std::any_of(again.begin(), again.end(), shared);
}

void RecordWriter::write_trial(const std::string& yaml) {
  write_file_atomically(folder_ / "trial.yaml", yaml);
}

void RecordWriter::write_environment(const Json& environment) {
  Json whole = environment;
  if (earlier_.is_object()) {
    whole = earlier_;
    whole["continued"].push_back(environment);
  }
  write_file_atomically(folder_ / "environment.json", dump(whole, 2));
}

void RecordWriter::append_line(GrowingFile& file, const char* name, const Json& line) {
  if (!file.is_open()) file = GrowingFile(folder_ / name, GrowingFile::Start::empty);
  file.append(dump(line, -1));
}

void RecordWriter::append(const train::Evaluation& evaluation) {
  append_line(history_, "history.jsonl", history_json(evaluation));
  append_line(timing_, "timing.jsonl", timing_json(evaluation));
}

void RecordWriter::write_steps(std::span<const float> lengths) {
  write_file_atomically(folder_ / steps_file, bytes_of(lengths));
}

void RecordWriter::write_end(std::span<const float> parameters, std::span<const float> statistics) {
  write_file_atomically(folder_ / end_file, bytes_of(parameters) + bytes_of(statistics));
}

void RecordWriter::write_end_layout(const std::vector<NamedTensor>& tensors) {
  write_file_atomically(folder_ / end_layout_file, dump(layout_json(tensors), 1));
}

void RecordWriter::write_outcomes(std::span<const train::ExampleOutcome> outcomes) {
  write_file_atomically(folder_ / outcomes_file, outcomes_bytes(outcomes));
}

void RecordWriter::write_predictions(std::span<const float> probabilities) {
  write_file_atomically(folder_ / predictions_file, bytes_of(probabilities));
}

std::string RecordWriter::synced_history() const {
  sync_file(folder_ / "history.jsonl");
  sync_file(folder_ / "timing.jsonl");
  return hash_file(Digest::sha256, folder_ / "history.jsonl");
}

void RecordWriter::finish(Record record) {
  for (const char* name : {"history.jsonl", "timing.jsonl"}) {
    if (is_there(folder_ / name)) sync_file(folder_ / name);
  }
  if (record.outcome.status != train::Status::ok) remove_files_of_the_end(folder_);
  for (const char* name : files_of_the_end) {
    if (!is_there(folder_ / name)) continue;
    record.files[name] = hash_file(Digest::sha256, folder_ / name);
  }
  write_summary(folder_, record);
}

bool may_go_on(train::Status status) {
  return status == train::Status::interrupted || status == train::Status::timeout ||
         status == train::Status::out_of_memory;
}

void write_summary(const fs::path& folder, const Record& record, bool keep_checkpoint) {
  write_file_atomically(folder / "summary.json", dump(summary_json(record), 2));
  remove_parts(folder);
  if (!keep_checkpoint && !may_go_on(record.outcome.status)) remove_file(folder / checkpoint_file);
}

}  // namespace gapbench::records
