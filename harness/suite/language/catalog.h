// What a suite may name: the plugins, networks and data sets that exist, with their options.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "gapbench/options.h"
#include "plugin/registry.h"

namespace gapbench::suite {

enum class Role : std::uint8_t {
  dataset,
  network,
  optimizer,
  regularizer,
  probe,
  problem,
  posterior
};

struct Declared {
  std::span<const OptionSpec> options;
  std::uint32_t revision = 0;    ///< 0 for what is not a plugin
  bool keeps_posterior = false;  ///< an optimizer that may be asked for draws
  bool regression = false;       ///< a data set without classes
  bool redrawable = false;       ///< a data set whose test part can be drawn anew
};

class Catalog {
 public:
  virtual ~Catalog() = default;
  /// Throws Error naming the nearest valid name.
  virtual Declared find(Role role, const std::string& name) const = 0;
};

/// The harness's own data sets and networks, and the plugins of a registry, which must outlive it.
class InstalledCatalog final : public Catalog {
 public:
  explicit InstalledCatalog(const plugin::Registry& plugins) : plugins_(plugins) {}
  Declared find(Role role, const std::string& name) const override;

 private:
  const plugin::Registry& plugins_;
};

}  // namespace gapbench::suite
