#include "gapbench/error.h"

#include <utility>

namespace gapbench {

Error::Error(std::string where, const std::string& message)
    : std::runtime_error(where + ": " + message), where_(std::move(where)) {}

Error::~Error() = default;

}  // namespace gapbench
