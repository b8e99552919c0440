#include "records/npz.h"

#include <fmt/format.h>

#include <cstdint>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/archive_writer.h"

namespace gapbench::records {
namespace {

/// "(32, 3, 3, 3)", "(32,)", "()": a Python tuple.
std::string tuple(const std::vector<std::size_t>& shape) {
  if (shape.size() == 1) return fmt::format("({},)", shape.front());
  return fmt::format("({})", fmt::join(shape, ", "));
}

}  // namespace

std::string npy(const NamedTensor& tensor, std::span<const float> values) {
  constexpr std::size_t aligned = 64;  // the data begins at a multiple of it
  constexpr std::size_t fixed = 10;    // magic, version, length of the dictionary
  std::string dictionary =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': {}, }}", tuple(tensor.shape));
  const std::size_t whole = fixed + dictionary.size() + 1;
  dictionary.append((aligned - whole % aligned) % aligned, ' ');
  dictionary += '\n';
  if (dictionary.size() > UINT16_MAX) throw Error(tensor.name, "has too many dimensions for .npy");
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(dictionary.size() & 0xff);
  bytes += static_cast<char>(dictionary.size() >> 8);
  bytes += dictionary;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return bytes;
}

void write_npz(const std::filesystem::path& file, const NamedParameters& end) {
  std::error_code code;
  if (std::filesystem::exists(file, code) &&
      (!std::filesystem::is_regular_file(file, code) || !read_file(file).starts_with("PK"))) {
    throw Error(file.string(), "exists and is no .npz file: give another name");
  }
  ArchiveWriter zip("npz", ArchiveKind::zip);
  std::size_t at = 0;
  for (const NamedTensor& tensor : end.tensors) {
    zip.add(tensor.name + ".npy", npy(tensor, std::span(end.values).subspan(at, tensor.size())));
    at += tensor.size();
  }
  write_file_atomically(file, zip.finish());
}

}  // namespace gapbench::records
