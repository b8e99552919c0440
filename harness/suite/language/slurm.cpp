#include "suite/language/slurm.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/quantities.h"
#include "suite/language/block.h"

namespace gapbench::suite {
namespace {

constexpr double most_tasks = 1'000'000;

/// A plain number is one, too.
std::string text_of(const Node& node) { return node.is_scalar() ? node.text : ""; }

void read_time(const Node& node, SlurmSettings& settings, Mistakes& mistakes) {
  settings.seconds = seconds_in(text_of(node));
  if (settings.seconds && *settings.seconds >= shortest_slurm_seconds) return;
  mistakes.add(node.place, fmt::format("slurm.time must be {}, 3m at least, got {}", form_of_time,
                                       shown(node)));
}

void read_memory(const Node& node, SlurmSettings& settings, Mistakes& mistakes) {
  settings.memory_bytes = bytes_in(text_of(node));
  if (settings.memory_bytes) return;
  mistakes.add(node.place,
               fmt::format("slurm.memory must be {}, got {}", form_of_size, shown(node)));
}

void read_sbatch(const Node& list, SlurmSettings& settings, Mistakes& mistakes) {
  if (!list.is_list()) {
    mistakes.add(list.place, fmt::format("slurm.sbatch must be a list of options of sbatch, as in "
                                         "[--account=theory], got {}",
                                         shown(list)));
    return;
  }
  for (const Node& item : list.items) {
    const std::string wrong = item.is_scalar() ? mistake_in_sbatch(item.text) : "must be text";
    if (!wrong.empty()) mistakes.add(item.place, "slurm.sbatch: " + wrong);
    settings.sbatch.push_back(item.text);
  }
}

}  // namespace

std::string mistake_in_partition(const std::string& partition) {
  const bool is_word = !partition.empty() && std::ranges::all_of(partition, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ',';
  });
  if (is_word) return "";
  return fmt::format("must be the name of a partition, or several joined by commas, got \"{}\"",
                     partition);
}

std::string mistake_in_sbatch(const std::string& option) {
  const bool is_line = option.find_first_of("\n\r") == std::string::npos;
  if (!is_line || !option.starts_with('-')) {
    return fmt::format("must be an option of sbatch, as in --account=theory, got \"{}\"",
                       option.substr(0, option.find_first_of("\n\r")));
  }
  for (const std::string_view ours :
       {"--array", "--dependency", "--job-name", "--chdir", "--output", "--parsable", "--wrap",
        "--no-requeue", "-a", "-d", "-J", "-D", "-o"}) {
    const std::string_view head = std::string_view(option).substr(0, option.find_first_of("= "));
    if (head == ours) return fmt::format("{} is set by gapbench itself", ours);
  }
  return "";
}

SlurmSettings read_slurm(const Node& node, Mistakes& mistakes) {
  SlurmSettings settings;
  Block block(node, "slurm", mistakes);
  settings.partition = block.text("partition", false).value_or("");
  if (const std::string wrong = mistake_in_partition(settings.partition);
      block.has("partition") && !wrong.empty()) {
    mistakes.add(block.place_of("partition"), "slurm.partition: " + wrong);
  }
  if (const Node* time = block.optional("time")) read_time(*time, settings, mistakes);
  if (const Node* memory = block.optional("memory")) read_memory(*memory, settings, mistakes);
  settings.at_once =
      block.whole(option::integer("at_once", "").at_least(1).at_most(most_tasks).by_default(1.0));
  if (const Node* list = block.optional("sbatch")) read_sbatch(*list, settings, mistakes);
  block.done();
  return settings;
}

}  // namespace gapbench::suite
