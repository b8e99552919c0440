// gapbench data list | fetch | verify; duplicates.cpp has the rest
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "data/fetch.h"
#include "data/verify.h"
#include "gapbench/error.h"

namespace gapbench::cli {
namespace {

double mebibytes(std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

/// Progress of downloads: one line that rewrites itself on a terminal, else one line every 10 %.
class DownloadProgress {
 public:
  void operator()(const std::string& file, std::uint64_t bytes, std::uint64_t total) {
    if (file != file_) {
      finish();
      file_ = file;
      shown_ = -1;
    }
    const int percent = total > 0 ? static_cast<int>(100 * bytes / total) : 0;
    const int step = isatty(STDERR_FILENO) == 1 ? 1 : 10;
    if (percent / step == shown_) return;
    shown_ = percent / step;
    fmt::print(stderr, "{}{}: {:.1f} of {:.1f} MiB ({} %){}", terminal() ? "\r" : "", file,
               mebibytes(bytes), mebibytes(total), percent, terminal() ? "" : "\n");
  }
  void finish() const {
    if (!file_.empty() && terminal()) fmt::print(stderr, "\n");
  }

 private:
  static bool terminal() { return isatty(STDERR_FILENO) == 1; }

  std::string file_;
  int shown_ = -1;
};

int list(const Places& places) {
  const auto root = places.data_folder();
  for (const auto& line : data::list(root)) {
    const char* how = line.presence == data::Presence::missing && line.fetchable
                          ? " (gapbench data fetch gets it)"
                          : "";
    fmt::print("{:<16} {:<9} {}{}\n", line.name, data::to_text(line.presence), line.summary, how);
  }
  fmt::print("data folder: {}\n", root.string());
  return all_ok;
}

void fetch(const std::string& name, const std::string& url, const Places& places) {
  const auto root = places.data_folder();
  DownloadProgress progress;
  const auto fetched = data::fetch(
      name, root, url, [&](const std::string& file, std::uint64_t bytes, std::uint64_t total) {
        progress(file, bytes, total);
      });
  progress.finish();
  fmt::print("{}: {} in {}\n", name,
             fetched == data::Fetched::fetched ? "fetched and checked" : "already there",
             root.string());
}

std::vector<std::string> sets_of(const std::vector<std::string>& asked) {
  std::vector<std::string> names;
  for (const std::string& name : asked) {
    const std::vector<std::string> sets = data::sets_of(name);
    names.insert(names.end(), sets.begin(), sets.end());
  }
  return names;
}

/// One after another, whatever becomes of the one before.
int fetch_all(const std::vector<std::string>& asked, const std::string& url, const Places& places) {
  const std::vector<std::string> names = sets_of(asked);
  std::size_t failed = 0;
  for (const std::string& name : names) {
    try {
      fetch(name, url, places);
    } catch (const Error& e) {
      ++failed;
      fmt::print(stderr, "gapbench: {}: {}\n", name, e.what());
    }
  }
  if (failed == 0) return all_ok;
  fmt::print(stderr,
             "{} of {} not fetched; --url URL names a mirror, --data DIR (or GAPBENCH_DATA) a "
             "folder that holds them already\n",
             failed, names.size());
  return failed == names.size() ? usage_error : some_failed;
}

const char* words(data::Checksum checksum) {
  switch (checksum) {
    case data::Checksum::published:
      return "as published";
    case data::Checksum::other:
      return "NOT as published";
    case data::Checksum::unknown:
      return "no published checksum";
  }
  return "";
}

bool verify(const std::string& name, const Places& places) {
  const auto report = data::verify(name, places.data_folder());
  for (const auto& file : report.files) {
    fmt::print("  {:<24} {:<8} {:>9.1f} MiB  {} records, {}{}{}\n", file.path.filename().string(),
               data::to_text(file.presence), mebibytes(file.bytes), file.records,
               file.presence == data::Presence::missing ? "not here" : words(file.checksum),
               file.problem.empty() ? "" : ": ", file.problem);
  }
  for (const auto& note : report.notes) fmt::print("  note: {}\n", note);
  fmt::print("{}: {}, {}\n", report.name, data::to_text(report.presence),
             report.ok ? "ok" : "NOT ok");
  return report.ok;
}

}  // namespace

void add_data(CLI::App& app, Action& action) {
  auto* data_command =
      app.add_subcommand("data", "List, fetch and verify data sets, find near duplicates");
  data_command->require_subcommand(1);
  data_command->footer("Example: gapbench data fetch cifar10 --data DATA");
  auto places = std::make_shared<Places>();
  auto names = std::make_shared<std::vector<std::string>>();
  auto url = std::make_shared<std::string>();

  auto* list_command = data_command->add_subcommand("list", "Every data set and what is here");
  places->add_data(*list_command);
  list_command->callback([=, &action] { action = [=] { return list(*places); }; });

  auto* fetch_command = data_command->add_subcommand(
      "fetch", "Download published sets: resumable, checked before they are moved into place");
  fetch_command->footer("Example: gapbench data fetch cifar10 cifar100 uci");
  fetch_command->add_option("names", *names, "Data sets")->required();
  fetch_command->add_option("--url", *url, "Mirror: the folder the files lie in, or the archive");
  places->add_data(*fetch_command);
  fetch_command->callback(
      [=, &action] { action = [=] { return fetch_all(*names, *url, *places); }; });

  auto* verify_command = data_command->add_subcommand(
      "verify", "Read every byte of the sets: sizes, checksums, label range");
  verify_command->footer("Example: gapbench data verify cifar10 --data DATA");
  verify_command->add_option("names", *names, "Data sets")->required();
  places->add_data(*verify_command);
  verify_command->callback([=, &action] {
    action = [=] {
      bool ok = true;
      for (const std::string& name : sets_of(*names)) ok = verify(name, *places) && ok;
      return ok ? all_ok : some_failed;
    };
  });
  add_duplicates(*data_command, action);
}

}  // namespace gapbench::cli
