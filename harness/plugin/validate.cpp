#include "plugin/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/engine_options.h"
#include "plugin/example.h"
#include "plugin/registry.h"

namespace gapbench::plugin {
namespace {

using Mistakes = std::vector<std::string>;

bool is_blank(const char* text) { return text == nullptr || *text == '\0'; }

// "regularizer", or what is wrong with the number that should be a kind.
void check_factories(const Component& c, Mistakes& mistakes) {
  const bool present[] = {c.make_optimizer != nullptr, c.make_regularizer != nullptr,
                          c.make_probe != nullptr,     c.make_problem != nullptr,
                          c.make_posterior != nullptr, c.build_network != nullptr,
                          c.load_data != nullptr};
  const auto kind = static_cast<std::size_t>(c.kind);
  if (kind >= std::size(present)) {
    mistakes.push_back(fmt::format("unknown kind of component {}", kind));
    return;
  }
  for (std::size_t k = 0; k < std::size(present); ++k) {
    if (present[k] == (k == kind)) continue;
    mistakes.push_back(fmt::format("a {} must have {} factory of a {}", to_text(c.kind),
                                   present[k] ? "no" : "the",
                                   to_text(static_cast<ComponentKind>(k))));
  }
  constexpr std::uint32_t all = hook_micro_batch | hook_mini_batch | hook_parameters | hook_noise |
                                hook_loss | hook_inputs | hook_mixing;
  const bool has_hooks = (c.hooks & all) != 0;
  if (has_hooks != (c.kind == ComponentKind::regularizer)) {
    mistakes.emplace_back("a regularizer has at least one hook, the other kinds none");
  }
  if (c.has_targets && c.kind != ComponentKind::data) {
    mistakes.emplace_back("only a data set has targets");
  }
  if (c.keeps_posterior && c.kind != ComponentKind::optimizer) {
    mistakes.emplace_back("only an optimizer keeps a posterior");
  }
}

std::vector<std::string_view> split_choices(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (auto bar = text.find('|'); bar != text.npos; bar = text.find('|')) {
    pieces.push_back(text.substr(0, bar));
    text.remove_prefix(bar + 1);
  }
  pieces.push_back(text);
  return pieces;
}

void check_choices(const OptionSpec& spec, Mistakes& mistakes) {
  std::set<std::string_view> seen;
  for (const std::string_view choice : split_choices(spec.choices)) {
    if (choice.empty()) mistakes.push_back(fmt::format("{}: has an empty choice", spec.name));
    if (!seen.insert(choice).second) {
      mistakes.push_back(fmt::format("{}: has the choice \"{}\" twice", spec.name, choice));
    }
  }
}

bool has_texts(const OptionSpec& s) {
  return s.name != nullptr && s.help != nullptr && s.unit != nullptr && s.choices != nullptr &&
         s.default_choice != nullptr;
}

OptionValue default_of(const OptionSpec& spec) {
  if (spec.kind == OptionKind::choice || spec.kind == OptionKind::text) {
    return std::string(spec.default_choice);
  }
  if (spec.kind == OptionKind::integer) return static_cast<std::int64_t>(spec.default_number);
  if (spec.kind == OptionKind::flag) return spec.default_number != 0;
  return spec.default_number;
}

void check_default(const OptionSpec& spec, Mistakes& mistakes) {
  // Beyond 2^53 a double no longer holds every whole number.
  constexpr double largest = 9007199254740992.0;
  const double number = spec.default_number;
  if (spec.kind == OptionKind::integer &&
      (number != std::floor(number) || std::abs(number) > largest)) {
    mistakes.push_back(fmt::format("{}: default {} is not a whole number", spec.name, number));
  } else if (const auto wrong = mismatch(spec, default_of(spec))) {
    mistakes.push_back(fmt::format("{}: default {}", spec.name, *wrong));
  }
}

/// Options that stand beside a component's own.
bool is_of_the_harness(ComponentKind kind, std::string_view name) {
  if (name == "name" || name == "revision") return true;
  return kind == ComponentKind::network &&
         std::ranges::any_of(engine_options, [&](const OptionSpec& o) { return name == o.name; });
}

void check_option(ComponentKind kind, const OptionSpec& spec, Mistakes& mistakes) {
  if (!has_texts(spec)) {
    mistakes.emplace_back("an option has a null text");
    return;
  }
  if (!is_lower_snake_case(spec.name)) {
    mistakes.push_back(fmt::format("{}: option names are lower_snake_case", spec.name));
  }
  const std::string_view name = spec.name;
  if (is_of_the_harness(kind, name)) {
    mistakes.push_back(fmt::format("{}: this option name is the harness's own", name));
  }
  if (is_blank(spec.help)) mistakes.push_back(fmt::format("{}: has no help", spec.name));
  const bool open = spec.low_is_open || spec.high_is_open;
  if (!(spec.low < spec.high || (spec.low == spec.high && !open))) {
    mistakes.push_back(fmt::format("{}: its range is empty", spec.name));
  }
  if (spec.kind == OptionKind::choice) check_choices(spec, mistakes);
  if (!spec.required) check_default(spec, mistakes);
}

// What the host hands over stands for no default; inner optimizers and trajectories are handed to
// optimizers only, and problems and networks are there before any trial has ended.
void check_handed(const Component& c, const OptionSpec& spec, Mistakes& mistakes) {
  const bool for_optimizers =
      spec.kind == OptionKind::optimizer || spec.kind == OptionKind::trajectory;
  if (!for_optimizers && spec.kind != OptionKind::parameters) return;
  if (for_optimizers && c.kind != ComponentKind::optimizer) {
    mistakes.push_back(
        fmt::format("{}: only optimizers are handed optimizers and trajectories", spec.name));
  }
  const bool is_before = c.kind == ComponentKind::problem || c.kind == ComponentKind::network ||
                         c.kind == ComponentKind::data;
  if (spec.kind == OptionKind::parameters && is_before) {
    mistakes.push_back(fmt::format("{}: a {} is handed no parameters", spec.name, to_text(c.kind)));
  }
  if (!spec.required) mistakes.push_back(fmt::format("{}: can have no default", spec.name));
}

bool check_options(const Component& c, Mistakes& mistakes) {
  const std::size_t before = mistakes.size();
  if (c.option_count > 0 && c.options == nullptr) {
    mistakes.emplace_back("counts options but has none");
    return false;
  }
  std::set<std::string_view> seen;
  for (const OptionSpec& spec : options_of(c)) {
    check_option(c.kind, spec, mistakes);
    if (has_texts(spec)) check_handed(c, spec, mistakes);
    if (spec.name != nullptr && !seen.insert(spec.name).second) {
      mistakes.push_back(fmt::format("{}: declared twice", spec.name));
    }
  }
  return mistakes.size() == before;
}

}  // namespace

bool is_lower_snake_case(std::string_view text) {
  if (text.empty() || text.front() < 'a' || text.front() > 'z' || text.back() == '_') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!word && (c != '_' || text[i - 1] == '_')) return false;
  }
  return true;
}

