// What a build with a sanitizer does beside the program.
#pragma once

namespace gapbench {

/// The thread sanitizer runs a thread of its own: threads beside the program's cannot be told then.
#ifdef __SANITIZE_THREAD__
inline constexpr bool sanitizer_has_thread = true;
#else
inline constexpr bool sanitizer_has_thread = false;
#endif

}  // namespace gapbench
