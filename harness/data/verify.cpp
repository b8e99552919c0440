#include "data/verify.h"

#include <algorithm>

#include "data/sets/set.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;

/// What a set is, from what its files are.
Presence overall(const std::vector<FileReport>& files) {
  const auto any = [&](Presence p) {
    return std::any_of(files.begin(), files.end(), [&](const auto& f) { return f.presence == p; });
  };
  const bool nothing = std::all_of(files.begin(), files.end(),
                                   [](const auto& f) { return f.presence == Presence::missing; });
  if (nothing) return Presence::missing;
  if (any(Presence::broken)) return Presence::broken;
  return any(Presence::partial) || any(Presence::missing) ? Presence::partial : Presence::whole;
}

Listing listing(const Set& set, const std::string& name, const fs::path& root) {
  const Options options = Options::resolve(name, set.kind().options, {});
  Listing line{name, set.kind().summary, Presence::embedded, set.folder(root, name),
               set.remote(name).has_value()};
  if (root.empty() && !set.kind().synthetic) {
    line.presence = Presence::missing;
  } else if (!set.kind().synthetic)
    line.presence = overall(set.inspect({name, options, root}, Depth::sizes));
  return line;
}

}  // namespace

const char* to_text(Presence presence) {
  switch (presence) {
    case Presence::embedded:
      return "embedded";
    case Presence::whole:
      return "whole";
    case Presence::partial:
      return "partial";
    case Presence::missing:
      return "missing";
    case Presence::broken:
      return "broken";
  }
  return "";
}

Report verify(const std::string& name, const fs::path& root) {
  const Set& set = find_set(name);
  const Options options = Options::resolve(name, set.kind().options, {});
  require_root(set, root);
  const Place place{name, options, root};
  Report report{name, set.folder(root, name), Presence::embedded, true, {}, {}};
  if (set.kind().synthetic) return report;
  report.files = set.inspect(place, Depth::contents);
  report.presence = overall(report.files);
  report.ok = std::all_of(report.files.begin(), report.files.end(), [](const FileReport& f) {
    return f.presence != Presence::broken && f.checksum != Checksum::other;
  });
  try {
    report.notes = set.read({name, options, root, !set.has_split(place)}).notes;
  } catch (const Error& e) {
    report.ok = false;
    report.notes = {e.what()};
  }
  return report;
}

std::vector<Listing> list(const fs::path& root) {
  std::vector<Listing> lines;
  for (const auto& set : sets()) {
    const auto names = set->names(root);
    if (names.empty()) {
      const std::string name = set->kind().name;
      lines.push_back(
          {name, set->kind().summary, Presence::missing, set->folder(root, name), false});
    }
    for (const std::string& name : names) lines.push_back(listing(*set, name, root));
  }
  return lines;
}

}  // namespace gapbench::data
