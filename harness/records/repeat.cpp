#include "records/repeat.h"

#include <fmt/format.h>

namespace gapbench::records {

std::string shell_quoted(const std::string& argument) {
  constexpr auto plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (!argument.empty() && argument.find_first_not_of(plain) == std::string::npos) return argument;
  std::string quoted = argument;
  for (std::size_t at = 0; (at = quoted.find('\'', at)) != std::string::npos; at += 4) {
    quoted.replace(at, 1, "'\\''");
  }
  return fmt::format("'{}'", quoted);
}

std::string repeat_command(const Record& record) {
  const std::string folder = shell_quoted(record.folder.generic_string());
  const train::Status status = record.outcome.status;
  if (status == train::Status::ok || status == train::Status::diverged) {
    return fmt::format("gapbench verify {}", folder);
  }
  return fmt::format("gapbench worker --record {} --threads {}", folder, record.threads);
}

}  // namespace gapbench::records
