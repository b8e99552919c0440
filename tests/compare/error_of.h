// What a call refuses, in its own words.
#pragma once

#include <string>

#include "gapbench/error.h"

namespace gapbench::test {

/// The message of the Error that call() throws, "no error" where it throws none.
template <class Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace gapbench::test
