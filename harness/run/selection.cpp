#include "run/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "gapbench/error.h"

namespace gapbench::run {
namespace {

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(at);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> whole(std::string_view text) {
  std::uint64_t number = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

std::pair<std::uint64_t, std::uint64_t> seeds_of(const char* option, const std::string& text) {
  const std::size_t dash = text.find('-');
  const auto first = whole(std::string_view(text).substr(0, dash));
  const auto last =
      dash == std::string::npos ? first : whole(std::string_view(text).substr(dash + 1));
  if (!first || !last || *last < *first) {
    throw Error(option,
                fmt::format("seeds must be numbers or ranges such as 1-3, got \"{}\"", text));
  }
  return {*first, *last};
}

bool names(const std::vector<std::string>& list, const std::string& name) {
  return list.empty() || std::ranges::find(list, name) != list.end();
}

/// The trial whose record this one waits for at last: itself where it follows none.
std::size_t root_of(const suite::Suite& suite, const std::map<std::string, std::size_t>& places,
                    std::size_t trial) {
  for (;;) {
    const auto& sources = suite.trials[trial].settings.sources;
    const auto source = sources.empty() ? places.end() : places.find(sources.front().identity);
    if (source == places.end()) return trial;
    trial = source->second;
  }
}

}  // namespace

bool Selection::is_all() const {
  return methods.empty() && datasets.empty() && networks.empty() && seeds.empty();
}

bool Selection::has(const train::TrialSettings& settings) const {
  const std::string base = settings.method.substr(0, settings.method.find('['));
  const bool is_named = names(methods, settings.method) || names(methods, base);
  const std::string& data = settings.problem ? settings.problem->name : settings.data.set.name;
  // Tuning has seeds of its own.
  const bool is_seed = seeds.empty() || settings.tuning ||
                       std::ranges::any_of(seeds, [&settings](const auto& range) {
                         return range.first <= settings.seed && settings.seed <= range.second;
                       });
  return is_named && is_seed && names(datasets, data) &&
         (settings.problem ? networks.empty() : names(networks, settings.network.name));
}

Selection selection_of(const char* option, const std::string& text) {
  Selection selection;
  for (const std::string& part : split(text, ';')) {
    const std::size_t equals = part.find('=');
    const std::string key = part.substr(0, equals);
    if (equals == std::string::npos || equals + 1 == part.size()) {
      throw Error(option,
                  fmt::format("must be of the form methods=sgd;seeds=1-3, got \"{}\"", part));
    }
    const std::vector<std::string> values = split(std::string_view(part).substr(equals + 1), ',');
    if (key == "methods") {
      selection.methods = values;
    } else if (key == "datasets") {
      selection.datasets = values;
    } else if (key == "networks") {
      selection.networks = values;
    } else if (key == "seeds") {
      for (const std::string& value : values) selection.seeds.push_back(seeds_of(option, value));
    } else {
      throw Error(
          option,
          fmt::format("selects by methods, datasets, networks and seeds, not by \"{}\"", key));
    }
  }
  return selection;
}

Shard shard_of(const char* option, const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto index = whole(std::string_view(text).substr(0, slash));
  const auto count =
      slash == std::string::npos ? std::nullopt : whole(std::string_view(text).substr(slash + 1));
  if (!index || !count || *index < 1 || *index > *count) {
    throw Error(option, fmt::format("must be a share such as 2/8, got \"{}\"", text));
  }
  return {*index, *count};
}

suite::Suite selected(const suite::Suite& suite, const Selection& only, const Shard& shard) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < suite.trials.size(); ++i) {
    if (!suite.trials[i].identity.empty()) places[suite.trials[i].identity] = i;
  }
  std::map<std::size_t, std::size_t> share_of;  // by root, dealt out in the suite's order
  std::set<std::size_t> taken;
  for (std::size_t i = 0; i < suite.trials.size(); ++i) {
    const std::size_t root = root_of(suite, places, i);
    const std::size_t share = share_of.emplace(root, share_of.size() % shard.count).first->second;
    if (share + 1 != shard.index || !only.has(suite.trials[i].settings)) continue;
    taken.insert(i);
    for (std::size_t at = i; at != root;) {
      at = places.at(suite.trials[at].settings.sources.front().identity);
      taken.insert(at);
    }
  }
  suite::Suite part = suite;
  part.trials.clear();
  for (const std::size_t i : taken) part.trials.push_back(suite.trials[i]);
  return part;
}

}  // namespace gapbench::run
