#include "suite/yaml/overrides.h"

#include <fmt/format.h>

#include <algorithm>

#include "suite/yaml/parse.h"

namespace gapbench::suite {
namespace {

/// The longest beginning of `path`, cut at dots, that is a key of the block; else the first part.
std::string_view longest_key(const Node& block, std::string_view path) {
  std::string_view best;
  for (const Entry& entry : block.entries) {
    const bool begins = path.substr(0, entry.key.size()) == entry.key;
    const bool at_dot = path.size() == entry.key.size() ||
                        (path.size() > entry.key.size() && path[entry.key.size()] == '.');
    if (begins && at_dot && entry.key.size() >= best.size()) {
      best = path.substr(0, entry.key.size());
    }
  }
  return best.empty() ? path.substr(0, path.find('.')) : best;
}

Node* in_list(Node& list, std::string_view part) {
  const auto place = unsigned_of(scalar_node(std::string(part), false));
  if (place && *place < list.items.size()) return &list.items[*place];
  Node* found = nullptr;
  for (Node& item : list.items) {
    const Node named = as_named_block(item);
    const Node* name = named.find("name");
    if (name == nullptr || !name->is_scalar() ||
        value_of(*name) != OptionValue(std::string(part))) {
      continue;
    }
    if (found != nullptr) return nullptr;  // ambiguous
    found = &item;
  }
  return found;
}

class Override {
 public:
  Override(std::size_t number, Mistakes& mistakes) : place_{0, number}, mistakes_(mistakes) {}

  void apply(Node& root, const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      mistakes_.add(place_, "must be path=value, as in budget.epochs=1");
      return;
    }
    const auto dots = std::count(text.begin(), text.begin() + static_cast<long>(equals), '.');
    if (static_cast<std::size_t>(dots) >= deepest_nesting) {
      mistakes_.add(place_, fmt::format("a path of more than {} parts", deepest_nesting));
      return;
    }
    const Node value = parse_yaml(text.substr(equals + 1), place_.override_number, mistakes_);
    set(root, std::string_view(text).substr(0, equals), value);
  }

 private:
  void set(Node& root, std::string_view path, const Node& value) {
    Node* node = &root;
    bool in_grid = false;
    while (!path.empty()) {
      if (path.front() == '.' || path.back() == '.') {
        mistakes_.add(place_, fmt::format("empty part in the path \"{}\"", path));
        return;
      }
      const std::string_view key = in_grid ? path : next_part(*node, path);
      in_grid = node == &root && key == "grid";
      path.remove_prefix(std::min(path.size(), key.size() + 1));
      node = step(*node, key);
      if (node == nullptr) return;
    }
    *node = value;
    node->place = place_;
  }

  static std::string_view next_part(const Node& node, std::string_view path) {
    return node.is_block() ? longest_key(node, path) : path.substr(0, path.find('.'));
  }

  Node* step(Node& node, std::string_view key) {
    if (node.is_list()) {
      Node* item = in_list(node, key);
      if (item == nullptr) {
        mistakes_.add(place_, fmt::format("no element \"{}\" in a list of {}; give its place "
                                          "from 0, or its name when only one has it",
                                          key, node.items.size()));
      }
      return item;
    }
    if (node.is_scalar()) node = as_named_block(node);
    if (node.kind == Node::Kind::null) node = block_node(place_);
    return &node.at(key, place_);
  }

  Place place_;
  Mistakes& mistakes_;
};

}  // namespace

void apply_overrides(Node& root, Mistakes& mistakes) {
  const std::vector<std::string> overrides = mistakes.source().overrides;
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    Override(i + 1, mistakes).apply(root, overrides[i]);
  }
}

}  // namespace gapbench::suite
