#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "suite/language/grid.h"

namespace gapbench::suite {
namespace {

std::string safe(const std::string& text) {
  std::string result = text;
  for (char& c : result) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.' || c == '+' || c == '-';
    if (!kept) c = '_';
  }
  return result;
}

std::string scalar_text(const Node& node) {
  return node.is_scalar() ? safe(to_text(value_of(node))) : "";
}

const Node* heading(const Node& node) {
  const Node* name = node.find("name");
  return name != nullptr ? name : node.find("kind");
}

std::string head(const Node& node) {
  if (node.is_scalar()) return scalar_text(node);
  if (node.is_block()) return heading(node) == nullptr ? "" : scalar_text(*heading(node));
  std::vector<std::string> heads;
  for (const Node& item : node.items) heads.push_back(head(item));
  return heads.empty() ? "none" : fmt::format("{}", fmt::join(heads, "+"));
}

/// Every scalar below a node by its path, in order; places of a list share a path.
struct Flat {
  std::vector<std::string> paths;
  std::map<std::string, std::string> values;

  void add(const std::string& path, const std::string& value) {
    const auto [at, is_new] = values.emplace(path, value);
    if (is_new) paths.push_back(path);
    if (!is_new) at->second += "+" + value;
  }
  void add_all(const Node& node, const std::string& path) {
    if (node.is_scalar()) add(path, scalar_text(node));
    for (const Node& item : node.items) add_all(item, path);
    for (const Entry& entry : node.entries) {
      add_all(entry.value, path.empty() ? entry.key : path + "." + entry.key);
    }
  }
  std::string value(const std::string& path) const {
    const auto at = values.find(path);
    return at == values.end() ? "" : at->second;
  }
};

/// head-key1value1-key2value2 over the keys in which the nodes of one head differ.
std::vector<std::string> distinguish_equal_heads(const std::vector<Flat>& flats,
                                                 const std::string& head) {
  std::vector<std::string> labels(flats.size(), head);
  std::set<std::string> done;
  for (const Flat& one : flats) {
    for (const std::string& path : one.paths) {
      if (!done.insert(path).second) continue;
      std::set<std::string> values;
      for (const Flat& flat : flats) values.insert(flat.value(path));
      if (values.size() == 1) continue;
      for (std::size_t i = 0; i < flats.size(); ++i) {
        const std::string value = flats[i].value(path);
        if (!value.empty()) labels[i] += (labels[i].empty() ? "" : "-") + path + value;
      }
    }
  }
  return labels;
}

std::string last_parts(const std::string& path, std::size_t parts) {
  std::size_t at = path.size();
  for (std::size_t i = 0; i < parts && at != std::string::npos; ++i) {
    at = at == 0 ? std::string::npos : path.rfind('.', at - 1);
  }
  return at == std::string::npos ? path : path.substr(at + 1);
}

}  // namespace

std::vector<std::string> distinguish(const std::vector<Node>& nodes) {
  std::map<std::string, std::vector<std::size_t>> by_head;
  for (std::size_t i = 0; i < nodes.size(); ++i) by_head[head(nodes[i])].push_back(i);
  std::vector<std::string> labels(nodes.size());
  for (const auto& [text, members] : by_head) {
    std::vector<Flat> flats(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) flats[i].add_all(nodes[members[i]], "");
    const bool scalars = nodes[members[0]].is_scalar();
    const bool lone = members.size() == 1 && !text.empty();
    const auto told = scalars || lone ? std::vector<std::string>(members.size(), text)
                                      : distinguish_equal_heads(flats, text);
    for (std::size_t i = 0; i < members.size(); ++i) labels[members[i]] = told[i];
  }
  return labels;
}

std::string variant_name(const std::string& base, const std::vector<Axis>& axes) {
  if (axes.empty()) return base;
  std::vector<std::string> parts;
  for (const Axis& axis : axes) {
    std::size_t length = 1;
    const auto shared = [&](const Axis& other) {
      return other.path != axis.path &&
             last_parts(other.path, length) == last_parts(axis.path, length);
    };
    while (std::any_of(axes.begin(), axes.end(), shared)) ++length;
    parts.push_back(last_parts(axis.path, length) + "=" + axis.label);
  }
  return fmt::format("{}[{}]", base, fmt::join(parts, ","));
}

}  // namespace gapbench::suite
