#include "run/pool.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "gapbench/error.h"
#include "run/signals.h"

namespace gapbench::run {
namespace {

using Clock = std::chrono::steady_clock;

/// Schedulers, `timeout` and batch scripts signal whole groups: a run hears one request more than
/// once.
constexpr double same_request_seconds = 1;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Turns the signals that concern the pool into something poll() can wait for.
class Signals {
 public:
  Signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (const int signal : stop_signals) {
      if (!is_ignored(signal)) sigaddset(&set, signal);
    }
    pthread_sigmask(SIG_BLOCK, &set, &before_);
    fd_ = Descriptor(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    if (fd_.get() < 0) throw Error("run", std::string("no signalfd: ") + std::strerror(errno));
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  int fd() const { return fd_.get(); }

  /// The next pending signal but SIGCHLD, or 0.
  int next() {
    signalfd_siginfo info{};
    while (read(fd_.get(), &info, sizeof info) == sizeof info) {
      if (info.ssi_signo != SIGCHLD) return static_cast<int>(info.ssi_signo);
    }
    return 0;
  }

 private:
  sigset_t before_{};
  Descriptor fd_;
};

struct Worker {
  Child child;
  std::size_t slot = 0;
  Clock::time_point start = Clock::now();
  Running state;
  bool timed_out = false;
  bool stopped = false;
  std::uint64_t oom_kills = 0;                  ///< counted before its start
  std::optional<Clock::time_point> terminated;  ///< when SIGTERM was sent
};

/// The last whole line of "<step> <steps> [<first step>]"; anything else is left alone.
void take_progress(Worker& worker) {
  std::array<char, 4096> buffer{};
  const off_t size = lseek(worker.child.progress.get(), 0, SEEK_END);
  const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(buffer.size()));
  const ssize_t got = pread(worker.child.progress.get(), buffer.data(), buffer.size(), begin);
  if (got <= 0) return;
  std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  text = text.substr(0, text.rfind('\n') + 1);
  if (text.empty()) return;
  text.remove_suffix(1);
  std::istringstream line(std::string(text.substr(text.rfind('\n') + 1)));
  Running said;
  if (!(line >> said.step >> said.steps)) return;
  line >> said.first;
  worker.state.step = said.step;
  worker.state.steps = said.steps;
  worker.state.first = line ? said.first : worker.state.first;
}

class Pool {
 public:
  Pool(std::size_t tasks, const PoolOptions& options, const PoolEvents& events)
      : options_(options), events_(events) {
    for (std::size_t i = options.slots.size(); i > 0; --i) free_.push_back(i - 1);
    for (std::size_t task = 0; task < tasks; ++task) waiting_.push_back(task);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    for (const Worker& worker : workers_) {
      kill(-worker.child.pid, SIGKILL);
      waitpid(worker.child.pid, nullptr, 0);
    }
  }

  int run() {
    while (true) {
      fill();
      if (workers_.empty() && (stopped_by_ != 0 || !waits_for_others_)) return stopped_by_;
      wait_for_news();
      hear_signals();
      enforce_deadlines();
      reap();
      tick();
    }
  }

 private:
  std::optional<std::size_t> next();
  void fill();
  void wait_for_news();
  void hear_signals();
  void enforce_deadlines();
  void reap();
  void tick();

  /// By the count of its own control group, else by those kills that came from neither of us.
  bool lacked_memory(const Worker& worker, int status) const {
    if (status != 0 && worker.child.memory && worker.child.memory->had_oom_kill()) return true;
    const bool is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && !worker.terminated;
    return is_killed && options_.oom_kills() > worker.oom_kills;
  }

  static void terminate(Worker& worker) {
    if (worker.terminated) return;
    worker.terminated = Clock::now();
    kill(-worker.child.pid, SIGTERM);
  }

