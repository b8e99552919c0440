#include "run/signals.h"

namespace gapbench::run {

bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

WithoutPipeSignal::WithoutPipeSignal() {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &before_);
}

WithoutPipeSignal::~WithoutPipeSignal() { sigaction(SIGPIPE, &before_, nullptr); }

}  // namespace gapbench::run
