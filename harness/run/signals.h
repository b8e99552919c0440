// Signals that ask a run, or one of its workers, to stop.
#pragma once

#include <signal.h>

#include <array>

namespace gapbench::run {

/// What people, shells, schedulers and limits send to say that it is time: all are requests, none
/// kills a training. (SIGXCPU: the limit of processor time; SIGUSR1, SIGUSR2: what schedulers send
/// before a time limit or a preemption; SIGALRM: timers.)
inline constexpr std::array stop_signals{SIGINT,  SIGTERM, SIGHUP, SIGUSR1,
                                         SIGUSR2, SIGXCPU, SIGALRM};

/// Whether whoever started this process wants the signal not to be heard, as nohup does.
bool is_ignored(int signal);

/// Ignores SIGPIPE as long as it lives: who reads our output may go, and training goes on.
class WithoutPipeSignal {
 public:
  WithoutPipeSignal();
  WithoutPipeSignal(const WithoutPipeSignal&) = delete;
  WithoutPipeSignal& operator=(const WithoutPipeSignal&) = delete;
  ~WithoutPipeSignal();

 private:
  struct sigaction before_ {};
};

}  // namespace gapbench::run
