// Reading a suite against any catalog: what load() does, and what tests call.
#pragma once

#include <functional>
#include <string>

#include "suite/language/catalog.h"
#include "suite/suite.h"
#include "suite/yaml/mistakes.h"

namespace gapbench::suite {

/// `text` is the suite's YAML; `source` names it and holds the overrides.
Suite read_suite(const std::string& text, const Source& source, const Catalog& catalog);

using Checksum = std::function<std::string(const train::DataSettings&)>;

/// Identities and folders where the checksums are known already.
void settle(Suite& suite);

/// seal() with another way to a checksum; asked once for each data set and options.
void seal(Suite& suite, const Checksum& checksum);

}  // namespace gapbench::suite
