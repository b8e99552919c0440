// Typed options of plugins, networks and data sets: declared as constant data, checked by the
// harness before anything is constructed.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gapbench/export.h"

namespace gapbench {

class Optimizer;
struct TensorInfo;

/// optimizer: another optimizer plugin, in YAML its name or a block of its name and options; the
/// host makes it. trajectory: the name of another method of the suite; the host hands over how far
/// each step of that method's trial went (same problem, same seed). Both for optimizers only.
/// parameters: likewise, the host hands over where that trial ended. For every kind of plugin but
/// problems and networks. text: a name that only the problem can judge.
enum class OptionKind : std::uint8_t {
  real,
  integer,
  flag,
  choice,
  text,
  optimizer,
  trajectory,
  parameters
};

/// One declared option. Build it with the functions of namespace `option`:
///
///   constexpr OptionSpec options[] = {
///       option::real("learning_rate", "step length").above(0).in_unit("per step"),
///       option::real("momentum", "decay of the velocity").at_least(0).below(1).by_default(0),
///   };
///
/// An option without `by_default` is required. Every declared option must be read by the
/// component that declares it; the conformance check reports one that is not.
struct OptionSpec {
  const char* name = "";
  const char* help = "";  ///< one line
  OptionKind kind = OptionKind::real;
  const char* unit = "";     ///< "" for a pure number
  const char* choices = "";  ///< "a|b|c" for OptionKind::choice
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_is_open = false;
  bool high_is_open = false;
  bool required = true;
  double default_number = 0;        ///< for real, integer and flag (0 or 1)
  const char* default_choice = "";  ///< for choice and text

  constexpr OptionSpec at_least(double bound) const { return with_low(bound, false); }
  constexpr OptionSpec above(double bound) const { return with_low(bound, true); }
  constexpr OptionSpec at_most(double bound) const { return with_high(bound, false); }
  constexpr OptionSpec below(double bound) const { return with_high(bound, true); }
  constexpr OptionSpec in_unit(const char* text) const {
    OptionSpec s = *this;
    s.unit = text;
    return s;
  }
  constexpr OptionSpec by_default(double value) const {
    OptionSpec s = *this;
    s.required = false;
    s.default_number = value;
    return s;
  }
  /// Whole numbers and flags; a literal 0 would else be a null text as well.
  template <std::integral T>
  constexpr OptionSpec by_default(T value) const {
    return by_default(static_cast<double>(value));
  }
  constexpr OptionSpec by_default(const char* value) const {
    OptionSpec s = *this;
    s.required = false;
    s.default_choice = value;
    return s;
  }

