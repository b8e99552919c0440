#include "run/pool.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "gapbench/error.h"

namespace gapbench::run {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// Turns the signals that concern the pool into something poll() can wait for.
class Signals {
 public:
  Signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
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
  std::string line;  ///< what has been read of an unfinished progress line
  bool timed_out = false;
  bool stopped = false;
  std::optional<Clock::time_point> terminated;  ///< when SIGTERM was sent
};

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Takes "<step> <steps> [<first step>]" lines; anything else is left alone.
void take_progress(Worker& worker) {
  char buffer[4096];
  ssize_t got = 0;
  while ((got = read(worker.child.progress.get(), buffer, sizeof buffer)) > 0) {
    worker.line.append(buffer, static_cast<std::size_t>(got));
  }
  if (got == 0) worker.child.progress = Descriptor();  // closed: poll() would spin on it
  const std::size_t end = worker.line.rfind('\n');
  if (end == std::string::npos) {
    if (worker.line.size() > sizeof buffer) worker.line.clear();  // not our protocol
    return;
  }
  const std::size_t before = end == 0 ? std::string::npos : worker.line.rfind('\n', end - 1);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  const std::string last = worker.line.substr(begin, end - begin);
  worker.line.erase(0, end + 1);
  const std::size_t gap = last.find(' ');
  if (gap == std::string::npos) return;
  worker.state.step = number(std::string_view(last).substr(0, gap));
  worker.state.steps = number(std::string_view(last).substr(gap + 1));
  const std::size_t second = last.find(' ', gap + 1);
  if (second != std::string::npos) {
    worker.state.first = number(std::string_view(last).substr(second + 1));
  }
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
      if (workers_.empty()) return stopped_by_;
      wait_for_news();
      hear_signals();
      for (Worker& worker : workers_) take_progress(worker);
      enforce_deadlines();
      reap();
      tick();
    }
  }

 private:
  void fill();
  void wait_for_news();
  void hear_signals();
  void enforce_deadlines();
  void reap();
  void tick();

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
  Clock::time_point last_tick_ = Clock::now();
};

void Pool::fill() {
  const auto ready = [this](std::size_t task) { return !events_.ready || events_.ready(task); };
  while (stopped_by_ == 0 && !free_.empty()) {
    const auto next = std::find_if(waiting_.begin(), waiting_.end(), ready);
    if (next == waiting_.end()) return;
    const std::size_t task = *next;
    waiting_.erase(next);
    const std::size_t slot = free_.back();
    auto child = events_.start(task, options_.slots[slot]);
    if (!child) continue;
    Worker worker;
    worker.child = std::move(*child);
    worker.slot = slot;
    worker.state.task = task;
    workers_.push_back(std::move(worker));
    free_.pop_back();
  }
}

void Pool::wait_for_news() {
  std::vector<pollfd> watched{{signals_.fd(), POLLIN, 0}};
  for (const Worker& worker : workers_) {
    if (worker.child.progress.get() >= 0) {
      watched.push_back({worker.child.progress.get(), POLLIN, 0});
    }
  }
  double wait = 1;
  for (const Worker& worker : workers_) {
    if (worker.terminated) {
      wait = std::min(wait, options_.grace_seconds - seconds_since(*worker.terminated));
    } else if (options_.timeout_seconds) {
      wait = std::min(wait, *options_.timeout_seconds - seconds_since(worker.start));
    }
  }
  const int milliseconds = static_cast<int>(std::clamp(wait, 0.0, 1.0) * 1000) + 1;
  poll(watched.data(), watched.size(), milliseconds);
}

void Pool::hear_signals() {
  while (const int signal = signals_.next()) {
    const bool again = stopped_by_ != 0;
    stopped_by_ = signal;
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
    events_.ended({worker.state.task, status, worker.timed_out, worker.stopped,
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
