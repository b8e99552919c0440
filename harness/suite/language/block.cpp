#include "suite/language/block.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/nearest.h"
#include "gapbench/error.h"
#include "suite/language/forms.h"

namespace gapbench::suite {

Block::Block(const Node& node, std::string what, Mistakes& mistakes)
    : what_(std::move(what)), place_(node.place), mistakes_(&mistakes) {
  if (node.is_block()) {
    node_ = &node;
  } else {
    mistakes.add(node.place, must_be(what_, "a block", node));
  }
}

Place Block::place_of(std::string_view key) const {
  const Node* found = usable() ? node_->find(key) : nullptr;
  return found == nullptr ? place_ : found->place;
}

const Node* Block::optional(std::string_view key) {
  valid_.emplace_back(key);
  const Node* found = usable() ? node_->find(key) : nullptr;
  if (found == nullptr) return nullptr;
  if (found->kind == Node::Kind::null) {
    mistakes_->add(found->place, fmt::format("\"{}\" has no value", key));
    return nullptr;
  }
  return found;
}

const Node* Block::required(std::string_view key, const std::string& hint) {
  if (usable() && !has(key)) {
    mistakes_->add(place_, fmt::format("{}: missing key \"{}\"{}{}{}", what_, key,
                                       hint.empty() ? "" : " (", hint, hint.empty() ? "" : ")"));
  }
  return optional(key);
}

std::optional<OptionValue> Block::value(const OptionSpec& spec) {
  const Node* node = spec.required ? required(spec.name, describe(spec)) : optional(spec.name);
  if (node == nullptr) return std::nullopt;
  return read_value(*node, spec, fmt::format("{}.{}", what_, spec.name), *mistakes_);
}

std::optional<double> Block::real(const OptionSpec& spec) {
  const auto found = value(spec);
  if (!found) return std::nullopt;
  return std::get<double>(*found);
}

std::optional<std::uint64_t> Block::whole(const OptionSpec& spec) {
  const auto found = value(spec);
  if (!found) return std::nullopt;
  return static_cast<std::uint64_t>(std::get<std::int64_t>(*found));
}

std::optional<bool> Block::flag(const char* key) {
  const auto found = value(option::flag(key, "").by_default(0.0));
  if (!found) return std::nullopt;
  return std::get<bool>(*found);
}

std::optional<std::string> Block::text(std::string_view key, bool is_required) {
  const Node* node = is_required ? required(key) : optional(key);
  if (node == nullptr) return std::nullopt;
  if (node->is_scalar() && std::holds_alternative<std::string>(value_of(*node))) return node->text;
  mistakes_->add(node->place, fmt::format("\"{}\" must be text, got {}", key, shown(*node)));
  return std::nullopt;
}

void Block::done() {
  if (!usable()) return;
  for (const Entry& entry : node_->entries) {
    if (std::find(valid_.begin(), valid_.end(), entry.key) != valid_.end()) continue;
    mistakes_->add(entry.place,
                   fmt::format("unknown key \"{}\"{}", entry.key, did_you_mean(entry.key, valid_)));
  }
}

namespace {

/// 5e2 where a whole number is wanted is 500; 64.0 stays a real number.
OptionValue value_for(const OptionSpec& spec, const Node& node) {
  constexpr double exact = 9007199254740992;  // 2^53
  const OptionValue value = value_of(node);
  const auto* real = std::get_if<double>(&value);
  const bool wanted = spec.kind == OptionKind::integer && real != nullptr;
  if (!wanted || node.text.find_first_of("eE") == std::string::npos) return value;
  if (*real != std::trunc(*real) || std::abs(*real) > exact) return value;
  return static_cast<std::int64_t>(*real);
}

}  // namespace

std::optional<OptionValue> read_value(const Node& node, const OptionSpec& spec,
                                      const std::string& what, Mistakes& mistakes) {
  if (!node.is_scalar()) {
    OptionSpec range = spec;
    range.required = true;
    const std::string wanted = describe(range);
    mistakes.add(node.place,
                 fmt::format("{} must be {}, got {}", what,
                             wanted.substr(0, wanted.rfind(", required")), shown(node)));
    return std::nullopt;
  }
  const OptionValue value = value_for(spec, node);
  if (const auto wrong = mismatch(spec, value)) {
    // With the number as it was written, not as it is kept.
    mistakes.add(node.place, fmt::format("{} {}, got {}", what,
                                         wrong->substr(0, wrong->rfind(", got ")), shown(node)));
    return std::nullopt;
  }
  const auto* whole = std::get_if<std::int64_t>(&value);
  if (spec.kind == OptionKind::real && whole != nullptr) return static_cast<double>(*whole);
  return value;
}

namespace {

/// An inner optimizer: its name under the option's, its options and its revision below that.
bool read_inner(const Node& node, const std::string& option, const Block& outer,
                const Catalog& catalog, OptionMap& given) {
  const Node named = as_named_block(node);
  Block block(named, fmt::format("{}.{}", outer.what(), option), outer.mistakes());
  const auto inner = read_choice(block, Role::optimizer, catalog);
  if (!inner) return false;
  given[option] = inner->name;
  for (const auto& [name, value] : inner->options) given[option + "." + name] = value;
  given[option + ".revision"] = static_cast<std::int64_t>(inner->revision);
  return true;
}

}  // namespace

std::optional<train::Choice> read_choice(Block& block, Role role, const Catalog& catalog,
                                         bool more_keys_follow) {
  const auto name = block.text("name", true);
  if (!name) return std::nullopt;
  Declared declared;
  try {
    declared = catalog.find(role, *name);
  } catch (const Error& e) {
    block.mistakes().add(block.place_of("name"), e.what());
    return std::nullopt;
  }
  block.rename(*name);
  OptionMap given;
  bool complete = true;
  for (const OptionSpec& spec : declared.options) {
    if (spec.kind == OptionKind::optimizer) {
      const Node* node = block.required(spec.name, describe(spec));
      complete = node != nullptr && read_inner(*node, spec.name, block, catalog, given) && complete;
      continue;
    }
    const auto value = block.value(spec);
    if (value) given[spec.name] = *value;
    complete = complete && (value || !(spec.required || block.has(spec.name)));
  }
  if (!more_keys_follow) block.done();
  if (!complete) return std::nullopt;
  return train::Choice{*name, Options::resolve(*name, declared.options, given).values(),
                       declared.revision};
}

std::optional<train::Length> read_length(const Node& node, const std::string& what,
                                         bool may_be_zero, Mistakes& mistakes) {
  constexpr double longest = 1e12;  // its steps fit a 64-bit integer for any real data set
  Block block(node, what, mistakes);
  OptionSpec epochs = option::real("epochs", "").at_most(longest).by_default(0.0);
  OptionSpec steps = option::integer("steps", "").at_most(longest).by_default(0.0);
  epochs = may_be_zero ? epochs.at_least(0) : epochs.above(0);
  steps = steps.at_least(may_be_zero ? 0 : 1);
  const auto in_epochs = block.real(epochs);
  const auto in_steps = block.whole(steps);
  block.done();
  if (block.has("epochs") && block.has("steps")) {
    mistakes.add(node.place, fmt::format("{}: give epochs or steps, not both", what));
  } else if (in_epochs) {
    return train::Length{*in_epochs, train::Length::Unit::epochs};
  } else if (in_steps) {
    return train::Length{static_cast<double>(*in_steps), train::Length::Unit::steps};
  } else if (node.is_block() && node.entries.empty()) {
    mistakes.add(node.place, fmt::format("{} must be {{epochs: n}} or {{steps: n}}", what));
  }
  return std::nullopt;
}

}  // namespace gapbench::suite