 private:
  constexpr OptionSpec with_low(double bound, bool open) const {
    OptionSpec s = *this;
    s.low = bound;
    s.low_is_open = open;
    return s;
  }
  constexpr OptionSpec with_high(double bound, bool open) const {
    OptionSpec s = *this;
    s.high = bound;
    s.high_is_open = open;
    return s;
  }
};

namespace option {

constexpr OptionSpec of_kind(OptionKind kind, const char* name, const char* help) {
  OptionSpec s;
  s.name = name;
  s.help = help;
  s.kind = kind;
  return s;
}
constexpr OptionSpec real(const char* name, const char* help) {
  return of_kind(OptionKind::real, name, help);
}
constexpr OptionSpec integer(const char* name, const char* help) {
  return of_kind(OptionKind::integer, name, help);
}
constexpr OptionSpec flag(const char* name, const char* help) {
  return of_kind(OptionKind::flag, name, help);
}
/// `choices` is "a|b|c".
constexpr OptionSpec choice(const char* name, const char* choices, const char* help) {
  OptionSpec s = of_kind(OptionKind::choice, name, help);
  s.choices = choices;
  return s;
}
constexpr OptionSpec text(const char* name, const char* help) {
  return of_kind(OptionKind::text, name, help);
}
/// Always required; read with Options::optimizer.
constexpr OptionSpec optimizer(const char* name, const char* help) {
  return of_kind(OptionKind::optimizer, name, help);
}
/// Always required; read with Options::trajectory.
constexpr OptionSpec trajectory(const char* name, const char* help) {
  return of_kind(OptionKind::trajectory, name, help);
}
/// Always required; read with Options::parameters.
constexpr OptionSpec parameters(const char* name, const char* help) {
  return of_kind(OptionKind::parameters, name, help);
}

/// Options that a helper declares (option::sample, Chain::options ...) and a component's own, in one
/// list.
template <std::size_t N, std::size_t M>
consteval std::array<OptionSpec, N + M> joined(const std::array<OptionSpec, N>& first,
                                               const std::array<OptionSpec, M>& second) {
  std::array<OptionSpec, N + M> all{};
  for (std::size_t i = 0; i < N; ++i) all[i] = first[i];
  for (std::size_t i = 0; i < M; ++i) all[N + i] = second[i];
  return all;
}

}  // namespace option

using OptionValue = std::variant<bool, std::int64_t, double, std::string>;
using OptionMap = std::map<std::string, OptionValue, std::less<>>;

/// As a user would write it in YAML: "0.1", "true", "outside". Reads back to the same value.
GAPBENCH_API std::string to_text(const OptionValue& value);

/// "real in [0, 1), default 0": what would be right.
GAPBENCH_API std::string describe(const OptionSpec& spec);

/// Why `value` cannot be this option ("must be real in [0, 1), got 1.5"), or nothing.
/// A whole number is accepted where a real one is asked for; nothing else is converted.
GAPBENCH_API std::optional<std::string> mismatch(const OptionSpec& spec, const OptionValue& value);

/// What the host hands over for options that stand for more than their text, by option name.
struct Handed {
  using Maker = std::function<std::unique_ptr<Optimizer>(std::span<const TensorInfo>)>;
  std::map<std::string, Maker, std::less<>> optimizers;
  using Numbers = std::shared_ptr<const std::vector<float>>;
  std::map<std::string, Numbers, std::less<>> trajectories;
  std::map<std::string, Numbers, std::less<>> parameters;
};

/// The declared options of one component with their values, defaults filled in. The options of an
/// inner optimizer stand beside its name as "magnitude.learning_rate"; who makes it checks them.
class GAPBENCH_API Options {
 public:
  Options() = default;

  /// Checks `given` against `specs` and fills in the defaults. Throws Error(owner, ...) naming
  /// every unknown (with the nearest valid name), missing and out-of-range option at once.
  static Options resolve(std::string owner, std::span<const OptionSpec> specs,
                         const OptionMap& given, Handed handed = {});

  /// Read one option. Throws Error when the component never declared it with that kind:
  /// a mistake in the component, found by the conformance check.
  double real(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  std::size_t count(std::string_view name) const;  ///< an integer option that is never negative
  bool flag(std::string_view name) const;
  const std::string& choice(std::string_view name) const;
  const std::string& text(std::string_view name) const;  ///< never empty
  /// A new inner optimizer for a problem of these tensors.
  std::unique_ptr<Optimizer> optimizer(std::string_view name,
                                       std::span<const TensorInfo> tensors) const;
  /// |w_(k+1) - w_k|, the Euclidean length of step k = 0, 1, ... over all parameters. Valid as long
  /// as these options or a copy of them.
  std::span<const float> trajectory(std::string_view name) const;
  /// Where that trial ended, [dimension]: the point that it is evaluated at. Valid as long as these
  /// options or a copy of them.
  std::span<const float> parameters(std::string_view name) const;

  const OptionMap& values() const noexcept { return values_; }
  const std::string& owner() const noexcept { return owner_; }

 private:
  const OptionValue& value(std::string_view name) const;

  std::string owner_;
  OptionMap values_;
  Handed handed_;
};

}  // namespace gapbench
