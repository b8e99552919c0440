#include "core/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "gapbench/error.h"

namespace gapbench {
namespace {

constexpr std::string_view mark = "gapbench-state 1\n";
constexpr char floats = 'f';
constexpr char real = 'd';
constexpr char whole = 'u';

std::size_t width_of(char kind) { return kind == floats ? sizeof(float) : sizeof(double); }

// Takes pieces off the front of a blob and never reads past its end.
class Cursor {
 public:
  Cursor(const std::string& where, std::string_view rest) : where_(where), rest_(rest) {}

  bool at_end() const { return rest_.empty(); }
  std::string_view take(std::size_t bytes) {
    if (bytes > rest_.size()) throw Error(where_, "the saved state is cut off");
    const std::string_view piece = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return piece;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view values(std::uint64_t count, std::size_t width) {
    if (count > rest_.size() / width) throw Error(where_, "the saved state is cut off");
    return take(count * width);
  }

 private:
  const std::string& where_;
  std::string_view rest_;
};

}  // namespace

StateWriter::StateWriter(std::string where) : where_(std::move(where)), blob_(mark) {}

void StateWriter::field(std::string_view name, std::span<float> values) {
  append(floats, name, values.data(), values.size(), sizeof(float));
}

void StateWriter::field(std::string_view name, double& value) {
  append(real, name, &value, 1, sizeof value);
}

void StateWriter::field(std::string_view name, std::uint64_t& value) {
  append(whole, name, &value, 1, sizeof value);
}

void StateWriter::append(char kind, std::string_view name, const void* values, std::size_t count,
                         std::size_t width) {
  if (!names_.emplace(name, kind).second) {
    throw Error(where_, fmt::format("names the state field \"{}\" twice", name));
  }
  const auto append_number = [&](std::uint64_t number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    blob_.append(bytes, sizeof bytes);
  };
  blob_ += kind;
  append_number(name.size());
  blob_ += name;
  append_number(count);
  if (count > 0) blob_.append(static_cast<const char*>(values), count * width);
}

StateReader::StateReader(std::string where, std::string_view blob) : where_(std::move(where)) {
  if (!blob.starts_with(mark)) throw Error(where_, "is not a saved state of this version");
  Cursor cursor(where_, blob.substr(mark.size()));
  while (!cursor.at_end()) {
    const char kind = cursor.take(1).front();
    if (kind != floats && kind != real && kind != whole) {
      throw Error(where_, "the saved state is damaged: unknown kind of field");
    }
    const std::string name(cursor.take(cursor.number()));
    if (std::ranges::any_of(name, [](unsigned char c) { return c < 0x20; })) {
      throw Error(where_, "the saved state is damaged: the name of a field is no text");
    }
    const std::uint64_t count = cursor.number();
    const Field field{kind, count, cursor.values(count, width_of(kind))};
    if (!fields_.emplace(name, field).second) {
      throw Error(where_, fmt::format("the saved state is damaged: \"{}\" comes twice", name));
    }
  }
}

void StateReader::field(std::string_view name, std::span<float> values) {
  copy(floats, name, values.data(), values.size());
}

void StateReader::field(std::string_view name, double& value) { copy(real, name, &value, 1); }

void StateReader::field(std::string_view name, std::uint64_t& value) {
  copy(whole, name, &value, 1);
}

void StateReader::copy(char kind, std::string_view name, void* values, std::size_t count) {
  const auto at = fields_.find(name);
  if (at == fields_.end()) {
    throw Error(where_, fmt::format("the saved state has no field \"{}\"", name));
  }
  Field& field = at->second;
  if (field.kind != kind) {
    throw Error(where_, fmt::format("the saved field \"{}\" is of another kind", name));
  }
  if (field.count != count) {
    throw Error(where_, fmt::format("the saved field \"{}\" has length {}, needed {}", name,
                                    field.count, count));
  }
  if (count > 0) std::memcpy(values, field.bytes.data(), field.bytes.size());
  field.read = true;
}

void StateReader::finish() const {
  for (const auto& [name, field] : fields_) {
    if (!field.read) {
      throw Error(where_,
                  fmt::format("the saved state has a field \"{}\" that nothing reads", name));
    }
  }
}

}  // namespace gapbench
