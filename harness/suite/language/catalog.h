// What a suite may name: the plugins, networks and data sets that exist, with their options.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "gapbench/options.h"
#include "plugin/registry.h"
#include "train/settings.h"

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
  /// Why this network cannot be used on this data set, as far as can be known before the data are
  /// read; else nothing.
  virtual std::string misfit(const train::Choice& /*network*/,
                             const std::string& /*dataset*/) const {
    return "";
  }
};

/// The harness's own data sets and networks, and the plugins of a registry, which must outlive it.
class InstalledCatalog final : public Catalog {
 public:
  explicit InstalledCatalog(const plugin::Registry& plugins);
  Declared find(Role role, const std::string& name) const override;
  std::string misfit(const train::Choice& network, const std::string& dataset) const override;

 private:
  const plugin::Registry& plugins_;
  std::map<std::string, std::vector<OptionSpec>> network_options_;  ///< of plugins
};

}  // namespace gapbench::suite
