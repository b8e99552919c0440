#include "run/say.h"

#include <cstdio>

namespace gapbench::run {

void say_text(std::string_view text) noexcept {
  if (std::ferror(stdout) != 0) return;
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace gapbench::run
