#include "plugin/opening.h"

#include "core/isolated.h"
#include "gapbench/error.h"
#include "plugin/library.h"

namespace gapbench::plugin {
namespace {

namespace fs = std::filesystem;

std::string try_to_open(const fs::path& path) {
  try {
    Library::load(path);
  } catch (const Error& e) {
    return std::string(e.what()).substr(e.where().size() + 2);
  }
  return "";
}

}  // namespace

// One that does not come back costs a process; the next process goes on behind it.
std::vector<std::string> reasons_against(const std::vector<fs::path>& libraries, double seconds) {
  std::vector<std::string> reasons;
  while (reasons.size() < libraries.size()) {
    const std::size_t first = reasons.size();
    Isolated process([&](const Isolated::Send& send) {
      for (std::size_t i = first; i < libraries.size(); ++i) send(try_to_open(libraries[i]));
    });
    while (auto reason = process.receive(seconds)) reasons.push_back(*std::move(reason));
    if (reasons.size() < libraries.size()) reasons.push_back("cannot be opened: " + process.how());
  }
  return reasons;
}

}  // namespace gapbench::plugin
