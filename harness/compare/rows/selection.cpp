#include "compare/rows/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/nearest.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::ranges::find(list, name) != list.end();
}

}  // namespace

records::Records selected(records::Records records, const Selection& selection) {
  if (selection.all()) return records;
  std::set<std::string> methods;
  for (const records::Record& record : records.good) methods.insert(record.method);
  const std::vector<std::string> known(methods.begin(), methods.end());
  for (const std::string& name : selection.only) require_method("only", name, known);
  for (const std::string& name : selection.without) require_method("without", name, known);
  std::erase_if(records.good, [&](const records::Record& record) {
    const bool wanted = selection.only.empty() || contains(selection.only, record.method);
    return !wanted || contains(selection.without, record.method);
  });
  if (records.good.empty()) throw Error("without", "no method is left");
  return records;
}

std::string describe(const Selection& selection) {
  std::string text;
  if (!selection.only.empty()) {
    text += fmt::format("Only these methods, as asked: {}.", fmt::join(selection.only, ", "));
  }
  if (!selection.without.empty()) {
    text += fmt::format("{}Left out, as asked: {}.", text.empty() ? "" : " ",
                        fmt::join(selection.without, ", "));
  }
  return text;
}

void require_method(const std::string& where, const std::string& method,
                    const std::vector<std::string>& known) {
  if (contains(known, method)) return;
  throw Error(where, fmt::format("no method \"{}\" in these records{}", method,
                                 did_you_mean(method, known)));
}

}  // namespace gapbench::compare
