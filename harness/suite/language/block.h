// Reading a block key by key: whatever is asked for is a valid key, whatever is left is a mistake.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suite/language/catalog.h"
#include "suite/yaml/node.h"
#include "train/settings.h"

namespace gapbench::suite {

/// Every reading function reports what is wrong and returns nothing; the caller goes on, so that
/// all mistakes of a file are found in one pass. Thread rule: one thread at a time.
class Block {
 public:
  /// `what` names the block in messages ("schedule", "method \"sgd\""); `place` is where a missing
  /// key is reported. A node that is not a block is a mistake and reads as an empty one.
  Block(const Node& node, std::string what, Mistakes& mistakes);

  const std::string& what() const noexcept { return what_; }
  void rename(const std::string& what) { what_ = what; }
  Place place() const noexcept { return place_; }
  Place place_of(std::string_view key) const;  ///< of the key's value, else of the block
  Mistakes& mistakes() const noexcept { return *mistakes_; }
  bool usable() const noexcept { return node_ != nullptr; }
  bool has(std::string_view key) const { return usable() && node_->find(key) != nullptr; }

  /// Declares the key valid and returns its value, or nothing when it is absent or empty.
  const Node* optional(std::string_view key);
  const Node* required(std::string_view key, const std::string& hint = "");

  /// A typed value; a whole number is turned into a real one where a real one is asked for.
  std::optional<OptionValue> value(const OptionSpec& spec);
  std::optional<double> real(const OptionSpec& spec);
  std::optional<std::uint64_t> whole(const OptionSpec& spec);
  std::optional<bool> flag(const char* key);
  std::optional<std::string> text(std::string_view key, bool is_required);

  /// Reports every key that was never asked for, with the nearest valid one.
  void done();

 private:
  const Node* node_ = nullptr;
  std::string what_;
  Place place_;
  Mistakes* mistakes_;
  std::vector<std::string> valid_;
};

/// A scalar checked against a spec, normalized; `what` names it in messages ("sgd.momentum").
std::optional<OptionValue> read_value(const Node& node, const OptionSpec& spec,
                                      const std::string& what, Mistakes& mistakes);

/// Reads `name` and the options it declares, those of inner optimizers flat beside their names
/// ("magnitude", "magnitude.learning_rate", "magnitude.revision"). Calls done() on the block unless
/// `more_keys_follow`. An unknown name is one mistake: its options cannot be judged.
std::optional<train::Choice> read_choice(Block& block, Role role, const Catalog& catalog,
                                         bool more_keys_follow = false);

/// {epochs: 10} or {steps: 2000}.
std::optional<train::Length> read_length(const Node& node, const std::string& what,
                                         bool may_be_zero, Mistakes& mistakes);

}  // namespace gapbench::suite
