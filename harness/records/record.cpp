#include "records/record.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/attempts.h"
#include "records/checkpoint.h"
#include "records/cpu.h"
#include "records/flat_settings.h"
#include "records/plausible.h"
#include "records/record_json.h"
#include "records/suite_note.h"

namespace gapbench::records {
namespace {

namespace fs = std::filesystem;

/// What a walk over the trees finds: canonical paths, so that one place counts once, with the paths
/// as the user would write them.
struct Found {
  using Paths = std::map<fs::path, fs::path>;
  Paths finished;
  Paths begun;
  Paths suites;
};

/// Notes everything under one root, which is `start` in canonical form.
Found walk(const fs::path& root, const fs::path& start) {
  Found found;
  std::error_code code;
  const auto shown = [&](const fs::path& path) {
    return (root / path.lexically_relative(start)).lexically_normal();
  };
  for (fs::recursive_directory_iterator at(start, code), end; at != end; at.increment(code)) {
    const fs::path& path = at->path();
    const fs::path name = path.filename();
    if (is_kept_attempt(path)) {
      at.disable_recursion_pending();
      continue;
    }
    if (name == "suite.json") found.suites.emplace(path, shown(path));
    if (name != "summary.json" && name != "trial.yaml") continue;
    auto& paths = name == "summary.json" ? found.finished : found.begun;
    paths.emplace(path.parent_path(), shown(path.parent_path()));
  }
  if (code) throw Error(root.string(), "cannot be read: " + code.message());
  return found;
}

/// A root below a suite's folder still belongs to that suite: dataset/network/method/seed.
void look_above(const fs::path& start, Found& found) {
  std::error_code code;
  fs::path at = start;
  for (int level = 0; level < 4 && at.has_relative_path(); ++level) {
    at = at.parent_path();
    const fs::path file = at / "suite.json";
    if (fs::exists(file, code)) found.suites.emplace(file, file);
  }
}

Found look_under(const fs::path& root) {
  std::error_code code;
  const fs::path start = fs::canonical(root, code);
  if (code) throw Error(root.string(), "no such folder of records");
  if (!fs::is_directory(start)) throw Error(root.string(), "is a file; give a folder of records");
  Found found = walk(root, start);
  if (found.finished.empty() && found.begun.empty()) {
    throw Error(root.string(),
                "holds no records (folders with a summary.json, as `gapbench run` writes them)");
  }
  look_above(start, found);
  return found;
}

Found look_under(const std::vector<fs::path>& roots) {
  Found all;
  for (const fs::path& root : roots) {
    Found found = look_under(root);
    all.finished.merge(found.finished);
    all.begun.merge(found.begun);
    all.suites.merge(found.suites);
  }
  return all;
}

std::string checkpoint_text(const fs::path& folder) {
  const auto found = peek_checkpoint(folder);
  return found ? "; its checkpoint is of step " + std::to_string(found->step) : "";
}

/// Where a folder is named already.
std::string without_folder(std::string reason, const fs::path& folder) {
  const std::string prefix = folder.string() + "/";
  if (reason.starts_with(prefix)) reason.erase(0, prefix.size());
  return reason;
}

/// Of the copies of one trial those that are ok come first, then those that ended by their own
/// numbers: whoever takes the first takes the best, whatever the folders are called.
void order_copies(std::vector<Record>& records) {
  std::map<std::string, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < records.size(); ++i) places[records[i].identity].push_back(i);
  const auto rank = [](const Record& r) {
    const train::Status status = r.outcome.status;
    return status == train::Status::ok ? 0 : status == train::Status::diverged ? 1 : 2;
  };
  for (const auto& [identity, copies] : places) {
    if (copies.size() < 2) continue;
    std::vector<Record> sorted;
    for (const std::size_t i : copies) sorted.push_back(std::move(records[i]));
    std::ranges::stable_sort(sorted, {}, rank);
    for (std::size_t k = 0; k < copies.size(); ++k) records[copies[k]] = std::move(sorted[k]);
  }
}

}  // namespace

Record read_record(const fs::path& folder) {
  const fs::path file = folder / "summary.json";
  try {
    Record record = parse_summary(read_file(file));
    record.folder = folder;
    require_own_folder(folder, record);
    require_possible(record);
    require_same_end(folder, record);
    record.cpu = cpu_of(folder);
    return record;
  } catch (const SystemError&) {
    throw;
  } catch (const Error& e) {
    if (e.where() == file.string()) throw;
    const std::string own = file.filename().string() + ": ";
    const std::string_view text = e.what();
    throw Error(file.string(), std::string(text.substr(text.starts_with(own) ? own.size() : 0)));
  }
}

Records read_records(const std::vector<fs::path>& roots) {
  const Found found = look_under(roots);
  Records records;
  for (const auto& [place, folder] : found.finished) {
    try {
      Record record = read_record(folder);
      auto& kind = record.is_tuning() ? records.tuning : records.good;
      kind.push_back(std::move(record));
    } catch (const Error& e) {
      records.broken.push_back({folder, without_folder(e.what(), folder)});
    }
  }
  order_copies(records.good);
  for (const auto& [place, folder] : found.begun) {
    if (!found.finished.contains(place)) records.unfinished.push_back(folder);
  }
  for (const auto& [place, file] : found.suites) {
    try {
      records.suites.push_back(read_suite_note(file));
    } catch (const Error& e) {
      records.broken.push_back({file, e.what()});
    }
  }
  return records;
}

Record planned_record(const train::TrialSettings& settings, const std::string& identity) {
  Record record;
  record.identity = identity;
  record.suite = settings.suite;
  record.dataset = settings.problem ? settings.problem->name : settings.data.set.name;
  record.network = settings.problem ? "" : settings.network.name;
  record.method = settings.method;
  record.seed = settings.seed;
  record.settings = flat_settings(settings);
  record.threads = settings.threads;
  return record;
}

FolderState inspect(const fs::path& folder, const std::string& identity) {
  if (!is_there(folder / "summary.json")) {
    const bool begun = is_there(folder / "trial.yaml");
    return {false, train::Status::ok,
            begun ? "it was cut off before its end" + checkpoint_text(folder) : ""};
  }
  try {
    const Record record = read_record(folder);
    if (record.identity != identity) return {false, train::Status::ok, "its settings changed"};
    const train::Outcome& outcome = record.outcome;
    if (outcome.status == train::Status::interrupted) {
      return {false, outcome.status,
              "interrupted at step " + std::to_string(outcome.step) + checkpoint_text(folder)};
    }
    return {true, outcome.status, ""};
  } catch (const SystemError&) {
    throw;  // it may be whole: nothing may be made in its place
  } catch (const Error& e) {
    return {false, train::Status::ok, std::string("its record is broken: ") + e.what()};
  }
}

bool is_finished(const fs::path& folder, const std::string& identity) {
  return inspect(folder, identity).finished;
}

}  // namespace gapbench::records
