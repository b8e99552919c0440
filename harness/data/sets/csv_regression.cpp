// Regression sets from text files, one folder a set: <root>/csv/NAME, or <root>/uci/NAME. The
// layout is that of the UCI sets of Hernandez-Lobato and Adams 2015 and Gal and Ghahramani 2016:
//
//   data.txt              one row an example (or data.csv; no header)
//   index_features.txt    columns of data.txt that are inputs, from 0
//   index_target.txt      columns that are targets
//   index_train_K.txt     rows of the training part of split K
//   index_test_K.txt      rows of its test part
//
// Where the parts are drawn anew the last two are not read and need not be there.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "data/sets/contents.h"
#include "data/sets/number_table.h"
#include "data/sets/set.h"
#include "data/sets/uci.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "csv:";

constexpr OptionSpec options[] = {
    option::integer(
        "split", "which index_train_K.txt and index_test_K.txt; or seed: each seed draws its own")
        .at_least(0)
        .by_default(0.0),
};

fs::path folder_of(const fs::path& root, const std::string& name) {
  const std::string folder = name_after(prefix, name);
  const fs::path own = root / "csv" / folder;
  std::error_code ignored;
  return fs::exists(own, ignored) || !fs::exists(root / "uci" / folder, ignored)
             ? own
             : root / "uci" / folder;
}

/// The files of one split, or of no one where all rows are put together.
struct Files {
  fs::path data, features, targets, train, test;
  bool pooled = false;
  std::vector<const fs::path*> all() const {
    if (pooled) return {&data, &features, &targets};
    return {&data, &features, &targets, &train, &test};
  }
  bool has_split() const {
    std::error_code ignored;
    return fs::exists(train, ignored) || fs::exists(test, ignored);
  }
};

Files files_of(const fs::path& folder, std::int64_t split) {
  const fs::path csv = folder / "data.csv";
  std::error_code ignored;
  return {fs::exists(csv, ignored) ? csv : folder / "data.txt", folder / "index_features.txt",
          folder / "index_target.txt", folder / fmt::format("index_train_{}.txt", split),
          folder / fmt::format("index_test_{}.txt", split)};
}

void require_all(const Files& files) {
  for (const fs::path* path : files.all()) {
    if (fs::is_regular_file(*path)) continue;
    throw Error(path->string(),
                "is missing; a csv set is data.txt, index_features.txt, index_target.txt, "
                "index_train_K.txt and index_test_K.txt (with split: seed without these two)");
  }
}

struct Columns {
  std::vector<Index> features;
  std::vector<Index> targets;
};

Columns read_columns(const Files& files, std::size_t count) {
  Columns columns{read_indices(files.features, count, "column"),
                  read_indices(files.targets, count, "column")};
  for (const Index& target : columns.targets) {
    const bool both = std::any_of(columns.features.begin(), columns.features.end(),
                                  [&](const Index& f) { return f.value == target.value; });
    if (!both) continue;
    throw Error(fmt::format("{}:{}", files.targets.string(), target.line),
                fmt::format("column {} is a feature as well", target.value));
  }
  return columns;
}

TablePart part_of(const NumberTable& table, const Columns& columns,
                  const std::vector<Index>& rows) {
  TablePart part;
  part.rows = rows.size();
  for (const Index& row : rows) {
    const double* values = table.values.data() + row.value * table.columns;
    for (const Index& c : columns.features) part.features.push_back(values[c.value]);
    for (const Index& c : columns.targets) part.targets.push_back(values[c.value]);
  }
  return part;
}

std::vector<Index> all_rows(const NumberTable& table) {
  std::vector<Index> rows;
  for (std::size_t r = 0; r < table.rows; ++r) rows.push_back({r, 0});
  return rows;
}

/// The training and test rows of one split. Throws Error when they overlap.
std::pair<std::vector<Index>, std::vector<Index>> read_split(const Files& files, std::size_t rows) {
  auto train = read_indices(files.train, rows, "row");
  auto test = read_indices(files.test, rows, "row");
  std::vector<bool> in_train(rows);
  for (const Index& i : train) in_train[i.value] = true;
  for (const Index& i : test) {
    if (!in_train[i.value]) continue;
    throw Error(fmt::format("{}:{}", files.test.string(), i.line),
                fmt::format("row {} is a training row as well", i.value));
  }
  return {std::move(train), std::move(test)};
}

