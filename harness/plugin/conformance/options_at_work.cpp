// What options do once the component is made: each one something, none of them harm.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "plugin/conformance/behaviour.h"
#include "plugin/conformance/checks.h"
#include "plugin/conformance/values.h"
#include "plugin/registry.h"

namespace gapbench::plugin::conformance {
namespace {

namespace fs = std::filesystem;

bool refuses(const Component& c, const fs::path& data) {
  try {
    behaviour(c, {}, data);
    return false;
  } catch (const Error&) {
    return true;  // the small problems lack what it is about
  } catch (const Violation&) {
    return true;  // named by the check of its kind
  }
}

// What it does, or the words in which it refuses to.
std::string bytes_of(const Component& c, const OptionMap& change, const fs::path& data) {
  try {
    return behaviour(c, change, data).bytes;
  } catch (const std::exception& e) {
    return std::string("threw ") + e.what();
  }
}

bool differs(const Component& c, const OptionSpec& spec, const OptionMap& others,
             const fs::path& data) {
  const std::string before = bytes_of(c, others, data);
  return std::ranges::any_of(other_values(c, spec), [&](const OptionValue& value) {
    OptionMap change = others;
    change[spec.name] = value;
    return bytes_of(c, change, data) != before;
  });
}

/// Whether it matters at the example's setting, or where one other option has another value.
bool matters(const Component& c, const OptionSpec& spec, const fs::path& data) {
  if (other_values(c, spec).empty() || differs(c, spec, {}, data)) return true;
  for (const OptionSpec& other : options_of(c)) {
    if (&other == &spec) continue;
    for (const OptionValue& value : other_values(c, other)) {
      if (differs(c, spec, {{other.name, value}}, data)) return true;
    }
  }
  return false;
}

Finding idle_options(const Component& c, const fs::path& data) {
  if (refuses(c, data)) return std::nullopt;
  std::string idle;
  for (const OptionSpec& spec : options_of(c)) {
    if (!matters(c, spec, data)) idle += (idle.empty() ? "" : ", ") + std::string(spec.name);
  }
  if (idle.empty()) return std::nullopt;
  return "no other value changes anything in 60 steps or one question: " + idle;
}

Finding breaks_at_edges(const Component& c, const fs::path& data) {
  for (const OptionSpec& spec : options_of(c)) {
    for (const OptionValue& value : values_at_edges(spec)) {
      try {
        const std::string broken = behaviour(c, {{spec.name, value}}, data).broken;
        if (broken.empty()) continue;
        return fmt::format("{}={} is accepted, and {} is not finite", spec.name,
                           gapbench::to_text(value), broken);
      } catch (const Error&) {
        continue;
      } catch (const Violation&) {
        continue;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

void check_options_at_work(const Component& c, Checks& checks) {
  if (options_of(c).empty()) return;
  checks.run("stays finite at the edges of its ranges, or refuses in words",
             [&] { return breaks_at_edges(c, checks.data_root()); });
  checks.remark("every option changes what it does",
                [&] { return idle_options(c, checks.data_root()); });
}

}  // namespace gapbench::plugin::conformance
