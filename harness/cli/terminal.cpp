#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace gapbench::cli {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

std::size_t width() {
  constexpr std::size_t usual = 80;
  constexpr std::size_t least = 20;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return std::max<std::size_t>(size.ws_col, least);
  }
  const char* columns = std::getenv("COLUMNS");
  const long given = columns != nullptr ? std::strtol(columns, nullptr, 10) : 0;
  return given > 0 ? std::max(static_cast<std::size_t>(given), least) : usual;
}

}  // namespace

std::optional<compare::TerminalStyle> terminal() {
  if (isatty(STDOUT_FILENO) != 1) return std::nullopt;
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::string_view(kind) == "dumb";
  return compare::TerminalStyle{.width = width(), .bold = !dumb && !is_set("NO_COLOR")};
}

}  // namespace gapbench::cli