/// One report a file, for every split from 0 on that has files, or of a published set should have.
/// Where `contents` is set, reads them all; what is wrong is booked on the first file that cannot be used.
class Inspection {
 public:
  /// published: empty for a set of the user's own.
  Inspection(const fs::path& folder, std::optional<Remote> published)
      : published_(std::move(published)) {
    Files first = files_of(folder, 0);
    first.pooled = !first.has_split() && !published_;
    for (const fs::path* path : first.all()) reports_.push_back(look_at(*path));
    for (std::int64_t k = 1; true; ++k) {
      const Files files = files_of(folder, k);
      if (!fs::exists(files.train) && expected(files.train) == nullptr) break;
      reports_.push_back(look_at(files.train));
      reports_.push_back(look_at(files.test));
    }
  }

  void read(const fs::path& folder) {
    for (FileReport& report : reports_) {
      const RemoteFile* file = expected(report.path);
      if (file == nullptr || report.presence == Presence::missing) continue;
      report.checksum = hash_file(file->digest, report.path) == file->expected ? Checksum::published
                                                                               : Checksum::other;
    }
    const Files first = files_of(folder, 0);
    NumberTable table;
    if (!attempt(0, [&] { table = read_numbers(first.data); })) return;
    reports_[0].records = table.rows;
    attempt(1, [&] { read_columns(first, table.columns); });
    for (std::size_t at = 3; at < reports_.size(); at += 2) {
      const auto split = static_cast<std::int64_t>((at - 3) / 2);
      const bool half = reports_[at + 1].presence == Presence::missing;
      if (published_ && half) continue;  // still to be fetched
      attempt(at, [&] { read_split(files_of(folder, split), table.rows); });
    }
  }

  /// As published; null where it is not.
  const RemoteFile* expected(const fs::path& path) const {
    if (!published_) return nullptr;
    for (const RemoteFile& file : published_->files) {
      if (file.name == path.filename().string()) return &file;
    }
    return nullptr;
  }

  std::vector<FileReport> reports() && { return std::move(reports_); }

 private:
  template <class F>
  bool attempt(std::size_t at, const F& f) {
    try {
      f();
      return true;
    } catch (const Error& e) {
      if (reports_[at].presence != Presence::missing) mark_broken(reports_[at], e);
      return false;
    }
  }

  std::optional<Remote> published_;
  std::vector<FileReport> reports_;
};

class CsvRegression final : public Set {
 public:
  CsvRegression()
      : Set({.name = "csv:NAME",
             .summary =
                 "regression from <data>/csv/NAME or <data>/uci/NAME (data fetch uci gets nine)",
             .options = options,
             .regression = true,
             .redrawable = true}) {}

  bool answers_to(std::string_view name) const override { return name.starts_with(prefix); }

  Source read(const Place& place) const override {
    const Files files = files_at(place);
    require_all(files);
    const NumberTable table = read_numbers(files.data);
    const Columns columns = read_columns(files, table.columns);
    const auto [train, test] = files.pooled ? std::pair(all_rows(table), std::vector<Index>{})
                                            : read_split(files, table.rows);
    Source source;
    source.shape = {1, 1, columns.features.size()};
    source.target_width = columns.targets.size();
    source.checksum = checksum(place);
    source.records = TableRecords{part_of(table, columns, train), part_of(table, columns, test)};
    return source;
  }

  std::string checksum(const Place& place) const override {
    const Files files = files_at(place);
    require_all(files);
    std::vector<Content> contents;
    for (const fs::path* path : files.all()) {
      contents.push_back({path->filename().string(), hash_file(Digest::sha256, *path)});
    }
    return checksum_of(contents);
  }

  fs::path folder(const fs::path& root, const std::string& name) const override {
    return name == kind().name ? root / "csv" : folder_of(root, name);
  }

  bool has_split(const Place& place) const override { return files_at(place).has_split(); }
  std::vector<std::string> names(const fs::path& root) const override {
    return names_in_folders(prefix, {root / "csv", root / "uci"});
  }

  std::vector<FileReport> inspect(const Place& place, Depth depth) const override {
    const fs::path folder = folder_of(place.root, place.name);
    const bool is_own = folder.parent_path() != place.root / "uci";
    Inspection inspection(folder, is_own ? std::nullopt : uci_remote(folder.filename().string()));
    if (depth == Depth::contents) inspection.read(folder);
    return std::move(inspection).reports();
  }

  std::optional<Remote> remote(const std::string& name) const override {
    return uci_remote(name.substr(prefix.size()));
  }

 private:
  static Files files_at(const Place& place) {
    Files files = files_of(folder_of(place.root, place.name), place.options.integer("split"));
    files.pooled = place.pooled;
    return files;
  }
};

}  // namespace

std::unique_ptr<const Set> make_csv_regression() { return std::make_unique<CsvRegression>(); }

}  // namespace gapbench::data
