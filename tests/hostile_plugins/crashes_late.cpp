// Opens well, and crashes when it is closed.
#include <csignal>

#include "../bad_plugins/dummy.h"

namespace {

struct Ends {
  ~Ends() {
    std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would have words of its own
    std::raise(SIGSEGV);
  }
};

[[maybe_unused]] const Ends ends;

}  // namespace

GAPBENCH_PLUGIN(dummy("crashes_late"));
