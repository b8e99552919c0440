#include "records/suite_note.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/file.h"
#include "core/hash.h"
#include "gapbench/error.h"
#include "records/json_reason.h"
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

constexpr const char* kinds[] = {"carries", "within", "below", "gains"};

/// Every field of every kind, so that a claim is the same text wherever it stands.
Json claim_json(const DeclaredClaim& declared) {
  const suite::Claim& c = declared.claim;
  return {{"kind", kinds[static_cast<std::size_t>(c.kind)]},
          {"method", c.method},
          {"metric", c.metric},
          {"from", c.from},
          {"to", c.to},
          {"scale", c.scale},
          {"share", c.share},
          {"margin", c.margin},
          {"of", c.of},
          {"sha256", hash_bytes(Digest::sha256, suite::to_text(c))},
          {"evaluated_before", declared.evaluated_before}};
}

DeclaredClaim claim(const Json& json) {
  DeclaredClaim declared;
  suite::Claim& c = declared.claim;
  const auto kind = std::ranges::find(kinds, json.at("kind").get<std::string>());
  if (kind == std::end(kinds)) throw Error("claims", "a claim of an unknown kind");
  c.kind = static_cast<suite::Claim::Kind>(kind - std::begin(kinds));
  c.method = json.at("method").get<std::string>();
  c.metric = json.at("metric").get<std::string>();
  c.from = json.at("from").get<std::string>();
  c.to = json.at("to").get<std::string>();
  c.scale = json.at("scale").get<std::string>();
  c.share = json.at("share").get<double>();
  c.margin = json.at("margin").get<double>();
  c.of = json.at("of").get<std::string>();
  declared.evaluated_before = json.at("evaluated_before").get<std::size_t>();
  if (json.at("sha256").get<std::string>() != hash_bytes(Digest::sha256, suite::to_text(c))) {
    throw Error("claims", "a claim was changed after it was declared: " + suite::to_text(c));
  }
  return declared;
}

/// Trials of the suite's folder whose test part has been looked at.
std::size_t evaluated_trials(const fs::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().filename() != "history.jsonl") continue;
    if (read_file(entry.path()).find("\"test\":") != std::string::npos) ++count;
  }
  return count;
}

/// A claim that stood in the folder before keeps what was known then.
std::vector<DeclaredClaim> declared_claims(const fs::path& folder, const suite::Suite& suite) {
  std::vector<DeclaredClaim> claims;
  if (suite.claims.empty()) return claims;
  std::vector<DeclaredClaim> before;
  if (is_there(folder / "suite.json")) before = read_suite_note(folder / "suite.json").claims;
  const std::size_t evaluated = evaluated_trials(folder);
  for (const suite::Claim& c : suite.claims) {
    const auto found = std::ranges::find(
        before, suite::to_text(c), [](const DeclaredClaim& d) { return suite::to_text(d.claim); });
    claims.push_back({c, found == before.end() ? evaluated : found->evaluated_before});
  }
  return claims;
}

/// As the claims: looks that stood in the folder before keep what was known then.
void note_looks(const fs::path& folder, const suite::Suite& suite, Json& json) {
  const suite::Looks& looks = suite.looks;
  if (looks.at.empty()) return;
  std::optional<SuiteNote> before;
  if (is_there(folder / "suite.json")) before = read_suite_note(folder / "suite.json");
  const bool known = before && before->looks == looks;
  json["looks"] = {
      {"first", looks.first},
      {"at", looks.at},
      {"alpha", looks.alpha},
      {"evaluated_before", known ? before->evaluated_before_looks : evaluated_trials(folder)}};
}

void read_looks(const Json& json, SuiteNote& note) {
  if (!json.contains("looks")) return;
  const Json& looks = json.at("looks");
  note.looks = {looks.at("first").get<std::uint64_t>(),
                looks.at("at").get<std::vector<std::size_t>>(), looks.at("alpha").get<double>()};
  note.evaluated_before_looks = looks.at("evaluated_before").get<std::size_t>();
  const auto& at = note.looks.at;
  const bool grows = std::ranges::adjacent_find(at, std::greater_equal<>{}) == at.end();
  if (at.empty() || at.front() < 2 || !grows || !(note.looks.alpha > 0 && note.looks.alpha < 1)) {
    throw Error("looks", "must be growing numbers of seeds and a level between 0 and 1");
  }
}

}  // namespace

fs::path suite_folder(const fs::path& results, const suite::Suite& suite) {
  for (const auto& trial : suite.trials) {
    if (!trial.folder.empty()) return results / *trial.folder.begin();
  }
  return results / suite.name;
}

std::string trial_name(const fs::path& folder) {
  constexpr std::ptrdiff_t levels = 4;
  auto first = folder.end();
  for (std::ptrdiff_t level = 0; level < levels && first != folder.begin(); ++level) --first;
  fs::path name;
  for (; first != folder.end(); ++first) name /= *first;
  return name.generic_string();
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
  Json json{{"schema", record_schema},
            {"name", suite.name},
            {"description", suite.description},
            {"baseline", suite.baseline},
            {"methods", methods},
            {"published", numbers},
            {"trials", trials}};
  if (suite.metric != suite::Suite{}.metric) json["metric"] = suite.metric;
  if (!suite.rows.empty()) json["rows"] = suite.rows;
  for (const DeclaredClaim& c : declared_claims(folder, suite)) {
    json["claims"].push_back(claim_json(c));
  }
  note_looks(folder, suite, json);
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
    note.metric = json.value("metric", note.metric);
    for (const Json& entry : json.value("claims", Json::array())) {
      note.claims.push_back(claim(entry));
    }
    read_looks(json, note);
    note.rows = json.value("rows", note.rows);
    note.trials = json.value("trials", std::vector<std::string>());
    note.folder = file.parent_path();
    return note;
  } catch (const Json::exception& e) {
    throw Error(file.string(), "cannot be read: " + json_reason(e.what()));
  }
}

}  // namespace gapbench::records
