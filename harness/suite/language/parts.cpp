#include "suite/language/parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/nearest.h"
#include "suite/language/forms.h"
#include "suite/language/grid.h"

namespace gapbench::suite {
namespace {

class PartsReader {
 public:
  PartsReader(Node root, const Catalog& catalog, const TuneSettings* tune, Mistakes& mistakes)
      : root_(std::move(root)), catalog_(catalog), tune_(tune), mistakes_(mistakes) {}

  Parts read() {
    Parts parts;
    std::vector<MethodTree> trees = method_trees();
    apply_grid(trees);
    parts.methods = read_methods(trees, catalog_, place_of(root_, "methods"), tune_, mistakes_);
    for (const Node& node : elements("datasets")) {
      if (auto data = read_data(node, catalog_, mistakes_)) parts.datasets.push_back(*data);
    }
    parts.networks = choices("networks", "network", Role::network);
    parts.problems = choices("problems", "problem", Role::problem);
    return parts;
  }

 private:
  std::vector<MethodTree> method_trees() {
    const Node* methods = root_.find("methods");
    if (methods == nullptr || methods->kind == Node::Kind::null) return {};  // reported
    if (!methods->is_block()) {
      mistakes_.add(
          methods->place,
          fmt::format("methods must be a mapping of names to blocks, got {}", shown(*methods)));
      return {};
    }
    if (methods->entries.empty()) {
      mistakes_.add(methods->place, "no methods: the suite has no trials");
    }
    return inherit(root_, *methods, mistakes_);
  }

  void apply_grid(std::vector<MethodTree>& trees) {
    const Node* grid = root_.find("grid");
    if (grid == nullptr || grid->kind == Node::Kind::null) return;
    if (!grid->is_block()) {
      mistakes_.add(grid->place, must_be("grid", "a block of paths", *grid));
      return;
    }
    for (const Entry& entry : grid->entries) {
      if (!require_list(entry.value, "grid." + entry.key, mistakes_)) continue;
      const std::string first = entry.key.substr(0, entry.key.find('.'));
      if (first == "datasets" || first == "networks" || first == "problems") {
        put_in_list(entry, first);
      } else {
        put_in_methods(entry, first, trees);
      }
    }
  }

  void put_in_list(const Entry& entry, const std::string& list) {
    Node* node = root_.find(list);
    if (node == nullptr || !node->is_list() || entry.key.size() <= list.size() + 1) {
      mistakes_.add(entry.place, fmt::format("grid path \"{}\" leads nowhere; needs a list of {} "
                                             "and an option, as in {}.width",
                                             entry.key, list, list));
      return;
    }
    put_alternatives(*node, entry.key.substr(list.size() + 1), entry.value);
  }

  void put_in_methods(const Entry& entry, const std::string& first,
                      std::vector<MethodTree>& trees) {
    std::vector<std::string> valid(std::begin(method_keys), std::end(method_keys));
    valid.insert(valid.end(), {"datasets", "networks", "problems"});
    if (std::find(valid.begin(), valid.end(), first) == valid.end() || entry.key.back() == '.') {
      mistakes_.add(entry.place, fmt::format("unknown grid path \"{}\"{}", entry.key,
                                             did_you_mean(first, valid)));
      return;
    }
    for (MethodTree& method : trees) {
      if (put_alternatives(method.tree, entry.key, entry.value)) continue;
      mistakes_.add(entry.place, fmt::format("grid path \"{}\": method \"{}\" has no such "
                                             "regularizer",
                                             entry.key, method.name));
    }
  }

  /// The blocks of a top-level list, their grids expanded.
  std::vector<Node> elements(const char* key) {
    std::vector<Node> blocks;
    const Node* list = root_.find(key);
    if (list == nullptr || list->kind == Node::Kind::null) return blocks;
    if (!require_list(*list, key, mistakes_)) return blocks;
    for (const Node& item : list->items) {
      for (Variant& variant : expand(as_named_block(item), mistakes_)) {
        blocks.push_back(std::move(variant.tree));
      }
      if (blocks.size() > most_trials) {
        mistakes_.refuse(list->place, fmt::format("more than {} {}", most_trials, key));
      }
    }
    return blocks;
  }

  std::vector<ChoiceBlock> choices(const char* key, const char* what, Role role) {
    std::vector<ChoiceBlock> read;
    for (const Node& node : elements(key)) {
      Block block(node, what, mistakes_);
      if (auto choice = read_choice(block, role, catalog_)) read.push_back({*choice, node.place});
    }
    return read;
  }

  Node root_;
  const Catalog& catalog_;
  const TuneSettings* tune_;
  Mistakes& mistakes_;
};

}  // namespace

Place place_of(const Node& root, std::string_view key) {
  const Node* node = root.find(key);
  return node == nullptr ? root.place : node->place;
}

Parts read_parts(Node root, const Catalog& catalog, const TuneSettings* tune, Mistakes& mistakes) {
  return PartsReader(std::move(root), catalog, tune, mistakes).read();
}

}  // namespace gapbench::suite
