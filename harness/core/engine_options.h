// What every network has besides its own options.
#pragma once

#include "gapbench/options.h"

namespace gapbench {

/// How its products are computed, see nn/engine.h, and whether it is linearized, see
/// train/linearized_problem.h. A network plugin declares no options of these names.
inline constexpr OptionSpec engine_options[] = {
    option::choice("precision", "f32|bf16|auto",
                   "of products; auto: bf16 where the CPU has it, else f32")
        .by_default("f32"),
    option::choice(
        "convolution", "auto|direct|winograd",
        "of 3x3 kernels; auto: winograd's algorithm, but direct in bf16 on CPUs with AMX")
        .by_default("auto"),
    option::flag("linearize", "its first-order Taylor expansion at the start in its place")
        .by_default(0.0),
};

}  // namespace gapbench
