#include "train/normalized_groups.h"

#include <fmt/format.h>

#include <algorithm>

#include "gapbench/error.h"
#include "train/calendar.h"

namespace gapbench::train {
namespace {

/// The smallest piece when `whole` is cut into pieces of `size`.
std::size_t smallest_piece(std::size_t whole, std::size_t size) {
  if (size == 0 || size >= whole) return whole;
  return whole % size == 0 ? size : whole % size;
}

std::size_t ghost_of(const Choice& network) {
  const auto found = network.options.find("ghost");
  const auto* ghost =
      found == network.options.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  return ghost == nullptr ? 0 : static_cast<std::size_t>(*ghost);
}

}  // namespace

std::size_t smallest_group(std::size_t examples, std::size_t batch, std::size_t micro_batch,
                           std::size_t ghost) {
  std::size_t smallest = examples;
  for (const std::size_t mini : {std::min(batch, examples), smallest_piece(examples, batch)}) {
    // Both the full micro-batch and the rest may have a shorter last run of `ghost`.
    for (const std::size_t micro :
         {std::min(micro_batch, mini), smallest_piece(mini, micro_batch)}) {
      smallest = std::min(smallest, smallest_piece(micro, ghost));
    }
  }
  return smallest;
}

std::vector<std::string> require_groups(const TrialSettings& settings, std::size_t examples) {
  constexpr std::size_t few = 8;
  const std::size_t micro_batch =
      settings.micro_batch > 0 ? settings.micro_batch : default_micro_batch;
  std::vector<std::string> notes;
  for (const std::size_t batch : Calendar(settings, examples).batches()) {
    const std::size_t smallest =
        smallest_group(examples, batch, micro_batch, ghost_of(settings.network));
    const std::string where =
        fmt::format("{} training examples in batches of {} and micro-batches of {}", examples,
                    batch, std::min(micro_batch, batch));
    if (smallest == 1) {
      throw Error("batch",
                  where +
                      " leave one example by itself, over which batch normalization cannot "
                      "normalize; choose train, batch, micro_batch or ghost so that at least "
                      "2 are together, or norm: group");
    }
    if (smallest >= few) continue;
    notes.push_back(
        fmt::format("{} leave {} to batch normalization by themselves: statistics of so few are "
                    "rough, in training and in the running averages",
                    where, smallest));
  }
  return notes;
}

}  // namespace gapbench::train
