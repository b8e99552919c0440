// Arrays as numpy.save writes them, and the set that the examples of npy and npy_regression read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace gapbench::test {

template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// type "<f4", shape "(2, 3)".
inline std::string npy(std::string_view type, std::string_view shape, const std::string& bytes,
                       unsigned char version = 1) {
  std::string header = "{'descr': '" + std::string(type) +
                       "', 'fortran_order': False, 'shape': " + std::string(shape) + ", }";
  const std::size_t begin = version == 1 ? 10 : 12;
  while ((begin + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string text = "\x93NUMPY";
  text += static_cast<char>(version);
  text += '\0';
  for (std::size_t k = 0; k < (version == 1 ? 2U : 4U); ++k) {
    text += static_cast<char>(header.size() >> (8 * k) & 255U);
  }
  return text + header + bytes;
}

inline void write_npy(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

/// Two 2x2 images of two channels to train on, one to test; labels 1 0 and 1. The same as a regression.
inline void write_npy_examples(const std::filesystem::path& data_root) {
  for (const char* name : {"npy", "npy_regression"}) {
    const auto folder = data_root / name / "example";
    const std::vector<std::uint8_t> train{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    write_npy(folder / "x_train.npy", npy("|u1", "(2, 2, 2, 2)", raw(train)));
    write_npy(folder / "y_train.npy", npy("<i8", "(2,)", raw(std::vector<std::int64_t>{1, 0})));
    const std::vector<std::uint8_t> test{16, 17, 18, 19, 20, 21, 22, 23};
    write_npy(folder / "x_test.npy", npy("|u1", "(1, 2, 2, 2)", raw(test)));
    write_npy(folder / "y_test.npy", npy("<i8", "(1,)", raw(std::vector<std::int64_t>{1})));
  }
}

}  // namespace gapbench::test
