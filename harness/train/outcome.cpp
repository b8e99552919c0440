#include "train/outcome.h"

namespace gapbench::train {
namespace {

constexpr std::array status_names = {"ok",      "diverged", "timeout", "out_of_memory",
                                     "crashed", "error",    "skipped", "interrupted"};

PassCounts combine(const PassCounts& a, const PassCounts& b, double sign) {
  PassCounts sum;
  for (const auto& [name, count] : pass_counts) sum.*count = a.*count + sign * b.*count;
  return sum;
}

}  // namespace

PassCounts operator+(const PassCounts& a, const PassCounts& b) { return combine(a, b, 1); }
PassCounts operator-(const PassCounts& a, const PassCounts& b) { return combine(a, b, -1); }

const char* to_text(Status status) { return status_names[static_cast<std::size_t>(status)]; }

std::optional<Status> status_from_text(const std::string& text) {
  for (std::size_t i = 0; i < status_names.size(); ++i) {
    if (text == status_names[i]) return static_cast<Status>(i);
  }
  return std::nullopt;
}

}  // namespace gapbench::train
