#include "plugin/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <boost/dll/shared_library.hpp>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/file.h"
#include "core/float_mode.h"
#include "plugin/elf.h"
#include "plugin/validate.h"

namespace gapbench::plugin {
namespace {

constexpr const char* entry_symbol = "gapbench_plugin_v1";

// Every text in the file that has the form of a fingerprint. Nothing is mapped, so nothing runs.
// The marker alone does not count: it may stand in a summary or in a copy of this loader.
std::vector<std::string> fingerprints_in(std::string_view bytes) {
  constexpr std::string_view marker = "gapbench-plugin: headers=";
  constexpr std::size_t longest = 300;
  std::vector<std::string> found;
  for (auto at = bytes.find(marker); at != bytes.npos; at = bytes.find(marker, at + 1)) {
    const std::string_view rest = bytes.substr(at, longest);
    found.emplace_back(rest.substr(0, rest.find('\0')));
  }
  return found;
}

/// "gcc" to "12" and so on.
std::map<std::string, std::string> parts_of(std::string_view fingerprint) {
  std::map<std::string, std::string> parts;
  std::istringstream words{std::string(fingerprint)};
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    if (equals != std::string::npos) parts[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return parts;
}

/// What differs, in words.
std::string differences(std::string_view plugin, std::string_view harness) {
  auto theirs = parts_of(plugin);
  const auto ours = parts_of(harness);
  std::vector<std::string> list;
  for (const auto& [name, value] : ours) {
    const std::string& other = theirs[name];
    if (other == value) continue;
    if (name == "gcc" && other == "4") {
      list.push_back(
          fmt::format("it was compiled by Clang, which names itself GCC 4; CXX=g++-{} "
                      "compiles it for this one",
                      value));
    } else if (name == "headers") {
      list.emplace_back("it was compiled with other gapbench headers");
    } else {
      list.push_back(fmt::format("{} is {} there and {} here", name, other, value));
    }
  }
  return fmt::format("{}", fmt::join(list, "; "));
}

void require_same_build(std::string_view plugin, std::string_view harness,
                        const std::string& where) {
  if (plugin == harness) return;
  throw Error(where, fmt::format("built for another harness: {}; rebuild it.\n  plugin:  {}\n"
                                 "  harness: {}",
                                 differences(plugin, harness), plugin, harness));
}

void require_loadable_file(const std::filesystem::path& path, std::string_view harness) {
  const std::string where = path.string();
  if (!std::filesystem::exists(path)) throw Error(where, "there is no such file");
  if (!std::filesystem::is_regular_file(path)) throw Error(where, "is not a regular file");
  const MappedFile file(path);
  if (const auto damage = library_damage(file.bytes())) throw Error(where, *damage);
  const auto* text = reinterpret_cast<const char*>(file.bytes().data());
  const auto found = fingerprints_in({text, file.bytes().size()});
  if (found.empty()) {
    throw Error(where, "is not a gapbench plugin: it carries no fingerprint (GAPBENCH_PLUGIN)");
  }
  // One equal text is enough to go on; the descriptor's own fingerprint decides after loading.
  if (std::find(found.begin(), found.end(), harness) == found.end()) {
    require_same_build(found.front(), harness, where);
  }
}

// dlopen's own words, without Boost's frame around them.
std::string system_reason(std::string text) {
  constexpr std::string_view opening = "dlerror system message: ";
  const auto begin = text.find(opening);
  if (begin == std::string::npos) return text;
  text.erase(0, begin + opening.size());
  return text.substr(0, text.rfind(')'));
}

std::shared_ptr<boost::dll::shared_library> open(const std::filesystem::path& path) {
  using boost::dll::load_mode::type;
  FloatModeGuard mode;
  auto so = std::make_shared<boost::dll::shared_library>();
  try {
    so->load(std::filesystem::absolute(path),
             boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& e) {
    throw Error(path.string(), "cannot be loaded: " + system_reason(e.what()));
  }
  if (!mode.restore().empty()) {
    throw Error(path.string(),
                "changes the floating-point mode of the whole program when loaded; build it "
                "without -ffast-math");
  }
  return so;
}

}  // namespace

Library::Library(std::filesystem::path path, std::shared_ptr<void> handle,
                 const PluginDescriptor* descriptor)
    : path_(std::move(path)), handle_(std::move(handle)), descriptor_(descriptor) {}

Library Library::load(const std::filesystem::path& path, std::string_view harness_fingerprint) {
  const std::string where = path.string();
  require_loadable_file(path, harness_fingerprint);
  auto so = open(path);
  if (!so->has(entry_symbol)) {
    throw Error(where, fmt::format("has no symbol {}; the file must end in GAPBENCH_PLUGIN(...)",
                                   entry_symbol));
  }
  const auto& descriptor = so->get<const PluginDescriptor>(entry_symbol);
  if (descriptor.fingerprint == nullptr) throw Error(where, "has an empty fingerprint");
  require_same_build(descriptor.fingerprint, harness_fingerprint, where);
  require_valid(descriptor, where);
  return {path, std::move(so), &descriptor};
}

void Library::keep() const {
  constexpr int mode = RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE;
  if (void* pinned = dlopen(std::filesystem::absolute(path_).c_str(), mode)) dlclose(pinned);
}

}  // namespace gapbench::plugin
