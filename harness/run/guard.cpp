#include "run/guard.h"

#include <exception>
#include <new>
#include <string>
#include <utility>

namespace gapbench::run {
namespace {

train::Outcome failed(const Heard& heard, train::Status status, std::string reason) {
  train::Outcome outcome;
  outcome.status = status;
  outcome.reason = std::move(reason);
  outcome.step = heard.step;
  outcome.steps = heard.steps;
  return outcome;
}

}  // namespace

train::Outcome guarded(const Heard& heard, const std::function<train::Outcome()>& trial) {
  try {
    return trial();
  } catch (const std::bad_alloc&) {
    return failed(heard, train::Status::out_of_memory, "the system refused memory");
  } catch (const std::exception& e) {
    return failed(heard, train::Status::error, e.what());
  }
}

}  // namespace gapbench::run
