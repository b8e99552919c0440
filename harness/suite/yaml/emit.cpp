#include "suite/yaml/emit.h"

#include <fmt/format.h>

#include <algorithm>

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

std::string scalar_text(const Node& node) { return node.quoted ? quoted(node.text) : node.text; }

/// Text that stands behind "key:" in the same line, or nothing when the value needs lines.
std::optional<std::string> in_line(const Node& node) {
  if (node.is_scalar()) return scalar_text(node);
  if (node.is_block()) {
    if (node.entries.empty()) return "{}";
    return std::nullopt;
  }
  const bool scalars = std::all_of(node.items.begin(), node.items.end(),
                                   [](const Node& item) { return item.is_scalar(); });
  if (!scalars) return std::nullopt;
  std::string text;
  for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + scalar_text(item);
  return "[" + text + "]";
}

void emit(const Node& node, std::size_t indent, std::string& out);

void emit_block(const Node& block, std::size_t indent, bool after_dash, std::string& out) {
  for (const Entry& entry : block.entries) {
    const bool in_dash_line = after_dash && &entry == &block.entries.front();
    out += (in_dash_line ? "" : std::string(indent, ' ')) + scalar_text(text_node(entry.key)) + ":";
    if (const auto text = in_line(entry.value)) {
      out += " " + *text + "\n";
    } else {
      out += "\n";
      emit(entry.value, indent + 2, out);
    }
  }
}

void emit(const Node& node, std::size_t indent, std::string& out) {
  if (node.is_block()) {
    emit_block(node, indent, false, out);
    return;
  }
  for (const Node& item : node.items) {
    out += std::string(indent, ' ') + "- ";
    if (const auto text = in_line(item)) {
      out += *text + "\n";
    } else {
      emit_block(item, indent + 2, true, out);
    }
  }
}

}  // namespace

std::string emit_yaml(const Node& root) {
  if (const auto text = in_line(root)) return *text + "\n";
  std::string out;
  emit(root, 0, out);
  return out;
}

}  // namespace gapbench::suite
