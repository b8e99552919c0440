#include "plugin/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cstdlib>
#include <set>
#include <string_view>

#include "core/hash.h"
#include "core/nearest.h"
#include "plugin/library.h"
#include "plugin/opening.h"

namespace gapbench::plugin {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> libraries_in(const fs::path& folder) {
  std::error_code code;
  std::vector<fs::path> libraries;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    if (it->path().extension() == ".so") libraries.push_back(it->path());
  }
  if (code)
    throw Error(folder.string(), "cannot be read as a folder of plugins: " + code.message());
  // The order of a folder is the file system's whim; which library is refused for a name already
  // taken must not be.
  std::sort(libraries.begin(), libraries.end());
  return libraries;
}

const Entry* entry_of(std::span<const Entry> entries, ComponentKind kind, std::string_view name) {
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) {
    return e.component->kind == kind && e.component->about.name == name;
  });
  return at == entries.end() ? nullptr : &*at;
}

void require_new_names(const Library& library, std::span<const Entry> entries) {
  for (const Component& c : library.components()) {
    if (const Entry* taken = entry_of(entries, c.kind, c.about.name)) {
      throw Error(library.path().string(),
                  fmt::format("the {} name \"{}\" is already taken by {}", to_text(c.kind),
                              c.about.name, taken->library.string()));
    }
  }
}

// The folder gapbench/plugins beside libgapbench, which is where both the build and the install put
// it, whatever the library folder is called.
fs::path own_folder() {
  const auto library = boost::dll::symbol_location(gapbench::describe);
  return fs::weakly_canonical(library).parent_path() / "gapbench" / "plugins";
}

/// What load() was given, in order: the libraries of a folder, or one by itself. One that is reached
/// by two paths stands there once.
std::vector<fs::path> all_libraries(const std::vector<fs::path>& given) {
  std::vector<fs::path> all;
  std::set<fs::path> seen;
  for (const fs::path& place : given) {
    const bool is_library = fs::is_regular_file(place);
    for (const fs::path& path : is_library ? std::vector{place} : libraries_in(place)) {
      std::error_code code;
      const fs::path real = fs::canonical(path, code);
      if (code || seen.insert(real).second) all.push_back(path);
    }
  }
  return all;
}

/// A library that is named by itself has been opened before.
bool all_by_themselves(const std::vector<fs::path>& given) {
  return std::ranges::all_of(given, [](const fs::path& p) { return fs::is_regular_file(p); });
}

/// Adds the library's components, unless the same bytes are there already.
void accept(const fs::path& path, std::vector<Entry>& entries) {
  const std::string hash = hash_file(Digest::sha256, path);
  if (std::ranges::find(entries, hash, &Entry::library_sha256) != entries.end()) return;
  const Library library = Library::load(path);
  require_new_names(library, entries);
  library.keep();
  for (const Component& c : library.components()) entries.push_back({&c, path, hash});
}

}  // namespace

Registry Registry::load(const std::vector<fs::path>& folders) {
  Registry registry;
  const std::vector<fs::path> libraries = all_libraries(folders);
  std::vector<std::string> reasons(libraries.size());
  if (!all_by_themselves(folders)) reasons = reasons_against(libraries);
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    try {
      if (reasons[i].empty()) accept(libraries[i], registry.entries_);
    } catch (const Error& e) {
      reasons[i] = std::string(e.what()).substr(e.where().size() + 2);  // the path stands beside it
    }
    if (reasons[i].empty()) continue;
    // A damaged file's own text stands in some of them.
    std::ranges::replace_if(
        reasons[i], [](unsigned char c) { return c < 0x20 && c != '\n'; }, ' ');
    registry.refusals_.push_back({libraries[i], reasons[i]});
  }
  return registry;
}

const Entry& Registry::find(ComponentKind kind, const std::string& name) const {
  if (const Entry* entry = entry_of(entries_, kind, name)) return *entry;
  const std::vector<std::string> valid = names(kind);
  std::string message =
      fmt::format("there is no {} of this name{}", to_text(kind), did_you_mean(name, valid));
  if (valid.empty()) message += "; no plugin of this kind was found (--plugins, GAPBENCH_PLUGINS)";
  throw Error(name, message + refused(name));
}

std::vector<std::string> Registry::names(ComponentKind kind) const {
  std::vector<std::string> names;
  for (const Entry& e : entries_) {
    if (e.component->kind == kind) names.emplace_back(e.component->about.name);
  }
  return names;
}

std::string Registry::refused(const std::string& name) const {
  std::string text;
  for (const Refusal& r : refusals_) {
    if (r.library.stem().string().find(name) == std::string::npos) continue;
    text += fmt::format("; {} was refused: {}", r.library.string(), r.reason);
  }
  return text;
}

bool Registry::contains(ComponentKind kind, const std::string& name) const {
  return entry_of(entries_, kind, name) != nullptr;
}

std::vector<fs::path> search_path(const std::vector<std::string>& given) {
  std::vector<fs::path> folders(given.begin(), given.end());
  if (const char* variable = std::getenv("GAPBENCH_PLUGINS")) {
    std::string_view rest = variable;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(':'), rest.size());
      if (end > 0) folders.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  // A folder the user did not ask for may be absent.
  if (fs::is_directory(own_folder())) folders.push_back(own_folder());
  return folders;
}

const char* to_text(ComponentKind kind) {
  switch (kind) {
    case ComponentKind::optimizer:
      return "optimizer";
    case ComponentKind::regularizer:
      return "regularizer";
    case ComponentKind::probe:
      return "probe";
    case ComponentKind::problem:
      return "problem";
    case ComponentKind::posterior:
      return "posterior";
    case ComponentKind::network:
      return "network";
    case ComponentKind::data:
      return "data";
  }
  return "unknown kind";
}

std::span<const OptionSpec> options_of(const Component& component) {
  return {component.options, component.option_count};
}

Layers usual_layers(const Component& component, const Options& options) {
  return describe_network(component.about.name, component.build_network, options, {32, 32, 3}, 10);
}

}  // namespace gapbench::plugin
