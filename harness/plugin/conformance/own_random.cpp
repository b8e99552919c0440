#include "plugin/conformance/own_random.h"

#include <fmt/format.h>

#include <span>
#include <string_view>
#include <vector>

#include "core/file.h"
#include "plugin/conformance/remedies.h"
#include "plugin/elf.h"

namespace gapbench::plugin::conformance {
namespace {

struct Source {
  std::string_view mark;  ///< bytes that only its users hold
  std::string_view name;
};

using namespace std::string_view_literals;

constexpr Source imports[] = {
    {"\0rand\0"sv, "rand"},
    {"\0rand_r\0"sv, "rand_r"},
    {"\0random\0"sv, "random"},
    {"\0drand48\0"sv, "drand48"},
    {"\0lrand48\0"sv, "lrand48"},
    {"\0getrandom\0"sv, "getrandom"},
    {"\0arc4random\0"sv, "arc4random"},
    {"\0_ZNSt13random_device9_M_getvalEv\0"sv, "std::random_device"},
};

// Of generators that are templates and leave no name, the constants of their recursion (Matsumoto and
// Nishimura 1998).
constexpr Source constants[] = {
    {"\xdf\xb0\x08\x99"sv, "std::mt19937"},
    {"\xe9\x19\x66\xa9\x5a\x6f\x02\xb5"sv, "std::mt19937_64"},
};

void add_found(std::span<const Source> sources, std::string_view in,
               std::vector<std::string_view>& found) {
  for (const Source& s : sources) {
    if (in.find(s.mark) != in.npos) found.push_back(s.name);
  }
}

}  // namespace

std::string own_random_numbers(std::string_view names, std::string_view bytes) {
  std::vector<std::string_view> found;
  add_found(imports, names, found);
  add_found(constants, bytes, found);
  return fmt::format("{}", fmt::join(found, ", "));
}

void check_random_numbers(const std::filesystem::path& library, const CheckOptions& options) {
  Check check{library.filename().string(), "draws no random numbers of its own",
              Check::Verdict::pass, "", ""};
  options.begins(check);
  const MappedFile file(library);
  const std::span<const unsigned char> bytes = file.bytes();
  const std::string found = own_random_numbers(
      symbol_names(bytes), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!found.empty()) {
    check.verdict = Check::Verdict::note;
    check.reason = "it uses " + found;
    check.remedy = remedy_of(check.name);
  }
  options.ends(check);
}

}  // namespace gapbench::plugin::conformance
