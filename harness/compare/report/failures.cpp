#include "compare/report/failures.h"

#include <fmt/format.h>

#include <utility>

#include "compare/sections/cells.h"
#include "records/repeat.h"
#include "records/text.h"

namespace gapbench::compare {
namespace {

struct Line {
  std::string method;
  std::string on;
  std::string what;
  std::string reason;
  std::string folder;
  Cell seed{"–"};
  Cell step{"–"};
  std::string repeat = "–";
};

Line failed(const Section& section, const Row& row, const records::Record& record) {
  const train::Outcome& o = record.outcome;
  return {row.label,
          section.title,
          train::to_text(o.status),
          o.reason.empty() ? "–" : records::plain(o.reason),
          record.folder.generic_string(),
          ordered(std::to_string(record.seed), static_cast<double>(record.seed)),
          ordered(fmt::format("{} of {}", o.step, o.steps), static_cast<double>(o.step)),
          records::repeat_command(record)};
}

/// From <dataset>/<network>/<method>/seed-<k>-<hash8>, as far as it is one.
Line unread(const std::filesystem::path& folder, std::string what, std::string reason) {
  const auto method = folder.parent_path();
  const auto network = method.parent_path();
  const std::string name = folder.filename().string();
  Line line{
      method.filename().string(),
      fmt::format("{}, {}", network.parent_path().filename().string(), network.filename().string()),
      std::move(what), records::plain(std::move(reason)), folder.generic_string()};
  if (name.starts_with("seed-")) line.seed = Cell(name.substr(5, name.find('-', 5) - 5));
  return line;
}

std::vector<Line> lines(const records::Records& records, const Aggregate& all,
                        const std::vector<Presence>& presence) {
  std::vector<Line> list;
  for (const Section& section : all.sections) {
    for (const Row& row : section.rows) {
      for (const records::Record* r : row.failed) list.push_back(failed(section, row, *r));
    }
  }
  for (const Presence& p : presence) {
    for (const std::string& trial : p.missing) {
      list.push_back(unread(trial, "missing", fmt::format("{} lists it, no record here", p.suite)));
    }
  }
  for (const auto& folder : records.unfinished) {
    list.push_back(unread(folder, "not finished", "begun, and no summary yet"));
  }
  for (const auto& broken : records.broken) {
    list.push_back(unread(broken.folder, "left out", broken.reason));
  }
  return list;
}

template <class Of>
void add(Table& table, const std::string& heading, const std::vector<Line>& list, Of of) {
  Cells cells;
  for (const Line& line : list) cells.emplace_back(of(line));
  table.add(heading, std::move(cells));
}

}  // namespace

Page failures_and_missing(const records::Records& records, const Aggregate& all,
                          const std::vector<Presence>& presence) {
  const std::vector<Line> list = lines(records, all, presence);
  if (list.empty()) return {};
  Table table("Trials that are in no mean");
  add(table, "Method", list, [](const Line& l) { return l.method; });
  add(table, "On", list, [](const Line& l) { return l.on; });
  add(table, "Seed", list, [](const Line& l) { return l.seed; });
  add(table, "What", list, [](const Line& l) { return l.what; });
  add(table, "At step", list, [](const Line& l) { return l.step; });
  add(table, "Reason", list, [](const Line& l) { return l.reason; });
  add(table, "Folder", list, [](const Line& l) { return l.folder; });
  add(table, "Repeat", list, [](const Line& l) { return l.repeat; });
  Page page;
  page.emplace_back(Heading{2, "Failed and missing"});
  page.emplace_back(std::move(table));
  return page;
}

}  // namespace gapbench::compare
