#include "run/folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string>

#include "core/file.h"

namespace gapbench::run {

void require_writable(const std::filesystem::path& folder) {
  make_folder(folder);
  const std::filesystem::path test = folder / fmt::format(".write-test.{}", getpid());
  write_file_atomically(test, std::string(4096, '\n'));
  remove_file(test);
}

}  // namespace gapbench::run
