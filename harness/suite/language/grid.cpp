#include "suite/language/grid.h"

#include <fmt/format.h>

#include <set>

namespace gapbench::suite {
namespace {

std::string join(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

class Expander {
 public:
  explicit Expander(Mistakes& mistakes) : mistakes_(mistakes) {}

  std::vector<Variant> all(const Node& node, const std::string& path) {
    switch (node.kind) {
      case Node::Kind::null:
      case Node::Kind::scalar:
        return {{node, {}}};
      case Node::Kind::block:
        return block(node, path);
      case Node::Kind::list:
        return is_list_by_nature(path) ? list(node, path) : choices(node, path);
      case Node::Kind::alternatives:
        return choices(node, path);
    }
    return {};
  }

 private:
  std::vector<Variant> block(const Node& node, const std::string& path) {
    std::vector<Variant> product = {{block_node(node.place), {}}};
    for (const Entry& entry : node.entries) {
      const auto parts = all(entry.value, join(path, entry.key));
      product = times(std::move(product), parts, entry.place, [&](Node& tree, const Node& part) {
        tree.entries.push_back({entry.key, entry.place, part});
      });
    }
    return product;
  }

  std::vector<Variant> list(const Node& node, const std::string& path) {
    std::vector<Variant> product = {{list_node(node.place), {}}};
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Node item = path == "regularizers" ? as_named_block(node.items[i]) : node.items[i];
      const Node* name = item.find("name");
      const bool named = name != nullptr && name->is_scalar();
      if (!item.is_block() && !item.is_scalar()) {  // wrong, and judged by who reads it
        for (Variant& variant : product) variant.tree.items.push_back(item);
        continue;
      }
      const auto parts = all(item, join(path, named ? name->text : fmt::format("{}", i)));
      product = times(std::move(product), parts, item.place,
                      [](Node& tree, const Node& part) { tree.items.push_back(part); });
    }
    return product;
  }

  /// The values of one axis: every element, expanded.
  std::vector<Variant> choices(const Node& node, const std::string& path) {
    if (node.items.empty()) mistakes_.add(node.place, "an empty list: nothing to choose from");
    std::vector<Node> values;
    for (const Node& item : node.items) {
      if (item.is_list() && !is_list_by_nature(path)) {
        mistakes_.add(item.place, "a list in a list; a grid is a flat list of values");
        continue;
      }
      for (Variant& variant : all(item, path)) values.push_back(std::move(variant.tree));
      limit(values.size(), node.place);
    }
    const std::vector<std::string> labels = distinguish(values);
    std::set<std::string> seen;
    std::vector<Variant> variants;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!seen.insert(labels[i]).second) {
        mistakes_.add(values[i].place, fmt::format("{} given twice in one list", labels[i]));
        continue;
      }
      variants.push_back({values[i], {}});
      if (values.size() > 1) variants.back().axes.push_back({path, labels[i]});
    }
    return variants;
  }

  template <class Append>
  std::vector<Variant> times(std::vector<Variant> a, const std::vector<Variant>& b, Place place,
                             const Append& append) {
    limit(a.size() * b.size(), place);
    std::vector<Variant> product;
    for (Variant& left : a) {
      for (std::size_t i = 0; i < b.size(); ++i) {
        const bool last = i + 1 == b.size();
        product.push_back(last ? std::move(left) : left);
        Variant& made = product.back();
        append(made.tree, b[i].tree);
        made.axes.insert(made.axes.end(), b[i].axes.begin(), b[i].axes.end());
      }
    }
    return product;
  }

  void limit(std::size_t count, Place place) {
    if (count > most_trials) {
      mistakes_.refuse(place, fmt::format("the grid has more than {} combinations", most_trials));
    }
  }

  Mistakes& mistakes_;
};

/// `path` is "l2.lambda": writes into every block named l2 of the list, or of the lists in it.
bool put_in_named(Node& list, std::string_view path, const Node& values) {
  const std::size_t dot = path.find('.');
  bool written = false;
  for (Node& item : list.items) {
    if (item.is_list()) written |= put_in_named(item, path, values);
    Node block = as_named_block(item);
    const Node* name = block.find("name");
    if (name == nullptr || name->text != path.substr(0, dot) || dot == std::string_view::npos) {
      continue;
    }
    item = std::move(block);
    written |= put_alternatives(item, path.substr(dot + 1), values);
  }
  return written;
}

}  // namespace

bool is_list_by_nature(std::string_view path) {
  return path == "regularizers" || path == "schedule.milestones" || path == "batch_growth.epochs" ||
         path == "unseen";
}

std::vector<Variant> expand(const Node& tree, Mistakes& mistakes) {
  return Expander(mistakes).all(tree, "");
}

bool put_alternatives(Node& tree, std::string_view path, const Node& values) {
  const std::size_t dot = path.find('.');
  const std::string_view key = path.substr(0, dot);
  const std::string_view rest = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  if (tree.is_list() || tree.kind == Node::Kind::alternatives) {
    bool written = false;
    for (Node& item : tree.items) written |= put_alternatives(item, path, values);
    return written;
  }
  if (tree.kind == Node::Kind::null) tree = block_node(values.place);
  if (tree.is_scalar()) tree = as_named_block(tree);
  if (key == "regularizers" && !rest.empty()) {
    Node* list = tree.find(key);
    return list != nullptr && put_in_named(*list, rest, values);
  }
  Node& child = tree.at(key, values.place);
  if (!rest.empty()) return put_alternatives(child, rest, values);
  child = values;
  child.kind = Node::Kind::alternatives;
  return true;
}

}  // namespace gapbench::suite
