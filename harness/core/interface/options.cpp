#include "gapbench/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "core/nearest.h"
#include "gapbench/error.h"
#include "gapbench/optimizer.h"

namespace gapbench {
namespace {

std::string number_text(double value, OptionKind kind) {
  if (kind == OptionKind::flag) return value != 0 ? "true" : "false";
  if (kind == OptionKind::integer) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

std::string range_text(const OptionSpec& spec) {
  const bool low = std::isfinite(spec.low);
  const bool high = std::isfinite(spec.high);
  if (!low && !high) return "";
  const auto bound = [&](double b) { return number_text(b, OptionKind::real); };
  if (low && high) {
    return fmt::format(" in {}{}, {}{}", spec.low_is_open ? '(' : '[', bound(spec.low),
                       bound(spec.high), spec.high_is_open ? ')' : ']');
  }
  if (low) return fmt::format(" {} {}", spec.low_is_open ? ">" : ">=", bound(spec.low));
  return fmt::format(" {} {}", spec.high_is_open ? "<" : "<=", bound(spec.high));
}

std::string kind_text(const OptionSpec& spec) {
  switch (spec.kind) {
    case OptionKind::real:
      return "a real number" + range_text(spec);
    case OptionKind::integer:
      return "a whole number" + range_text(spec);
    case OptionKind::flag:
      return "true or false";
    case OptionKind::choice: {
      std::string text = spec.choices;
      for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 4) {
        text.replace(at, 1, " or ");
      }
      return text;
    }
    case OptionKind::text:
      return "a name";
    case OptionKind::optimizer:
      return "an optimizer: its name, or a block of its name and options";
    case OptionKind::trajectory:
    case OptionKind::parameters:
      return "the name of another method of the suite";
  }
  return "";
}

bool in_range(const OptionSpec& spec, double value) {
  if (!std::isfinite(value)) return false;
  const bool low = spec.low_is_open ? value > spec.low : value >= spec.low;
  const bool high = spec.high_is_open ? value < spec.high : value <= spec.high;
  return low && high;
}

bool is_choice(const OptionSpec& spec, std::string_view value) {
  std::string_view rest = spec.choices;
  while (!rest.empty()) {
    const auto bar = rest.find('|');
    if (rest.substr(0, bar) == value) return true;
    rest = bar == std::string_view::npos ? "" : rest.substr(bar + 1);
  }
  return false;
}

bool fits(const OptionSpec& spec, const OptionValue& value) {
  switch (spec.kind) {
    case OptionKind::real:
      if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        return in_range(spec, static_cast<double>(*whole));
      }
      return std::holds_alternative<double>(value) && in_range(spec, std::get<double>(value));
    case OptionKind::integer: {
      const auto* whole = std::get_if<std::int64_t>(&value);
      return whole != nullptr && in_range(spec, static_cast<double>(*whole));
    }
    case OptionKind::flag:
      return std::holds_alternative<bool>(value);
    case OptionKind::choice:
      return std::holds_alternative<std::string>(value) &&
             is_choice(spec, std::get<std::string>(value));
    case OptionKind::text:
    case OptionKind::optimizer:
    case OptionKind::trajectory:
    case OptionKind::parameters:
      return std::holds_alternative<std::string>(value) && !std::get<std::string>(value).empty();
  }
  return false;
}

OptionValue normalized(const OptionSpec& spec, const OptionValue& value) {
  const auto* whole = std::get_if<std::int64_t>(&value);
  if (spec.kind == OptionKind::real && whole != nullptr) return static_cast<double>(*whole);
  return value;
}

OptionValue default_of(const OptionSpec& spec) {
  switch (spec.kind) {
    case OptionKind::real:
      return spec.default_number;
    case OptionKind::integer:
      return static_cast<std::int64_t>(spec.default_number);
    case OptionKind::flag:
      return spec.default_number != 0;
    case OptionKind::choice:
    case OptionKind::text:
    case OptionKind::optimizer:
    case OptionKind::trajectory:
    case OptionKind::parameters:
      return std::string(spec.default_choice);
  }
  return 0.0;
}

const OptionSpec* find(std::span<const OptionSpec> specs, std::string_view name) {
  const auto at =
      std::find_if(specs.begin(), specs.end(), [&](const OptionSpec& s) { return s.name == name; });
  return at == specs.end() ? nullptr : &*at;
}

/// "magnitude.momentum" belongs to the inner optimizer of option "magnitude".
bool is_inner(std::span<const OptionSpec> specs, std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return false;
  const OptionSpec* spec = find(specs, name.substr(0, dot));
  return spec != nullptr && spec->kind == OptionKind::optimizer;
}

}  // namespace

std::string to_text(const OptionValue& value) {
  struct Writer {
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t i) const { return fmt::format("{}", i); }
    std::string operator()(double d) const {
      std::string text = fmt::format("{}", d);  // shortest text that reads back to the same double
      if (text.find_first_of(".en") == std::string::npos) text += ".0";
      return text;
    }
    std::string operator()(const std::string& s) const { return s; }
  };
  return std::visit(Writer{}, value);
}

