#include "run/slurm/queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "gapbench/error.h"
#include "run/slurm/command.h"

namespace gapbench::run::slurm {
namespace {

constexpr const char* who = "slurm";

/// Its last words, in one line.
std::string words(const Answer& answer) {
  std::string text = answer.error.empty() ? answer.output : answer.error;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text.empty() ? fmt::format("exit code {}", answer.code) : text;
}

Answer asked(const std::vector<std::string>& command) {
  Answer answer = call(who, command);
  if (answer.code != 0) throw Error(command[0], words(answer));
  return answer;
}

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> all;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, '|');) all.push_back(field);
  return all;
}

/// States in which a task may still come to work; all others that squeue shows are at work, or about
/// to leave.
bool waits(const std::string& state) {
  return state == "PENDING" || state.starts_with("REQUEUE") || state == "SPECIAL_EXIT";
}

std::size_t number(const std::string& text, std::size_t otherwise) {
  std::size_t value = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && rest == text.data() + text.size() ? value : otherwise;
}

}  // namespace

Queue queue(const std::vector<Submission>& submissions) {
  std::map<std::string, const Array*> by_name;
  for (const Submission& submission : submissions) {
    for (const Array& array : submission.arrays) by_name[array.name] = &array;
  }
  Queue found;
  if (by_name.empty()) return found;
  std::vector<std::string> names;
  for (const auto& [name, array] : by_name) names.push_back(name);
  const Answer answer = asked({"squeue", "--noheader", "--array", "--format=%F|%K|%T|%j|%r",
                               fmt::format("--name={}", fmt::join(names, ","))});
  std::istringstream lines(answer.output);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> field = fields(line);
    if (field.size() < 4) continue;
    const auto array = by_name.find(field[3]);
    if (array == by_name.end()) continue;
    const std::size_t task = number(field[1], array->second->tasks.size());
    if (task >= array->second->tasks.size()) continue;
    const bool is_queued = waits(field[2]);
    found[array->second->tasks[task].place] = {field[0] + "_" + field[1], field[0], is_queued,
                                               is_queued && field.size() > 4 ? field[4] : ""};
  }
  return found;
}

const Live* find(const Queue& queue, const std::string& place) {
  auto found = queue.find(place);
  if (found == queue.end()) found = queue.find(unchosen_place(place));
  return found == queue.end() ? nullptr : &found->second;
}

std::size_t largest_array() {
  constexpr std::size_t usual = 1001;  // MaxArraySize where slurm.conf has none: one more than fit
  const Answer answer = call(who, {"scontrol", "show", "config"});
  std::istringstream lines(answer.output);
  std::size_t size = usual;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("MaxArraySize")) continue;
    size = number(line.substr(line.find_last_of(" =") + 1), usual);
  }
  return std::max<std::size_t>(2, size) - 1;
}

std::string submit(const std::vector<std::string>& options) {
  std::vector<std::string> command{"sbatch", "--parsable"};
  command.insert(command.end(), options.begin(), options.end());
  std::string job = asked(command).output;
  job = job.substr(0, job.find_first_of(";\n"));  // "12;cluster"
  if (number(job, 0) == 0) throw Error("sbatch", "gave no job number but \"" + job + "\"");
  return job;
}

void cancel(const std::vector<std::string>& jobs) {
  std::vector<std::string> command{"scancel"};
  command.insert(command.end(), jobs.begin(), jobs.end());
  asked(command);
}

}  // namespace gapbench::run::slurm
