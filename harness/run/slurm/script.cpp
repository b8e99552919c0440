#include "run/slurm/script.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

#include "run/environment.h"
#include "run/memory_group.h"

namespace gapbench::run::slurm {
namespace {

/// "2:05:00", rounded up to whole seconds.
std::string time_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

/// In MB; the program that watches the trial is beside it.
std::uint64_t memory_of_task(std::uint64_t trial) {
  constexpr std::uint64_t megabyte = 1024 * 1024;
  return (with_program(trial) + megabyte - 1) / megabyte;
}

std::string header(const Order& order) {
  const suite::SlurmSettings& s = order.settings;
  std::string text = fmt::format(
      "#SBATCH --nodes=1\n"
      "#SBATCH --ntasks=1\n"
      "#SBATCH --cpus-per-task={}\n"
      "#SBATCH --requeue\n"
      "#SBATCH --open-mode=append\n"
      "#SBATCH --signal=B:USR1@{:.0f}\n",
      order.threads, suite::slurm_notice_seconds);
  if (!s.partition.empty()) text += fmt::format("#SBATCH --partition={}\n", s.partition);
  if (s.seconds) text += fmt::format("#SBATCH --time={}\n", time_text(*s.seconds));
  if (s.memory_bytes) text += fmt::format("#SBATCH --mem={}M\n", memory_of_task(*s.memory_bytes));
  for (const std::string& line : s.sbatch) text += fmt::format("#SBATCH {}\n", line);
  return text;
}

std::string quoted(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + shell_quoted(word);
  }
  return text;
}

constexpr const char* find_trial = R"(
trial=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" "$folder/array-$1")
if [ -z "$trial" ]; then
  echo "no trial for task $SLURM_ARRAY_TASK_ID in $folder/array-$1: is the results folder shared?"
  exit 1
fi
shift
)";

constexpr const char* run_trial = R"(
run='' told='' woken='' early='' code=1
tell() {
  woken=yes
  if [ -n "$run" ]; then kill -s "$1" "$run"; else early=$1; fi
}
trap 'tell USR1' USR1
trap 'told=yes; tell TERM' TERM

task "$@" &
run=$!
[ -z "$early" ] || tell "$early"

# `wait` ends when a signal comes, too.
while :; do
  woken=
  wait "$run"
  next=$?
  [ "$next" -eq 127 ] || code=$next
  [ "$next" -gt 128 ] && [ -n "$woken" ] || break
done

case $code in
  0 | 2) exit 0 ;; # the record says how it ended
  130) ;;
  *) exit "$code" ;;
esac
if [ -z "$told" ]; then
  # One task of an array has the number of the array, which stands for all of them.
  own=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
  now=$(scontrol --oneliner show job "$own" | sed -n 's/.* Restarts=\([0-9]*\).*/\1/p')
  if [ "$now" = "${SLURM_RESTART_COUNT:-0}" ]; then scontrol requeue "$own"; fi
fi
exit 130
)";

/// A trial that was cut off goes on from its checkpoint: what is to be run again is so once.
std::string first_start(const Order& order) {
  if (order.first_flags.empty()) return "";
  return fmt::format("[ \"${{SLURM_RESTART_COUNT:-0}}\" -gt 0 ] || set -- {}\n",
                     quoted(order.first_flags));
}

}  // namespace

std::string batch_script(const Order& order, const std::string& suite,
                         const std::filesystem::path& folder) {
  std::vector<std::string> command{order.program.string(), "run", (folder / "suite.yaml").string()};
  command.insert(command.end(), order.flags.begin(), order.flags.end());
  return fmt::format(
      "#!/bin/sh\n"
      "# {}: one trial a task, submitted by `gapbench run --on slurm`.\n"
      "{}\n"
      "folder={}\n"
      "task() {{\n"
      "  exec {} --trial \"$trial\" \"$@\"\n"
      "}}\n"
      "{}{}{}",
      suite, header(order), shell_quoted(folder.string()), quoted(command), find_trial,
      first_start(order), run_trial);
}

}  // namespace gapbench::run::slurm
