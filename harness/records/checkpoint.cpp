#include "records/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "core/file.h"
#include "core/hash.h"
#include "gapbench/error.h"
#include "records/record_json.h"
#include "records/text.h"

namespace gapbench::records {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view mark = "gapbench-checkpoint 1";
constexpr const char* damaged = "it is damaged";

/// What must be the same for the bits to be the same.
Json maker_json(const Record& record) {
  return {{"identity", record.identity}, {"build", record.build}, {"plugins", record.plugins}};
}

/// Which part of the maker differs, in words; empty where none does.
std::string difference(const Json& made, const Json& now) {
  for (const char* key : {"identity", "build", "plugins"}) {
    if (made.at(key) == now.at(key)) continue;
    const Json& was = made.at(key);
    return plain(fmt::format("it was made with another {} ({})", key,
                             was.is_string() ? was.get<std::string>() : was.dump()));
  }
  return "";
}

/// Nothing where the stamp does not say.
std::optional<Checkpoint> place(const Json& stamp) {
  for (const char* key : {"step", "steps", "evaluations"}) {
    if (!stamp.is_object() || !stamp.contains(key) || !stamp.at(key).is_number_unsigned())
      return {};
  }
  Checkpoint checkpoint{stamp.at("step").get<std::uint64_t>(),
                        stamp.at("steps").get<std::uint64_t>(),
                        stamp.at("evaluations").get<std::uint64_t>()};
  if (stamp.contains("seconds") && stamp.at("seconds").is_number()) {
    checkpoint.seconds = stamp.at("seconds").get<double>();
  }
  for (const auto& [key, hash] : {std::pair("history_sha256", &Checkpoint::history_sha256),
                                  std::pair("steps_sha256", &Checkpoint::steps_sha256)}) {
    if (stamp.contains(key) && stamp.at(key).is_string()) {
      checkpoint.*hash = stamp.at(key).get<std::string>();
    }
  }
  return checkpoint;
}

FoundCheckpoint parse(std::string_view text, const Json& maker) {
  FoundCheckpoint found;
  const std::size_t first = std::min(text.find('\n'), text.size());
  const std::size_t second = std::min(text.find('\n', first + 1), text.size());
  if (text.substr(0, first) != mark || second == text.size()) {
    found.why_not = damaged;
    return found;
  }
  const Json stamp = Json::parse(text.substr(first + 1, second - first - 1));
  found.why_not = difference(stamp.at("maker"), maker);
  const auto at = place(stamp);
  found.checkpoint = at.value_or(Checkpoint{});
  found.state = text.substr(second + 1);
  if (!at || hash_bytes(Digest::sha256, found.state) != stamp.at("sha256").get<std::string>()) {
    found.why_not = damaged;
  }
  return found;
}

}  // namespace

bool CheckpointPace::is_due(Time now) {
  if (now - last_ < std::max(between_, 100 * taken_)) return false;
  begun_ = now;
  return true;
}

void CheckpointPace::saved(Time now) {
  taken_ = now - begun_.value_or(now);
  last_ = now;
}

void write_checkpoint(const fs::path& folder, const Record& record, const Checkpoint& checkpoint,
                      std::string_view state) {
  Json stamp{{"step", checkpoint.step},
             {"steps", checkpoint.steps},
             {"evaluations", checkpoint.evaluations},
             {"sha256", hash_bytes(Digest::sha256, state)},
             {"maker", maker_json(record)}};
  if (checkpoint.seconds >= 0) stamp["seconds"] = checkpoint.seconds;
  if (!checkpoint.history_sha256.empty()) stamp["history_sha256"] = checkpoint.history_sha256;
  if (!checkpoint.steps_sha256.empty()) stamp["steps_sha256"] = checkpoint.steps_sha256;
  const std::string head = fmt::format("{}\n{}\n", mark, stamp.dump());
  const std::string_view texts[] = {head, state};  // the state is large: not copied
  write_file_atomically(folder / checkpoint_file, texts);
}

std::optional<FoundCheckpoint> read_checkpoint(const fs::path& folder, const Record& record) {
  const fs::path file = folder / checkpoint_file;
  if (!is_there(file)) return std::nullopt;
  const std::string text = read_file(file);
  try {
    return parse(text, maker_json(record));
  } catch (const Json::exception&) {
  }
  FoundCheckpoint found;
  found.why_not = damaged;
  return found;
}

std::optional<Checkpoint> peek_checkpoint(const fs::path& folder) {
  constexpr std::size_t longest = std::size_t{1} << 16;  // of mark and stamp
  try {
    std::istringstream text(read_head(folder / checkpoint_file, longest));
    std::string line;
    if (!std::getline(text, line) || line != mark || !std::getline(text, line)) return std::nullopt;
    return place(Json::parse(line, nullptr, false));
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace gapbench::records
