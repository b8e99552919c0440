// gapbench data duplicates
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "core/file.h"
#include "data/data.h"
#include "data/duplicates/list.h"
#include "plugin/example.h"
#include "records/text.h"
#include "run/process.h"

namespace gapbench::cli {
namespace {

struct Asked {
  std::string set;
  std::vector<std::string> options;
  std::string output;
  data::duplicates::Search search;
  std::size_t threads = 0;
  Places places;
};

/// How far the search is and how long it may still take: one line that rewrites itself on a
/// terminal, else one line every 10 %.
class SearchProgress {
 public:
  void operator()(std::size_t done, std::size_t all) {
    const std::size_t percent = 100 * done / all;
    if (percent / step_ == shown_) return;
    shown_ = percent / step_;
    const std::chrono::duration<double> spent = Clock::now() - begin_;
    const double left = spent.count() / static_cast<double>(done) * static_cast<double>(all - done);
    constexpr std::size_t width = 30;
    const std::size_t full = width * done / all;
    fmt::print(stderr, "{}[{}{}] {} of {} test images, {} left{}", terminal_ ? "\r" : "",
               std::string(full, '#'), std::string(width - full, '.'), done, all,
               records::duration_text(left), terminal_ ? "  " : "\n");
  }
  void finish() const {
    if (terminal_) fmt::print(stderr, "\n");
  }

 private:
  using Clock = std::chrono::steady_clock;

  bool terminal_ = isatty(STDERR_FILENO) == 1;
  std::size_t step_ = terminal_ ? 1 : 10;
  std::size_t shown_ = 0;
  Clock::time_point begin_ = Clock::now();
};

data::Request request(const Asked& asked) {
  data::Request request;
  request.name = asked.set;
  request.root = asked.places.data_folder();
  const auto specs = data::find_kind(asked.set).options;
  std::string words;
  for (const std::string& word : asked.options) words += word + " ";
  request.options =
      Options::resolve(asked.set, specs, plugin::parse_example(asked.set, specs, words));
  return request;
}

int duplicates(Asked asked) {
  if (!asked.output.empty()) data::duplicates::require_place(asked.output);
  asked.search.threads =
      asked.threads > 0 ? asked.threads : std::max<std::size_t>(1, run::allowed_cores().size());
  SearchProgress progress;
  asked.search.progress = [&](std::size_t done, std::size_t all) { progress(done, all); };
  const data::duplicates::List list = data::duplicates::make_list(request(asked), asked.search);
  progress.finish();
  const std::string text = data::duplicates::to_text(list);
  if (asked.output.empty()) {
    fmt::print("{}", text);
  } else {
    write_file_atomically(asked.output, text);
  }
  fmt::print(stderr, "{}: {} of {} test images have a near duplicate among {} training images{}\n",
             asked.set, list.duplicates.size(), list.subject.test, list.subject.train,
             asked.output.empty() ? "" : ": " + asked.output);
  return all_ok;
}

}  // namespace

void add_duplicates(CLI::App& data_command, Action& action) {
  auto* command = data_command.add_subcommand(
      "duplicates", "Test images that stand in the training set, too, or nearly so");
  command->footer(
      "Examples:\n"
      "  gapbench data duplicates cifar10 -o cifar10-duplicates.csv\n"
      "  gapbench data duplicates synthetic10 --set test_examples=100 --threshold 0.3\n"
      "Found are images that were mirrored, shifted up to 5 pixels, scaled up to 1.45 times along\n"
      "either axis, made brighter, darker, flatter or crisper. What the distance is, and what a\n"
      "threshold finds and misses: docs/data.md. Minutes on two cores for 50,000 images.");
  auto asked = std::make_shared<Asked>();
  command->add_option("set", asked->set, "Image set, see gapbench data list")->required();
  command
      ->add_option("-o,--output", asked->output,
                   "The list; an earlier one is replaced (default: standard output)")
      ->type_name("FILE");
  command
      ->add_option("--threshold", asked->search.threshold,
                   fmt::format("Largest distance, 0 to 1 (default: {})",
                               data::duplicates::default_threshold))
      ->check(CLI::Range(0.0, 1.0))
      ->option_text("DISTANCE");
  command->add_option("--threads", asked->threads, "Threads; else all cores")
      ->check(CLI::PositiveNumber);
  command->add_option("--set", asked->options, "Option of the set; may be given again")
      ->allow_extra_args(false)
      ->option_text("KEY=VALUE");
  asked->places.add_data(*command);
  command->callback([=, &action] { action = [=] { return duplicates(*asked); }; });
}

}  // namespace gapbench::cli
