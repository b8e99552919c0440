// A YAML tree that remembers where everything was written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gapbench/options.h"
#include "suite/yaml/mistakes.h"

namespace gapbench::suite {

struct Entry;

/// A value: copies are whole.
struct Node {
  /// alternatives: what `grid` puts at a path; never made by the parser.
  enum class Kind { null, scalar, list, block, alternatives };

  Kind kind = Kind::null;
  std::string text;     ///< of a scalar
  bool quoted = false;  ///< a quoted scalar is always text
  Place place;
  std::vector<Node> items;     ///< of a list
  std::vector<Entry> entries;  ///< of a block, in file order, keys unique

  bool is_scalar() const noexcept { return kind == Kind::scalar; }
  bool is_list() const noexcept { return kind == Kind::list; }
  bool is_block() const noexcept { return kind == Kind::block; }

  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  /// The entry's value, made (null) at `place` when it is not there.
  Node& at(std::string_view key, Place place);
  void remove(std::string_view key);
};

struct Entry {
  std::string key;
  Place place;
  Node value;
};

Node scalar_node(std::string text, bool quoted, Place place = {});
Node value_node(const OptionValue& value);
Node text_node(const std::string& text);
Node block_node(Place place = {});
Node list_node(Place place = {});

/// What a scalar says. YAML 1.2 core: unquoted true/false are flags, whatever reads wholly as a
/// decimal number ("5e-4", ".5") is one, everything else is text: yes, no, on, off too.
OptionValue value_of(const Node& scalar);

/// For seeds, which may be larger than an OptionValue's whole numbers.
std::optional<std::uint64_t> unsigned_of(const Node& scalar);

/// For messages: `"text"`, `3`, "a list", "a block", "nothing".
std::string shown(const Node& node);

/// A lone name stands for a block of that name: `sgd` for `{name: sgd}`.
Node as_named_block(const Node& node);

}  // namespace gapbench::suite
