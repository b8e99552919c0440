#include "suite/language/posterior.h"

#include <fmt/format.h>

#include "suite/language/grid.h"

namespace gapbench::suite {
namespace {

constexpr double most_draws = 1e6;
constexpr double most_examples = 1e9;

bool is_text(const Node* node, const char* text) {
  return node != nullptr && node->is_scalar() && node->text == text;
}

}  // namespace

void read_draws(Block& block, train::PosteriorSettings& settings) {
  const auto whole = [&](const char* name, double least, double most, std::size_t& value) {
    const auto spec = option::integer(name, "").at_least(least).at_most(most);
    value = block.whole(spec.by_default(static_cast<double>(value))).value_or(value);
  };
  whole("draws", 1, most_draws, settings.draws);
  whole("train_examples", 0, most_examples, settings.train_examples);
  if (const Node* every = block.optional("every")) {
    settings.every = read_length(*every, "posterior.every", false, block.mistakes());
  }
}

std::optional<train::PosteriorSettings> read_posterior(const Node& node,
                                                       const train::Choice& optimizer,
                                                       const Catalog& catalog, Mistakes& mistakes) {
  const Node named = as_named_block(node);
  Block block(named, "posterior", mistakes);
  train::PosteriorSettings settings;
  const bool keeps_one =
      !optimizer.name.empty() && catalog.find(Role::optimizer, optimizer.name).keeps_posterior;
  if (is_text(named.find("name"), "none")) {
    block.optional("name");
    block.done();
    if (!keeps_one) return std::nullopt;
    settings.posterior.name = "none";
    return settings;
  }
  if (is_text(named.find("name"), "own")) {
    block.optional("name");
    if (!optimizer.name.empty() && !keeps_one) {
      mistakes.add(node.place,
                   fmt::format("optimizer \"{}\" keeps no posterior; name one that is fitted after "
                               "training, as in posterior: mc_dropout",
                               optimizer.name));
    }
  } else {
    const auto choice = read_choice(block, Role::posterior, catalog, true);
    if (!choice) return std::nullopt;
    settings.posterior = *choice;
  }
  read_draws(block, settings);
  block.done();
  return settings;
}

}  // namespace gapbench::suite
