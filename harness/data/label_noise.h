// Training labels that are wrong on purpose.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "data/data.h"

namespace gapbench::data {

/// What every set with classes takes beside its own options.
inline constexpr std::array label_options = {
    option::real("label_noise",
                 "share of the training labels drawn at random among all classes; 1: random labels")
        .at_least(0)
        .at_most(1)
        .by_default(0.0),
    option::integer("label_seed", "which labels those are, and what they become")
        .at_least(0)
        .at_most(9007199254740992)  // 2^53
        .by_default(0.0),
};

/// Throws Error where labels are to be drawn and `kind` has none.
void require_labels(const Kind& kind, const Request& request);

/// The share that is drawn: the set's own option where it has one of that name.
double label_noise(const Request& request);

/// With probability label_noise the label of a record becomes a class drawn uniformly from all, the
/// true one included: of p, p (classes - 1) / classes end up wrong. Zhang, Bengio, Hardt, Recht,
/// Vinyals 2017, "Understanding deep learning requires rethinking generalization", section 2.2.
///
/// `records`: official numbers of the training part's records, whose places in `labels` are changed
/// and no others. A record's new label is a pure function of label_seed and its number: the same in
/// every split, and of a larger share the labels of a smaller one are part.
void draw_labels(const Request& request, std::size_t classes,
                 std::span<const std::uint32_t> records, std::span<std::int32_t> labels);

/// "cifar10: 20 % of the training labels drawn at random ..."; empty without noise.
std::string label_note(const Request& request, std::size_t classes);

}  // namespace gapbench::data
