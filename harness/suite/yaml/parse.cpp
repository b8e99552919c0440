#include "suite/yaml/parse.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>

namespace gapbench::suite {
namespace {

/// What a node costs, so that an alias of one long text cannot be multiplied either.
std::size_t weight_of(const Node& node) {
  constexpr std::size_t text_per_node = 32;
  std::size_t weight = 1 + node.text.size() / text_per_node;
  for (const Node& item : node.items) weight += weight_of(item);
  for (const Entry& entry : node.entries) {
    weight += entry.key.size() / text_per_node + weight_of(entry.value);
  }
  return weight;
}

std::size_t depth_of(const Node& node) {
  std::size_t deepest = 0;
  for (const Node& item : node.items) deepest = std::max(deepest, depth_of(item));
  for (const Entry& entry : node.entries) deepest = std::max(deepest, depth_of(entry.value));
  return deepest + 1;
}

/// Builds the tree from the parser's events, which, unlike yaml-cpp's own nodes, show every
/// duplicate key and every alias before it is followed.
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::size_t override_number, Mistakes& mistakes)
      : override_number_(override_number), mistakes_(mistakes) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = place(mark);
    insert(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto at = anchored_.find(anchor);
    if (at == anchored_.end()) mistakes_.refuse(place(mark), "an alias inside its own anchor");
    if (open_.size() + depth_of(at->second) > deepest_nesting) refuse_depth(place(mark));
    weight_ += weight_of(at->second) - 1;
    insert(at->second, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // yaml-cpp tells quoted scalars by the tag "!" and plain ones by "?".
    const bool text = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!text) refuse_tag(mark, tag);
    insert(scalar_node(value, text, place(mark)), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(list_node(place(mark)), mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(block_node(place(mark)), mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    bool awaits_key;
    bool skip_value = false;                   // of a key that was refused
    std::map<std::string, std::size_t> lines;  // of the keys so far
  };

  Place place(const YAML::Mark& mark) const {
    const auto line = static_cast<std::size_t>(std::max(mark.line, 0)) + 1;
    return {override_number_ == 0 ? line : 0, override_number_};
  }

  [[noreturn]] void refuse_depth(Place where) {
    mistakes_.refuse(where, fmt::format("nested deeper than {} levels", deepest_nesting));
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?") return;
    mistakes_.refuse(
        place(mark),
        fmt::format("tag \"{}\" is not supported; quote text, leave numbers plain", tag));
  }

  void open(Node node, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (tag != "!") refuse_tag(mark, tag);
    if (open_.size() >= deepest_nesting) refuse_depth(place(mark));
    const bool block = node.is_block();
    open_.push_back({std::move(node), anchor, block, false, {}});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    insert(std::move(done.node), done.anchor);
  }

  void insert(Node node, YAML::anchor_t anchor) {
    if (++weight_ > most_nodes) {
      mistakes_.refuse(node.place, fmt::format("more than {} values, aliases counted", most_nodes));
    }
    if (anchor != 0) anchored_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_list()) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.awaits_key) {
      insert_key(parent, node);
    } else {
      if (!parent.skip_value) set_value(parent.node.entries.back(), std::move(node));
      parent.awaits_key = true;
    }
  }

  /// A block, a list or nothing below its key stands where the key stands.
  static void set_value(Entry& entry, Node value) {
    if (!value.is_scalar()) value.place = entry.place;
    entry.value = std::move(value);
  }

  void insert_key(Open& parent, const Node& key) {
    parent.awaits_key = false;
    parent.skip_value = true;
    if (!key.is_scalar()) {
      const bool null = key.kind == Node::Kind::null;
      mistakes_.add(
          key.place,
          fmt::format(
              "a key must be a word, got {}",
              null ? "nothing, which null and ~ mean as well; quote them: \"null\"" : shown(key)));
      return;
    }
    const auto [first, is_new] = parent.lines.emplace(key.text, key.place.line);
    if (!is_new) {
      const bool in_file = override_number_ == 0;
      mistakes_.add(key.place,
                    fmt::format("key \"{}\" given twice{}", key.text,
                                in_file ? fmt::format(", first on line {}", first->second) : ""));
      return;
    }
    if (parent.lines.size() > most_keys) {
      mistakes_.refuse(key.place, fmt::format("a block of more than {} keys", most_keys));
    }
    parent.skip_value = false;
    parent.node.entries.push_back({key.text, key.place, Node{}});
  }

  std::size_t override_number_;
  Mistakes& mistakes_;
  Node root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchored_;
  std::size_t weight_ = 0;
};

/// yaml-cpp does not say that a tab is the trouble when one is.
bool indented_with_tab(const std::string& text, std::size_t line) {
  std::istringstream lines(text);
  std::string current;
  for (std::size_t i = 0; i < line && std::getline(lines, current); ++i) {
  }
  return current.substr(0, current.find_first_not_of(" \t")).find('\t') != std::string::npos;
}

}  // namespace

Node parse_yaml(const std::string& text, std::size_t override_number, Mistakes& mistakes) {
  const auto refuse = [&](std::size_t line, const std::string& message) {
    mistakes.refuse({override_number == 0 ? line : 0, override_number}, message);
  };
  if (text.size() > largest_text) {
    refuse(1, fmt::format("{} bytes; at most {} are read", text.size(), largest_text));
  }
  if (text.find('\0') != std::string::npos) refuse(1, "not a text file: it holds zero bytes");
  Builder builder(override_number, mistakes);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    Node root = builder.take();
    Builder rest(override_number, mistakes);
    if (parser.HandleNextDocument(rest)) refuse(1, "several YAML documents; give one");
    return root;
  } catch (const YAML::Exception& e) {
    const std::size_t line = static_cast<std::size_t>(std::max(e.mark.line, 0)) + 1;
    refuse(line, "not valid YAML: " + e.msg +
                     (indented_with_tab(text, line) ? "; indent with spaces, not with tabs" : ""));
  }
  return {};
}

}  // namespace gapbench::suite
