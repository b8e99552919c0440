#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/nearest.h"
#include "suite/language/forms.h"
#include "suite/language/methods.h"

namespace gapbench::suite {
namespace {

constexpr std::size_t longest_name = 100;

bool is_safe_name(const std::string& name) {
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto inner = [&](char c) {
    return letter_or_digit(c) || c == '_' || c == '.' || c == '+' || c == '-';
  };
  return !name.empty() && name.size() <= longest_name && letter_or_digit(name[0]) &&
         std::all_of(name.begin(), name.end(), inner);
}

bool same_heading(const Node& base, const Node& own, std::string_view heading) {
  const Node* theirs = base.find(heading);
  const Node* ours = own.find(heading);
  if (ours == nullptr) return true;
  return theirs != nullptr && theirs->is_scalar() && ours->is_scalar() &&
         theirs->text == ours->text;
}

Node merge_keys(Node base, const Node& own) {
  for (const Entry& entry : own.entries) {
    Node& value = base.at(entry.key, entry.place);
    value = entry.value;
    for (Entry& merged : base.entries) {
      if (merged.key == entry.key) merged.place = entry.place;
    }
  }
  base.place = own.place;
  return base;
}

Node merge_value(const std::string& key, const Node& base, const Node& own) {
  const bool mergeable = key == "optimizer" || key == "schedule";
  if (!mergeable || !base.is_block() || !own.is_block()) return own;
  const std::string_view heading = key == "optimizer" ? "name" : "kind";
  return same_heading(base, own, heading) ? merge_keys(base, own) : own;
}

Node merge_method(Node base, const Node& own) {
  for (const Entry& entry : own.entries) {
    const Node named = entry.key == "optimizer" ? as_named_block(entry.value) : entry.value;
    Node& value = base.at(entry.key, entry.place);
    value = merge_value(entry.key, value, named);
  }
  return base;
}

class Inheritance {
 public:
  Inheritance(const Node& root, const Node& methods, Mistakes& mistakes)
      : methods_(methods), mistakes_(mistakes) {
    defaults_ = block_node(methods.place);
    for (const char* key : {"budget", "schedule"}) {
      const Node* value = root.find(key);
      if (value != nullptr && value->kind != Node::Kind::null) {
        defaults_.entries.push_back({key, value->place, *value});
      }
    }
    for (const Entry& entry : methods.entries) names_.push_back(entry.key);
  }

  std::vector<MethodTree> all() {
    std::vector<MethodTree> trees;
    for (const Entry& entry : methods_.entries) {
      if (!is_safe_name(entry.key)) {
        mistakes_.add(entry.place,
                      fmt::format("method name \"{}\" must be at most {} letters, digits and "
                                  "\"_.+-\", a letter or digit first",
                                  entry.key, longest_name));
        continue;
      }
      std::vector<std::string> path;
      if (auto tree = resolve(entry, path)) {
        tree->place = entry.place;
        trees.push_back({entry.key, entry.place, std::move(*tree)});
      }
    }
    return trees;
  }

 private:
  std::optional<Node> resolve(const Entry& method, std::vector<std::string>& path) {
    if (const auto done = resolved_.find(method.key); done != resolved_.end()) return done->second;
    path.push_back(method.key);
    auto tree = resolve_new(method, path);
    path.pop_back();
    return resolved_[method.key] = tree;
  }

  std::optional<Node> resolve_new(const Entry& method, std::vector<std::string>& path) {
    if (!method.value.is_block()) {
      mistakes_.add(method.place,
                    must_be(fmt::format("method \"{}\"", method.key), "a block", method.value));
      return std::nullopt;
    }
    const Node* extends = method.value.find("extends");
    if (extends == nullptr) return merge_method(defaults_, method.value);
    const Entry* base = find_base(*extends, path);
    if (base == nullptr) return std::nullopt;
    const auto tree = resolve(*base, path);
    if (!tree) return std::nullopt;  // already reported
    return merge_method(*tree, method.value);
  }

  const Entry* find_base(const Node& extends, const std::vector<std::string>& path) {
    if (!extends.is_scalar()) {
      mistakes_.add(extends.place,
                    fmt::format("extends must be a method's name, got {}", shown(extends)));
      return nullptr;
    }
    const auto in_path = std::find(path.begin(), path.end(), extends.text);
    if (in_path != path.end()) {
      std::string circle;
      for (auto name = in_path; name != path.end(); ++name) circle += *name + " -> ";
      mistakes_.add(extends.place, "extends in a circle: " + circle + extends.text);
      return nullptr;
    }
    const auto base = std::find_if(methods_.entries.begin(), methods_.entries.end(),
                                   [&](const Entry& entry) { return entry.key == extends.text; });
    if (base != methods_.entries.end()) return &*base;
    mistakes_.add(extends.place, fmt::format("extends unknown method \"{}\"{}", extends.text,
                                             did_you_mean(extends.text, names_)));
    return nullptr;
  }

  const Node& methods_;
  Mistakes& mistakes_;
  Node defaults_;
  std::vector<std::string> names_;
  std::map<std::string, std::optional<Node>> resolved_;
};

}  // namespace

std::vector<MethodTree> inherit(const Node& root, const Node& methods, Mistakes& mistakes) {
  return Inheritance(root, methods, mistakes).all();
}

}  // namespace gapbench::suite
