#include "run/suite_note.h"

#include <algorithm>

#include "core/file.h"
#include "gapbench/error.h"
#include "run/record_json.h"

namespace gapbench::run {

namespace fs = std::filesystem;

fs::path suite_folder(const fs::path& results, const suite::Suite& suite) {
  for (const auto& trial : suite.trials) {
    if (!trial.folder.empty()) return results / *trial.folder.begin();
  }
  return results / suite.name;
}

void write_suite_note(const fs::path& folder, const suite::Suite& suite) {
  std::vector<std::string> methods;
  for (const auto& trial : suite.trials) {
    if (trial.settings.tuning) continue;
    const std::string& method = trial.settings.method;
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
      methods.push_back(method);
    }
  }
  const Json json{{"schema", record_schema},
                  {"name", suite.name},
                  {"description", suite.description},
                  {"baseline", suite.baseline},
                  {"methods", methods}};
  write_file_atomically(folder / "suite.json", json.dump(2) + "\n");
}

SuiteNote read_suite_note(const fs::path& file) {
  try {
    const Json json = Json::parse(read_file(file));
    if (json.at("schema").get<int>() != record_schema) throw Error(file.string(), "foreign schema");
    return {json.at("name").get<std::string>(), json.at("description").get<std::string>(),
            json.at("baseline").get<std::string>(),
            json.at("methods").get<std::vector<std::string>>()};
  } catch (const Json::exception& e) {
    throw Error(file.string(), std::string("cannot be read: ") + e.what());
  }
}

}  // namespace gapbench::run