  const PoolOptions& options_;
  const PoolEvents& events_;
  Signals signals_;
  std::vector<std::size_t> waiting_;  ///< tasks not started, in order
  std::vector<std::size_t> free_;     ///< slots
  std::vector<Worker> workers_;
  int stopped_by_ = 0;
  Clock::time_point stopped_at_{};
  bool waits_for_others_ = false;  ///< a task waits for something outside this process
  Clock::time_point last_tick_ = Clock::now();
};

/// The first task whose turn it is, if any.
std::optional<std::size_t> Pool::next() {
  waits_for_others_ = false;
  for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
    const Turn turn = events_.turn ? events_.turn(*at) : Turn::now;
    waits_for_others_ = waits_for_others_ || turn == Turn::later;
    if (turn != Turn::now) continue;
    const std::size_t task = *at;
    waiting_.erase(at);
    return task;
  }
  return std::nullopt;
}

void Pool::fill() {
  while (stopped_by_ == 0 && !free_.empty()) {
    const auto task = next();
    if (!task) return;
    const std::size_t slot = free_.back();
    const std::uint64_t oom_kills = options_.oom_kills();
    Started started = events_.start(*task, options_.slots[slot]);
    if (started.later) {
      waiting_.insert(waiting_.begin(), *task);
      waits_for_others_ = true;
      return;
    }
    if (!started.child) continue;
    Worker worker;
    worker.child = std::move(*started.child);
    worker.slot = slot;
    worker.oom_kills = oom_kills;
    worker.state.task = *task;
    workers_.push_back(std::move(worker));
    free_.pop_back();
  }
}

void Pool::wait_for_news() {
  pollfd watched{signals_.fd(), POLLIN, 0};
  double wait = 1;
  for (const Worker& worker : workers_) {
    if (worker.terminated) {
      wait = std::min(wait, options_.grace_seconds - seconds_since(*worker.terminated));
    } else if (options_.timeout_seconds) {
      wait = std::min(wait, *options_.timeout_seconds - seconds_since(worker.start));
    }
  }
  const int milliseconds = static_cast<int>(std::clamp(wait, 0.0, 1.0) * 1000) + 1;
  poll(&watched, 1, milliseconds);
}

void Pool::hear_signals() {
  while (const int signal = signals_.next()) {
    if (stopped_by_ != 0 && seconds_since(stopped_at_) < same_request_seconds) continue;
    const bool again = stopped_by_ != 0;
    stopped_by_ = signal;
    stopped_at_ = Clock::now();
    for (Worker& worker : workers_) {
      worker.stopped = true;
      if (again) kill(-worker.child.pid, SIGKILL);
      terminate(worker);
    }
  }
}

void Pool::enforce_deadlines() {
  for (Worker& worker : workers_) {
    if (worker.terminated && seconds_since(*worker.terminated) >= options_.grace_seconds) {
      kill(-worker.child.pid, SIGKILL);
    }
    if (worker.terminated || !options_.timeout_seconds) continue;
    if (seconds_since(worker.start) < *options_.timeout_seconds) continue;
    worker.timed_out = true;
    terminate(worker);
  }
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

void Pool::reap() {
  for (std::size_t i = 0; i < workers_.size();) {
    int status = 0;
    rusage usage{};
    if (wait4(workers_[i].child.pid, &status, WNOHANG, &usage) <= 0) {
      ++i;
      continue;
    }
    Worker worker = std::move(workers_[i]);
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
    take_progress(worker);
    kill(-worker.child.pid, SIGKILL);  // whatever it has left behind in its group
    free_.push_back(worker.slot);
    const bool out_of_memory = lacked_memory(worker, status);
    events_.ended({worker.state.task, status, worker.timed_out, worker.stopped, out_of_memory,
                   seconds_since(worker.start), seconds(usage.ru_utime) + seconds(usage.ru_stime),
                   static_cast<std::uint64_t>(usage.ru_maxrss) * 1024, worker.state.step,
                   worker.state.steps});
  }
}

void Pool::tick() {
  if (seconds_since(last_tick_) < 1) return;
  last_tick_ = Clock::now();
  std::vector<Running> running;
  for (Worker& worker : workers_) {
    take_progress(worker);
    worker.state.seconds = seconds_since(worker.start);
    running.push_back(worker.state);
  }
  events_.tick(running);
}

}  // namespace

int run_pool(std::size_t tasks, const PoolOptions& options, const PoolEvents& events) {
  return Pool(tasks, options, events).run();
}

}  // namespace gapbench::run