std::string describe(const OptionSpec& spec) {
  std::string text = kind_text(spec);
  if (*spec.unit != '\0') text += fmt::format(" ({})", spec.unit);
  if (spec.required) return text + ", required";
  const bool is_word = spec.kind == OptionKind::choice || spec.kind == OptionKind::text;
  return text + ", default " +
         (is_word ? std::string(spec.default_choice) : number_text(spec.default_number, spec.kind));
}

std::optional<std::string> mismatch(const OptionSpec& spec, const OptionValue& value) {
  if (fits(spec, value)) return std::nullopt;
  const bool text = std::holds_alternative<std::string>(value);
  return fmt::format("must be {}, got {}{}{}", kind_text(spec), text ? "\"" : "", to_text(value),
                     text ? "\"" : "");
}

Options Options::resolve(std::string owner, std::span<const OptionSpec> specs,
                         const OptionMap& given, Handed handed) {
  std::vector<std::string> mistakes;
  std::vector<std::string> names;
  for (const OptionSpec& spec : specs) names.emplace_back(spec.name);
  Options options;
  for (const auto& [name, value] : given) {
    const OptionSpec* spec = find(specs, name);
    if (is_inner(specs, name)) {
      options.values_[name] = value;
    } else if (spec == nullptr) {
      mistakes.push_back(fmt::format("{}: unknown option{}", name, did_you_mean(name, names)));
    } else if (const auto wrong = mismatch(*spec, value)) {
      mistakes.push_back(fmt::format("{}: {}", name, *wrong));
    } else {
      options.values_[name] = normalized(*spec, value);
    }
  }
  for (const OptionSpec& spec : specs) {
    if (given.contains(spec.name)) continue;
    if (spec.required) {
      mistakes.push_back(fmt::format("{}: missing; {}", spec.name, describe(spec)));
    } else {
      options.values_[spec.name] = default_of(spec);
    }
  }
  if (!mistakes.empty())
    throw Error(std::move(owner), fmt::format("{}", fmt::join(mistakes, "; ")));
  options.owner_ = std::move(owner);
  options.handed_ = std::move(handed);
  return options;
}

const OptionValue& Options::value(std::string_view name) const {
  const auto at = values_.find(name);
  if (at == values_.end()) {
    throw Error(fmt::format("{}.{}", owner_, name), "read by the component but never declared");
  }
  return at->second;
}

namespace {

template <class T>
const T& typed(const OptionValue& value, const std::string& owner, std::string_view name) {
  const T* typed_value = std::get_if<T>(&value);
  if (typed_value == nullptr) {
    throw Error(fmt::format("{}.{}", owner, name), "declared with another kind than it is read");
  }
  return *typed_value;
}

}  // namespace

double Options::real(std::string_view name) const {
  return typed<double>(value(name), owner_, name);
}

std::int64_t Options::integer(std::string_view name) const {
  return typed<std::int64_t>(value(name), owner_, name);
}

std::size_t Options::count(std::string_view name) const {
  const std::int64_t whole = integer(name);
  if (whole < 0) {
    throw Error(fmt::format("{}.{}", owner_, name), "read as a count but may be negative");
  }
  return static_cast<std::size_t>(whole);
}

bool Options::flag(std::string_view name) const { return typed<bool>(value(name), owner_, name); }

const std::string& Options::choice(std::string_view name) const {
  return typed<std::string>(value(name), owner_, name);
}

const std::string& Options::text(std::string_view name) const {
  return typed<std::string>(value(name), owner_, name);
}

std::unique_ptr<Optimizer> Options::optimizer(std::string_view name,
                                              std::span<const TensorInfo> tensors) const {
  const auto& inner = typed<std::string>(value(name), owner_, name);
  const auto maker = handed_.optimizers.find(name);
  if (maker == handed_.optimizers.end()) {
    throw Error(fmt::format("{}.{}", owner_, name),
                fmt::format("the optimizer \"{}\" was not handed over", inner));
  }
  return maker->second(tensors);
}

namespace {

using NumbersByOption = std::map<std::string, Handed::Numbers, std::less<>>;

std::span<const float> numbers(const NumbersByOption& handed, const std::string& owner,
                               std::string_view name, const char* what, const std::string& method) {
  const auto at = handed.find(name);
  if (at != handed.end()) return *at->second;
  throw Error(fmt::format("{}.{}", owner, name),
              fmt::format("the {} of method \"{}\" were not handed over", what, method));
}

}  // namespace

std::span<const float> Options::trajectory(std::string_view name) const {
  const auto& method = typed<std::string>(value(name), owner_, name);
  return numbers(handed_.trajectories, owner_, name, "step lengths", method);
}

std::span<const float> Options::parameters(std::string_view name) const {
  const auto& method = typed<std::string>(value(name), owner_, name);
  return numbers(handed_.parameters, owner_, name, "parameters", method);
}

}  // namespace gapbench
