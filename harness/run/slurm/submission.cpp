#include "run/slurm/submission.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/json_reason.h"
#include "records/record_json.h"

#include <nlohmann/json.hpp>

namespace gapbench::run::slurm {
namespace {

namespace fs = std::filesystem;
using records::Json;

constexpr int jobs_schema = 1;

std::optional<std::size_t> number_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  std::size_t number = 0;
  const auto [rest, code] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (code != std::errc() || rest != name.data() + name.size()) return std::nullopt;
  return number;
}

std::map<std::size_t, fs::path> folders(const fs::path& suite_folder) {
  std::map<std::size_t, fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(suite_folder / slurm_folder, none)) {
    if (const auto number = number_of(entry.path())) found[*number] = entry.path();
  }
  return found;
}

Submission read(const fs::path& folder) {
  const fs::path file = folder / jobs_file;
  try {
    const Json json = Json::parse(read_file(file));
    if (json.at("schema").get<int>() != jobs_schema) throw Error(file.string(), "foreign schema");
    Submission submission{folder, {}};
    for (const Json& entry : json.at("arrays")) {
      Array array{entry.at("name").get<std::string>(), entry.value("job", std::string()), {}};
      for (const Json& task : entry.at("tasks")) {
        array.tasks.push_back(
            {task.at("index").get<std::size_t>(), task.at("record").get<std::string>()});
      }
      submission.arrays.push_back(std::move(array));
    }
    return submission;
  } catch (const Json::exception& e) {
    throw Error(file.string(), "cannot be read: " + records::json_reason(e.what()));
  }
}

}  // namespace

std::string unchosen_place(const std::string& place) {
  const std::size_t name = place.rfind('/') + 1;  // 0 where there is none
  const std::size_t dash = place.find('-', place.find('-', name) + 1);
  return dash == std::string::npos || dash <= name ? place : place.substr(0, dash);
}

void write_jobs(const Submission& submission) {
  Json arrays = Json::array();
  for (const Array& array : submission.arrays) {
    Json tasks = Json::array();
    for (const Task& task : array.tasks) {
      tasks.push_back({{"index", task.index}, {"record", task.place}});
    }
    Json json{{"name", array.name}};
    if (!array.job.empty()) json["job"] = array.job;
    json["tasks"] = std::move(tasks);
    arrays.push_back(std::move(json));
  }
  const Json json{{"schema", jobs_schema}, {"arrays", std::move(arrays)}};
  write_file_atomically(submission.folder / jobs_file, json.dump(1) + "\n");
}

std::vector<Submission> submissions(const fs::path& suite_folder) {
  std::vector<Submission> all;
  for (const auto& [number, folder] : folders(suite_folder)) {
    // Without the file nothing of it was handed over.
    if (is_there(folder / jobs_file)) all.push_back(read(folder));
  }
  return all;
}

fs::path next_folder(const fs::path& suite_folder) {
  const auto there = folders(suite_folder);
  const std::size_t number = there.empty() ? 1 : there.rbegin()->first + 1;
  const fs::path folder = suite_folder / slurm_folder / std::to_string(number);
  make_folder(folder / "log");
  return folder;
}

}  // namespace gapbench::run::slurm
