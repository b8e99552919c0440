// Damage to inputs, by keyed draws.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gapbench/random.h"

namespace gapbench::fuzz {

/// What inputs are made of besides bytes: the words and numbers of the corpus, and what breaks
/// parsers anywhere.
std::vector<std::string> words_of(std::span<const std::string> corpus);

/// One to eight changes, mostly one or two, of an input of the corpus: bits, bytes, words and numbers replaced, pieces
/// cut, doubled, moved, or taken over from another input.
std::string mutated(std::span<const std::string> corpus, std::span<const std::string> words,
                    Random& random);

}  // namespace gapbench::fuzz