std::vector<std::string> mistakes_in(const Component& component) {
  Mistakes mistakes;
  const About& about = component.about;
  if (about.name == nullptr || !is_lower_snake_case(about.name)) {
    mistakes.emplace_back("its name is not lower_snake_case");
  }
  if (is_blank(about.summary)) mistakes.emplace_back("has no summary");
  if (about.summary != nullptr && std::string_view(about.summary).find('\n') != std::string::npos) {
    mistakes.emplace_back("its summary has more than one line");
  }
  if (about.revision == 0) mistakes.emplace_back("its revision is 0; the first is 1");
  check_factories(component, mistakes);
  const bool sound = check_options(component, mistakes);
  if (about.example == nullptr) {
    mistakes.emplace_back("has no example");
  } else if (sound) {
    try {
      Options::resolve("example", options_of(component),
                       parse_example("example", options_of(component), about.example));
    } catch (const Error& e) {
      mistakes.emplace_back(e.what());
    }
  }
  return mistakes;
}

void require_valid(const PluginDescriptor& descriptor, const std::string& where) {
  if (descriptor.components == nullptr || descriptor.component_count == 0) {
    throw Error(where, "offers no component");
  }
  Mistakes mistakes;
  std::set<std::pair<ComponentKind, std::string>> names;
  for (const Component& c : std::span(descriptor.components, descriptor.component_count)) {
    const std::string name = is_blank(c.about.name) ? "(no name)" : c.about.name;
    for (const std::string& mistake : mistakes_in(c)) mistakes.push_back(name + ": " + mistake);
    if (!names.emplace(c.kind, name).second) mistakes.push_back(name + ": offered twice");
  }
  if (!mistakes.empty()) {
    throw Error(where, fmt::format("declares a component wrongly: {}", fmt::join(mistakes, "; ")));
  }
}

}  // namespace gapbench::plugin
