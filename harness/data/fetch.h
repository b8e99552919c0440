// Getting published data sets.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/download.h"
#include "data/remote.h"

namespace gapbench::data {

enum class Fetched { already_there, fetched };

/// Downloads a published set into the data folder, checks its digest before anything is moved into
/// place, and unpacks it. Does nothing where the set is there and whole.
/// `url`: a mirror, empty for the publisher: the folder the files lie in (of a UCI set, the one that
/// holds all of them, as the published UCI_Datasets does), or the archive itself
/// (http, https, file, or an absolute path).
/// Throws Error: unknown name, a set that cannot be fetched, something else in its place, and all
/// that `download` and `unpack` throw. Nothing half-written is left in the set's place; a transfer
/// that broke off is resumed by the same call.
Fetched fetch(const std::string& name, const std::filesystem::path& root, const std::string& url,
              const Progress& progress);

/// What a name stands for: "uci" for nine sets, any other for itself.
std::vector<std::string> sets_of(const std::string& name);

/// The same for what `remote` describes, whether or not it is there already: files that are there
/// with the right digest are kept, an archive's folder that is there is an Error.
void fetch(const Remote& remote, const std::filesystem::path& root, const std::string& url,
           const Progress& progress);

}  // namespace gapbench::data
