#include "run/folder.h"

#include <string>

#include "core/file.h"
#include "gapbench/error.h"

namespace gapbench::run {

void require_writable(const std::filesystem::path& folder) {
  try {
    make_folder(folder);
    // Of one name, so that what a killed run leaves behind goes with the next; another run at work
    // here may remove it any time.
    const std::filesystem::path test = folder / ".write-test";
    GrowingFile(test, GrowingFile::Start::empty).append(std::string(4096, '\n'));
    if (is_there(test)) sync_file(test);
    remove_file(test);
  } catch (const Error& e) {
    throw Error(e.where(), std::string(e.what()).substr(e.where().size() + 2) +
                               "; -o DIR puts the records elsewhere");
  }
}

}  // namespace gapbench::run
