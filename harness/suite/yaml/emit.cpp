#include "suite/yaml/emit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace gapbench::suite {
namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result + "\"";
}

/// Words that YAML 1.1 takes for truth values or for nothing, in any case.
bool is_word_of_yaml_1_1(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::string_view words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};
  return std::ranges::find(words, text) != std::end(words);
}

/// "1.0e-05" for "1e-05": without a point it is text in YAML 1.1.
std::string with_point(const std::string& real) {
  const std::size_t exponent = real.find('e');
  if (exponent == std::string::npos || real.find('.') != std::string::npos) return real;
  return real.substr(0, exponent) + ".0" + real.substr(exponent);
}

std::string scalar_text(const Node& node, Dialect dialect) {
  if (node.quoted) return quoted(node.text);
  if (dialect == Dialect::first) return node.text;
  const OptionValue value = value_of(node);
  if (std::holds_alternative<double>(value)) return with_point(node.text);
  const bool is_text = std::holds_alternative<std::string>(value);
  return is_text && is_word_of_yaml_1_1(node.text) ? quoted(node.text) : node.text;
}

/// Text that stands behind "key:" in the same line, or nothing when the value needs lines.
std::optional<std::string> in_line(const Node& node, Dialect dialect) {
  if (node.is_scalar()) return scalar_text(node, dialect);
  if (node.is_block()) {
    if (node.entries.empty()) return "{}";
    return std::nullopt;
  }
  const bool scalars = std::all_of(node.items.begin(), node.items.end(),
                                   [](const Node& item) { return item.is_scalar(); });
  if (!scalars) return std::nullopt;
  std::string text;
  for (const Node& item : node.items) {
    text += (text.empty() ? "" : ", ") + scalar_text(item, dialect);
  }
  return "[" + text + "]";
}

void emit(const Node& node, std::size_t indent, Dialect dialect, std::string& out);

void emit_block(const Node& block, std::size_t indent, bool after_dash, Dialect dialect,
                std::string& out) {
  for (const Entry& entry : block.entries) {
    const bool in_dash_line = after_dash && &entry == &block.entries.front();
    out += (in_dash_line ? "" : std::string(indent, ' ')) +
           scalar_text(text_node(entry.key), dialect) + ":";
    if (const auto text = in_line(entry.value, dialect)) {
      out += " " + *text + "\n";
    } else {
      out += "\n";
      emit(entry.value, indent + 2, dialect, out);
    }
  }
}

void emit(const Node& node, std::size_t indent, Dialect dialect, std::string& out) {
  if (node.is_block()) {
    emit_block(node, indent, false, dialect, out);
    return;
  }
  for (const Node& item : node.items) {
    out += std::string(indent, ' ') + "- ";
    if (const auto text = in_line(item, dialect)) {
      out += *text + "\n";
    } else {
      emit_block(item, indent + 2, true, dialect, out);
    }
  }
}

}  // namespace

std::string emit_yaml(const Node& root, Dialect dialect) {
  if (const auto text = in_line(root, dialect)) return *text + "\n";
  std::string out;
  emit(root, 0, dialect, out);
  return out;
}

}  // namespace gapbench::suite
