// What reads a record's JSON strictly: it may be damaged, foreign or edited by hand.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "gapbench/error.h"
#include "records/record_json.h"

namespace gapbench::records {

inline const Json& need(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) throw Error(key, "is missing");
  return *found;
}

inline const Json& object(const Json& json, const char* key) {
  const Json& value = need(json, key);
  if (!value.is_object()) throw Error(key, "must be an object");
  return value;
}

inline double number(const Json& json, const char* key) {
  const Json& value = need(json, key);
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!value.is_number()) throw Error(key, "must be a number or null");
  return value.get<double>();
}

inline std::uint64_t count(const Json& json, const char* key) {
  const Json& value = need(json, key);
  if (!value.is_number_unsigned()) throw Error(key, "must be a whole number of 0 or more");
  return value.get<std::uint64_t>();
}

inline std::string text(const Json& json, const char* key) {
  const Json& value = need(json, key);
  if (!value.is_string()) throw Error(key, "must be a text");
  return value.get<std::string>();
}

inline bool flag(const Json& json, const char* key) {
  const Json& value = need(json, key);
  if (!value.is_boolean()) throw Error(key, "must be true or false");
  return value.get<bool>();
}

/// Numbers that stand in the file for readers and follow from others.
inline void require_equal(const char* key, double given, double due) {
  constexpr double rounding = 1e-12;  // of programs that write fewer digits than they read
  if (std::isnan(given) && !std::isfinite(due)) return;
  if (std::abs(given - due) <= rounding * std::max(1.0, std::abs(due))) return;
  throw Error(key, fmt::format("is {}, and {} by the numbers beside it", given, due));
}

}  // namespace gapbench::records
