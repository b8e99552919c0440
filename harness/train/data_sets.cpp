#include "train/data_sets.h"

#include <fmt/format.h>

#include "data/sets/loaded.h"
#include "gapbench/error.h"

namespace gapbench::train {

NamedDataSet find_data_set(const std::string& name, const plugin::Registry& plugins) {
  const bool is_plugin = plugins.contains(ComponentKind::data, name);
  if (is_plugin && data::has_kind(name)) {
    throw Error(name, fmt::format("is a data set of gapbench's own, and {} offers another of this "
                                  "name; give that one another",
                                  plugins.find(ComponentKind::data, name).library.string()));
  }
  if (!is_plugin) {
    try {
      return {data::find_kind(name, plugins.names(ComponentKind::data)), nullptr};
    } catch (const Error& e) {
      const std::string why = plugins.refused(name);
      if (why.empty()) throw;
      throw Error(e.where(), std::string(e.what()).substr(e.where().size() + 2) + why);
    }
  }
  const plugin::Entry& entry = plugins.find(ComponentKind::data, name);
  const Component& c = *entry.component;
  const data::Kind kind{.name = c.about.name,
                        .summary = c.about.summary,
                        .options = plugin::options_of(c),
                        .regression = c.has_targets};
  return {kind, data::make_loaded(kind, c.load_data), &entry};
}

data::Request request_of(const DataSettings& settings, const plugin::Registry& plugins,
                         std::uint64_t seed, const std::filesystem::path& data_root) {
  const NamedDataSet found = find_data_set(settings.set.name, plugins);
  data::Request request;
  request.name = settings.set.name;
  request.set = found.set;
  request.options = Options::resolve(request.name, found.kind.options, settings.set.options);
  request.train = settings.train;
  request.validation = settings.validation;
  request.test = settings.test;
  request.split_seed = split_seed_of(settings, seed);
  request.test_fraction = settings.test_fraction.value_or(0);
  request.unseen = settings.unseen;
  request.label_noise = settings.label_noise;
  request.label_seed = settings.label_seed;
  request.augmentation_seed = seed;
  request.root = data_root;
  return request;
}

}  // namespace gapbench::train
