// Where a data set is published.
#pragma once

#include <string>
#include <vector>

#include "core/hash.h"

namespace gapbench::data {

/// One file to download, with its published digest.
struct RemoteFile {
  std::string name;  ///< last part of its URL
  Digest digest = Digest::sha256;
  std::string expected;  ///< lower-case hex
  std::string below{};   ///< the folder below the base that it lies in: "", or "yacht/data/"
};

/// What `fetch` downloads. An archive is unpacked and its `folder` moved to <root>/<folder>;
/// other files are put into <root>/<folder> as they are.
struct Remote {
  std::string base_url;  ///< ends with '/'
  std::string folder;
  bool archive = false;  ///< then `files` holds exactly one
  std::vector<RemoteFile> files;
};

}  // namespace gapbench::data
