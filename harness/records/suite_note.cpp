#include "records/suite_note.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/record_json.h"

namespace gapbench::records {

namespace fs = std::filesystem;

namespace {

Json published_json(const suite::Published& p) {
  Json json{{"dataset", p.dataset}, {"network", p.network}, {"method", p.method},
            {"metric", p.metric},   {"value", p.value},     {"source", p.source}};
  if (p.deviation) json["deviation"] = *p.deviation;
  if (p.n) json["n"] = *p.n;
  return json;
}

suite::Published published(const Json& json) {
  suite::Published p;
  p.dataset = json.at("dataset").get<std::string>();
  p.network = json.at("network").get<std::string>();
  p.method = json.at("method").get<std::string>();
  p.metric = json.at("metric").get<std::string>();
  p.value = json.at("value").get<double>();
  p.source = json.at("source").get<std::string>();
  if (json.contains("deviation")) p.deviation = json["deviation"].get<double>();
  if (json.contains("n")) p.n = json["n"].get<std::uint64_t>();
  return p;
}

}  // namespace

fs::path suite_folder(const fs::path& results, const suite::Suite& suite) {
  for (const auto& trial : suite.trials) {
    if (!trial.folder.empty()) return results / *trial.folder.begin();
  }
  return results / suite.name;
}

void write_suite_note(const fs::path& folder, const suite::Suite& suite) {
  std::vector<std::string> methods;
  Json trials = Json::array();
  for (const auto& trial : suite.trials) {
    if (trial.settings.tuning) continue;
    const std::string& method = trial.settings.method;
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
      methods.push_back(method);
    }
    // Without the suite's own folder, so that it may be renamed.
    const fs::path& own = trial.folder;
    if (!own.empty()) trials.push_back(own.lexically_relative(*own.begin()).generic_string());
  }
  Json numbers = Json::array();
  for (const auto& p : suite.published) numbers.push_back(published_json(p));
  const Json json{{"schema", record_schema},
                  {"name", suite.name},
                  {"description", suite.description},
                  {"baseline", suite.baseline},
                  {"methods", methods},
                  {"published", numbers},
                  {"trials", trials}};
  write_file_atomically(folder / "suite.json", json.dump(2) + "\n");
}

SuiteNote read_suite_note(const fs::path& file) {
  try {
    const Json json = Json::parse(read_file(file));
    if (json.at("schema").get<int>() != record_schema) throw Error(file.string(), "foreign schema");
    SuiteNote note{json.at("name").get<std::string>(), json.at("description").get<std::string>(),
                   json.at("baseline").get<std::string>(),
                   json.at("methods").get<std::vector<std::string>>()};
    for (const Json& entry : json.value("published", Json::array())) {
      note.published.push_back(published(entry));
    }
    note.trials = json.value("trials", std::vector<std::string>());
    note.folder = file.parent_path();
    return note;
  } catch (const Json::exception& e) {
    throw Error(file.string(), std::string("cannot be read: ") + e.what());
  }
}

}  // namespace gapbench::records
