#include "records/cpu.h"

#include <cstddef>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "gapbench/error.h"

namespace gapbench::records {
namespace {

using Json = nlohmann::json;

/// Goes through the text without making a tree of it, and stops at the name.
class CpuFinder : public nlohmann::json_sax<Json> {
 public:
  std::string cpu;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool string(string_t& text) override {
    if (!is_here_) return true;
    cpu = text;
    return false;
  }
  bool key(string_t& name) override {
    if (depth_ == 1) in_machine_ = name == "machine";
    is_here_ = depth_ == 2 && in_machine_ && name == "cpu";
    return true;
  }
  bool start_object(std::size_t) override { return down(); }
  bool end_object() override { return up(); }
  bool start_array(std::size_t) override { return down(); }
  bool end_array() override { return up(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool down() {
    ++depth_;
    is_here_ = false;
    return true;
  }
  bool up() {
    --depth_;
    return true;
  }

  int depth_ = 0;
  bool in_machine_ = false;  ///< the last key of the outermost object was "machine"
  bool is_here_ = false;     ///< the last key was "cpu" in there, and nothing has followed it
};

}  // namespace

std::string cpu_of(const std::filesystem::path& folder) {
  try {
    CpuFinder finder;
    Json::sax_parse(read_file(folder / "environment.json"), &finder);
    return finder.cpu;
  } catch (const Error&) {
    return "";
  }
}

}  // namespace gapbench::records
