// One plugin library: checked as a file, loaded, checked again.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "gapbench/plugin.h"

namespace gapbench::plugin {

/// A loaded library. Dropping it unloads the library again, unless keep() was called: components
/// and the objects they make live in its memory.
class Library {
 public:
  /// Refuses, in this order and in words, with Error(path, ...): a file that is not there, is not a
  /// whole shared library of this machine, carries no gapbench fingerprint, or carries that of
  /// another build (all this before it is mapped, so none of its code has run); one the system
  /// cannot load; one that changes the floating-point mode on loading (put back); one without
  /// `gapbench_plugin_v1` or with a descriptor that does not hold together.
  /// `harness_fingerprint` is what the plugin's must equal.
  static Library load(const std::filesystem::path& path,
                      std::string_view harness_fingerprint = GAPBENCH_FINGERPRINT);

  /// Marks the library as never to be unloaded: plugin objects may outlive everything else.
  void keep() const;

  std::span<const Component> components() const noexcept {
    return {descriptor_->components, descriptor_->component_count};
  }
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  Library(std::filesystem::path path, std::shared_ptr<void> handle,
          const PluginDescriptor* descriptor);

  std::filesystem::path path_;
  std::shared_ptr<void> handle_;
  const PluginDescriptor* descriptor_;
};

}  // namespace gapbench::plugin
