#include "run/folder.h"

#include <string>

#include "core/file.h"
#include "gapbench/error.h"

namespace gapbench::run {

void require_writable(const std::filesystem::path& folder) {
  try {
    make_folder(folder);
    const std::filesystem::path test =
        folder / ".write-test";  // one left behind goes with the next
    write_file_atomically(test, std::string(4096, '\n'));
    remove_file(test);
  } catch (const Error& e) {
    throw Error(e.where(), std::string(e.what()).substr(e.where().size() + 2) +
                               "; -o DIR puts the records elsewhere");
  }
}

}  // namespace gapbench::run
