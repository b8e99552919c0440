// Threads that a component starts beside the one it is called on.
#pragma once

#include <string>

namespace gapbench::plugin::conformance {

/// In a process that had one thread and starts none itself: what is known of others, in words. Those
/// that have ended are known by the time they took. Empty when there were none.
std::string other_threads();

}  // namespace gapbench::plugin::conformance
