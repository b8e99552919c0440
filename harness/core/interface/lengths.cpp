#include "core/lengths.h"

#include <fmt/format.h>

#include "gapbench/error.h"

namespace gapbench {

void refuse_length(std::string_view question, std::string_view span, std::size_t given,
                   std::size_t right) {
  throw Error(std::string(question),
              fmt::format("{} has {} numbers, must have {}", span, given, right));
}

}  // namespace gapbench
