// Tiny data sets made by the tests.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "core/temporary_folder.h"
#include "data/data.h"
#include "gapbench/error.h"

namespace gapbench::data {

namespace fs = std::filesystem;

inline void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  fs::remove(path);  // a new file: one that is mapped must not shrink, and some disks flush then
  std::ofstream(path, std::ios::binary) << bytes;
}

/// One CIFAR record: label bytes, then every pixel of a channel from pixel(channel, y, x).
inline std::string cifar_record(const std::string& labels,
                                const std::function<int(int, int, int)>& pixel) {
  std::string bytes = labels;
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < 32; ++y) {
      for (int x = 0; x < 32; ++x) bytes += static_cast<char>(pixel(c, y, x));
    }
  }
  return bytes;
}

/// A record whose channels are constant.
inline std::string flat_record(int label, int red, int green, int blue) {
  return cifar_record(std::string(1, static_cast<char>(label)), [=](int c, int, int) {
    return c == 0 ? red : c == 1 ? green : blue;
  });
}

inline std::string big_endian(std::uint32_t v) {
  return {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
          static_cast<char>(v)};
}

inline std::string idx_labels(const std::string& labels) {
  return big_endian(0x0801) + big_endian(static_cast<std::uint32_t>(labels.size())) + labels;
}

inline std::string idx_images(const std::vector<std::string>& images) {
  std::string bytes = big_endian(0x0803) + big_endian(static_cast<std::uint32_t>(images.size())) +
                      big_endian(28) + big_endian(28);
  for (const std::string& image : images) bytes += image;
  return bytes;
}

inline std::string gzipped(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  std::string in = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline Request request(const std::string& name, const fs::path& root, const OptionMap& given = {}) {
  Request r;
  r.name = name;
  r.options = Options::resolve(name, find_kind(name).options, given);
  r.root = root;
  return r;
}

/// Everything of one part, in order.
struct Gathered {
  std::vector<float> inputs;
  std::vector<std::int32_t> labels;
  std::vector<float> targets;
};

inline Gathered gather_indices(const Data& data, Part part, const std::vector<std::uint32_t>& which,
                               bool augmented = false, std::uint64_t epoch = 0) {
  const Description& d = data.description();
  Gathered g;
  g.inputs.assign(which.size() * d.shape.size(), -77.0F);
  g.labels.assign(d.classes > 0 ? which.size() : 0, -77);
  g.targets.assign(which.size() * d.target_width, -77.0F);
  data.gather({part, which, augmented, epoch}, g.inputs, g.labels, g.targets);
  return g;
}

inline Gathered gather_all(const Data& data, Part part) {
  std::vector<std::uint32_t> all(data.examples(part));
  std::iota(all.begin(), all.end(), 0U);
  return gather_indices(data, part, all);
}

/// The message of the Error that `f` throws; fails the test when it throws none.
template <class F>
std::string error_of(const F& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return "";
}

}  // namespace gapbench::data
