// All plugins on a search path.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gapbench/plugin.h"

namespace gapbench::plugin {

/// A component and the library it came from.
struct Entry {
  const Component* component;
  std::filesystem::path library;
  std::string library_sha256;
};

/// A library that was not accepted, and why, in words.
struct Refusal {
  std::filesystem::path library;
  std::string reason;
};

/// The components of every accepted library. Libraries are never unloaded once accepted.
class Registry {
 public:
  /// Loads every *.so in the folders, in order. A library that is refused, or that offers a name
  /// already taken by an earlier one, is listed in refusals() and the rest still loads.
  /// Throws Error when a folder given by the user does not exist.
  static Registry load(const std::vector<std::filesystem::path>& folders);

  std::span<const Entry> entries() const noexcept { return entries_; }
  std::span<const Refusal> refusals() const noexcept { return refusals_; }

  /// Throws Error naming the nearest valid name, and a refused library that may have held it.
  const Entry& find(ComponentKind kind, const std::string& name) const;
  bool contains(ComponentKind kind, const std::string& name) const;
  std::vector<std::string> names(ComponentKind kind) const;
  /// "; LIBRARY was refused: WHY" for each that may have held it.
  std::string refused(const std::string& name) const;

 private:
  std::vector<Entry> entries_;
  std::vector<Refusal> refusals_;
};

/// --plugins folders, then GAPBENCH_PLUGINS (colon-separated), then the build's or the installed
/// plugin folder beside libgapbench.
std::vector<std::filesystem::path> search_path(const std::vector<std::string>& given);

const char* to_text(ComponentKind kind);  ///< "optimizer"

std::span<const OptionSpec> options_of(const Component& component);

/// A network's layers for 32x32x3 inputs and 10 outputs, which its example must fit. `options` are
/// its own, resolved. Throws Error.
Layers usual_layers(const Component& component, const Options& options);

}  // namespace gapbench::plugin
