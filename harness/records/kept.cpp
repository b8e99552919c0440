#include "records/kept.h"

#include "core/file.h"
#include "core/hash.h"
#include "gapbench/error.h"

namespace gapbench::records {

std::string read_kept_file(const Record& record, const char* name, const std::string& hint) {
  const std::filesystem::path file = record.folder / name;
  const auto noted = record.files.find(name);
  if (noted == record.files.end()) {
    throw Error(file.string(), "was not kept by this trial" + (hint.empty() ? "" : "; " + hint));
  }
  std::string bytes = read_file(file);
  if (hash_bytes(Digest::sha256, bytes) == noted->second) return bytes;
  throw Error(file.string(), "is not the one that summary.json was written with");
}

}  // namespace gapbench::records
