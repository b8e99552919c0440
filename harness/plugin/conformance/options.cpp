// Checks of every kind: making the component, and its options.
#include <fmt/format.h>

#include <utility>

#include "plugin/conformance/checks.h"
#include "plugin/conformance/handed.h"
#include "plugin/conformance/reference.h"
#include "plugin/conformance/values.h"
#include "plugin/example.h"
#include "plugin/registry.h"

namespace gapbench::plugin::conformance {
namespace {

namespace fs = std::filesystem;

void make(const Component& c, const Options& options, const fs::path& data) {
  const Reference problem;
  switch (c.kind) {
    case ComponentKind::optimizer:
      if (!c.make_optimizer(options, problem.tensors())) throw Error(c.about.name, "made nothing");
      return;
    case ComponentKind::regularizer:
      if (!c.make_regularizer(options)) throw Error(c.about.name, "made nothing");
      return;
    case ComponentKind::probe:
      if (!c.make_probe(options)) throw Error(c.about.name, "made nothing");
      return;
    case ComponentKind::problem:
      if (!c.make_problem(options, Random(1))) throw Error(c.about.name, "made nothing");
      return;
    case ComponentKind::posterior:
      if (!c.make_posterior(options, problem.tensors())) throw Error(c.about.name, "made nothing");
      return;
    case ComponentKind::network:
      usual_layers(c, options);
      return;
    case ComponentKind::data:
      load_data_set(c.about.name, c.load_data, c.has_targets, options, data / c.about.name);
      return;
  }
}

OptionMap example_map(const Component& c) {
  return parse_example(c.about.name, options_of(c), c.about.example);
}

// Takes one option out of the declaration: a constructor that reads it must then be told so.
bool reads(const Component& c, const OptionSpec& spec, const fs::path& data) {
  std::vector<OptionSpec> rest;
  for (const OptionSpec& s : options_of(c)) {
    if (&s != &spec) rest.push_back(s);
  }
  OptionMap map = example_map(c);
  map.erase(spec.name);
  try {
    make(c, Options::resolve(c.about.name, rest, map, reference_parts(c)), data);
  } catch (const Error& e) {
    return e.where() == fmt::format("{}.{}", c.about.name, spec.name);
  }
  return false;
}

Finding unread_options(const Component& c, const fs::path& data) {
  std::string unread;
  for (const OptionSpec& spec : options_of(c)) {
    if (!reads(c, spec, data)) unread += (unread.empty() ? "" : ", ") + std::string(spec.name);
  }
  if (unread.empty()) return std::nullopt;
  return "declared but never read by the constructor: " + unread;
}

Finding accepted_outside(const Component& c) {
  for (const OptionSpec& spec : options_of(c)) {
    for (const OptionValue& value : values_outside(spec)) {
      if (mismatch(spec, value)) continue;
      return fmt::format("{} accepts {}, outside {}", spec.name, gapbench::to_text(value),
                         describe(spec));
    }
  }
  return std::nullopt;
}

// A combination of options may be wrong, but only an Error may say so: any other exception is a
// finding of the caller.
Finding broken_at_edges(const Component& c, const fs::path& data) {
  for (const OptionSpec& spec : options_of(c)) {
    for (const OptionValue& value : values_at_edges(spec)) {
      OptionMap map = example_map(c);
      map[spec.name] = value;
      try {
        make(c, Options::resolve(c.about.name, options_of(c), map, reference_parts(c)), data);
      } catch (const Error&) {
        continue;
      } catch (const std::exception& e) {
        return fmt::format("{}={} threw something that is not an Error: {}", spec.name,
                           gapbench::to_text(value), e.what());
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Options example_options(const Component& c, const OptionMap& change, std::size_t dimension) {
  OptionMap map = example_map(c);
  for (const auto& [name, value] : change) map.insert_or_assign(name, value);
  return Options::resolve(c.about.name, options_of(c), map, reference_parts(c, dimension));
}

bool check_options(const Component& c, Checks& checks) {
  const fs::path& data = checks.data_root();
  const bool made = checks.run("is made from its example", [&]() -> Finding {
    try {
      make(c, example_options(c), data);
    } catch (const Error& e) {
      if (c.kind != ComponentKind::data) throw;
      return e.what();  // files that are not there, or a set that is not whole
    }
    return std::nullopt;
  });
  if (!made) return false;
  const bool reads =
      checks.run("reads every option it declares", [&] { return unread_options(c, data); });
  const bool refuses = checks.run("declares ranges that refuse what is outside",
                                  [&] { return accepted_outside(c); });
  return checks.run("is made or refuses in words at the edges of its ranges",
                    [&] { return broken_at_edges(c, data); }) &&
         reads && refuses;
}

}  // namespace gapbench::plugin::conformance
