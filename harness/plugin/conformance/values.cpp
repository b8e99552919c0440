#include "plugin/conformance/values.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "plugin/conformance/checks.h"

namespace gapbench::plugin::conformance {

std::vector<OptionValue> values_outside(const OptionSpec& spec) {
  std::vector<OptionValue> values;
  const auto add = [&](double bound, bool open, double direction) {
    if (!std::isfinite(bound)) return;
    if (spec.kind == OptionKind::real) {
      values.emplace_back(open ? bound : std::nextafter(bound, direction * INFINITY));
    } else if (spec.kind == OptionKind::integer) {
      const double whole = direction < 0 ? std::ceil(bound) - 1 : std::floor(bound) + 1;
      if (std::abs(whole) < 0x1p62) values.emplace_back(static_cast<std::int64_t>(whole));
    }
  };
  add(spec.low, spec.low_is_open, -1);
  add(spec.high, spec.high_is_open, 1);
  if (spec.kind == OptionKind::real) values.emplace_back(std::nan(""));
  if (spec.kind == OptionKind::choice) values.emplace_back(std::string("no such choice"));
  return values;
}

std::vector<OptionValue> values_at_edges(const OptionSpec& spec) {
  std::vector<OptionValue> values;
  if (spec.kind == OptionKind::flag) values = {true, false};
  if (spec.kind == OptionKind::real && std::isfinite(spec.low) && !spec.low_is_open) {
    values.emplace_back(spec.low);
  }
  if (spec.kind == OptionKind::real && std::isfinite(spec.high) && !spec.high_is_open) {
    values.emplace_back(spec.high);
  }
  if (spec.kind == OptionKind::integer && std::abs(spec.low) < 0x1p53 && !spec.low_is_open) {
    values.emplace_back(static_cast<std::int64_t>(std::ceil(spec.low)));
  }
  if (spec.kind == OptionKind::choice) {
    std::string_view rest = spec.choices;
    while (!rest.empty()) {
      const auto bar = std::min(rest.find('|'), rest.size());
      values.emplace_back(std::string(rest.substr(0, bar)));
      rest.remove_prefix(std::min(bar + 1, rest.size()));
    }
  }
  return values;
}

std::vector<OptionValue> other_values(const Component& component, const OptionSpec& spec) {
  const Options now = example_options(component);
  std::vector<OptionValue> values;
  if (spec.kind == OptionKind::flag) values.emplace_back(!now.flag(spec.name));
  if (spec.kind == OptionKind::real) {
    const double x = now.real(spec.name);
    for (const double other : {x / 2, 2 * x, x + 0.25, x - 0.25, x + 2}) values.emplace_back(other);
  }
  if (spec.kind == OptionKind::integer) {
    const std::int64_t x = now.integer(spec.name);
    for (const std::int64_t other : {x + 1, x - 1, 2 * x, x / 2, x + 8}) values.emplace_back(other);
  }
  if (spec.kind == OptionKind::choice) {
    for (const OptionValue& choice : values_at_edges(spec)) {
      if (choice != OptionValue(std::string(now.choice(spec.name)))) values.push_back(choice);
    }
  }
  if (spec.kind == OptionKind::real || spec.kind == OptionKind::integer) {
    for (const OptionValue& edge : values_at_edges(spec)) values.push_back(edge);
  }
  std::erase_if(values, [&](const OptionValue& v) { return mismatch(spec, v).has_value(); });
  return values;
}

}  // namespace gapbench::plugin::conformance
