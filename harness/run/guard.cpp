#include "run/guard.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <exception>
#include <new>
#include <string>
#include <utility>

#include "core/file.h"
#include "records/text.h"

namespace gapbench::run {
namespace {

train::Outcome failed(const Heard& heard, train::Status status, std::string reason) {
  train::Outcome outcome;
  outcome.status = status;
  outcome.reason = records::shortened(std::move(reason));
  outcome.step = heard.step;
  outcome.steps = heard.steps;
  return outcome;
}

/// The limit was set by whoever started this process.
std::string refused_memory() {
  rlimit limit{};
  if (getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return "the system refused memory";
  }
  return fmt::format("over its limit of {:.0f} MB of memory",
                     static_cast<double>(limit.rlim_cur) / 1e6);
}

}  // namespace

train::Outcome guarded(const Heard& heard, const std::function<train::Outcome()>& trial) {
  try {
    return trial();
  } catch (const std::bad_alloc&) {
    return failed(heard, train::Status::out_of_memory, refused_memory());
  } catch (const SystemError& e) {  // says nothing of the trial
    return failed(heard, train::Status::interrupted, e.what());
  } catch (const std::exception& e) {
    return failed(heard, train::Status::error, e.what());
  }
}

}  // namespace gapbench::run
