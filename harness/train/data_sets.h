// The data sets a suite can name: the harness's own, and those of plugins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "data/data.h"
#include "plugin/registry.h"
#include "train/settings.h"

namespace gapbench::train {

/// A data set that can be named.
struct NamedDataSet {
  data::Kind kind;
  std::shared_ptr<const data::Set> set;   ///< of one that is a plugin
  const plugin::Entry* plugin = nullptr;  ///< likewise
  std::uint32_t revision() const { return plugin ? plugin->component->about.revision : 0; }
};

/// Throws Error naming the nearest valid name and a refused library that may have held it, and for a
/// plugin that has the name of one of the harness's own.
NamedDataSet find_data_set(const std::string& name, const plugin::Registry& plugins);

/// What a trial of this seed asks of the data. Throws Error for an unknown set, options out of range.
data::Request request_of(const DataSettings& settings, const plugin::Registry& plugins,
                         std::uint64_t seed, const std::filesystem::path& data_root);

}  // namespace gapbench::train
