#include "cli/given.h"

#include "core/file.h"
#include "data/unpack.h"
#include "records/bundle.h"

namespace gapbench::cli {

GivenRecords::GivenRecords(const std::vector<std::string>& given) {
  for (const std::string& name : given) {
    std::error_code code;
    if (!records::is_bundle(name) || !std::filesystem::is_regular_file(name, code)) {
      roots_.emplace_back(name);
      continue;
    }
    if (!scratch_) scratch_.emplace("bundle");
    roots_.push_back(scratch_->folder() / std::to_string(roots_.size()));
    make_folder(roots_.back());
    data::unpack(name, roots_.back());
  }
}

}  // namespace gapbench::cli
