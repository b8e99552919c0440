#include "suite/yaml/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace gapbench::suite {
namespace {

std::string_view without_plus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

template <class T>
std::optional<T> number(std::string_view text) {
  text = without_plus(text);
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool starts_like_a_number(std::string_view text) {
  text = without_plus(text);
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  if (!text.empty() && text[0] == '.') text.remove_prefix(1);
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

/// Text that YAML reads back as the same text without quotes.
bool safe_unquoted(const std::string& text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto inner = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '+';
  };
  if (text.empty() || !letter(text[0]) || !std::all_of(text.begin(), text.end(), inner)) {
    return false;
  }
  constexpr std::string_view reserved[] = {"true", "false", "null", "Null", "NULL", "yes",
                                           "no",   "on",    "off",  "y",    "n"};
  return std::find(std::begin(reserved), std::end(reserved), text) == std::end(reserved);
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto at = std::find_if(entries.begin(), entries.end(),
                               [&](const Entry& entry) { return entry.key == key; });
  return at == entries.end() ? nullptr : &at->value;
}

Node* Node::find(std::string_view key) {
  const Node* found = static_cast<const Node*>(this)->find(key);
  return const_cast<Node*>(found);
}

Node& Node::at(std::string_view key, Place where) {
  if (Node* found = find(key)) return *found;
  Node value;
  value.place = where;
  entries.push_back({std::string(key), where, std::move(value)});
  return entries.back().value;
}

void Node::remove(std::string_view key) {
  std::erase_if(entries, [&](const Entry& entry) { return entry.key == key; });
}

Node scalar_node(std::string text, bool quoted, Place place) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.text = std::move(text);
  node.quoted = quoted;
  node.place = place;
  return node;
}

Node value_node(const OptionValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text_node(*text);
  return scalar_node(to_text(value), false);
}

Node text_node(const std::string& text) { return scalar_node(text, !safe_unquoted(text)); }

Node block_node(Place place) {
  Node node;
  node.kind = Node::Kind::block;
  node.place = place;
  return node;
}

Node list_node(Place place) {
  Node node;
  node.kind = Node::Kind::list;
  node.place = place;
  return node;
}

OptionValue value_of(const Node& scalar) {
  if (scalar.quoted) return scalar.text;
  if (scalar.text == "true") return true;
  if (scalar.text == "false") return false;
  if (starts_like_a_number(scalar.text)) {
    if (const auto whole = number<std::int64_t>(scalar.text)) return *whole;
    if (const auto real = number<double>(scalar.text)) return *real;
  }
  return scalar.text;
}

std::optional<std::uint64_t> unsigned_of(const Node& scalar) {
  if (!scalar.is_scalar() || scalar.quoted) return std::nullopt;
  return number<std::uint64_t>(scalar.text);
}

std::string shown(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::list:
    case Node::Kind::alternatives:
      return "a list";
    case Node::Kind::block:
      return "a block";
    case Node::Kind::scalar: {
      const OptionValue value = value_of(node);
      const bool text = std::holds_alternative<std::string>(value);
      return text ? fmt::format("\"{}\"", node.text) : node.text;
    }
  }
  return "";
}

Node as_named_block(const Node& node) {
  if (!node.is_scalar()) return node;
  Node block = block_node(node.place);
  block.entries.push_back({"name", node.place, node});
  return block;
}

}  // namespace gapbench::suite
