#include "run/slurm/wait.h"

#include <signal.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/isolated.h"
#include "gapbench/error.h"
#include "run/say.h"
#include "run/signals.h"
#include "run/slurm/queue.h"
#include "run/slurm/submission.h"

namespace gapbench::run::slurm {
namespace {

/// The stop signals held back as long as it lives, and heard between two questions only.
class Pause {
 public:
  Pause() {
    sigemptyset(&stop_);
    for (const int signal : stop_signals) {
      if (!is_ignored(signal)) sigaddset(&stop_, signal);
    }
    pthread_sigmask(SIG_BLOCK, &stop_, &before_);
  }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
  ~Pause() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  /// The signal that came, or 0.
  int wait(double seconds) const {
    const double whole = std::floor(seconds);
    const timespec time{static_cast<time_t>(whole), static_cast<long>((seconds - whole) * 1e9)};
    return std::max(0, sigtimedwait(&stop_, nullptr, &time));
  }

 private:
  sigset_t stop_{};
  sigset_t before_{};
};

}  // namespace

bool wait_for_end(const std::filesystem::path& suite_folder) {
  constexpr double first = 0.5;
  constexpr double longest = 30;
  constexpr double growth = 1.2;
  const Pause pause;
  const auto all = submissions(suite_folder);
  std::string said;
  for (double seconds = first;; seconds = std::min(longest, seconds * growth)) {
    try {
      if (queue(all).empty()) return true;
      said.clear();
    } catch (const Error& e) {
      if (said != e.what()) say("Slurm does not answer ({}); asking again\n", said = e.what());
    }
    if (const int signal = pause.wait(seconds); signal != 0) {
      say("{}: the jobs go on; the same command waits for them again\n", signal_name(signal));
      return false;
    }
  }
}

}  // namespace gapbench::run::slurm
