// What a JSON library says of its exceptions.
#pragma once

#include <string>

namespace gapbench::records {

/// Without the code in brackets before it.
inline std::string json_reason(std::string what) {
  const auto end = what.starts_with("[json.exception.") ? what.find("] ") : what.npos;
  return end == what.npos ? what : what.substr(end + 2);
}

}  // namespace gapbench::records
