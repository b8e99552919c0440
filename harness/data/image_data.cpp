#include "data/image_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <utility>

#include "data/augmentation.h"
#include "data/label_noise.h"
#include "data/shift.h"
#include "data/split.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

/// Normalized value of each byte value.
using Levels = std::array<float, 256>;

/// Whole-number sums over bytes, so exact and in any order the same.
struct Moments {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  std::uint64_t squares = 0;

  void add(std::span<const unsigned char> bytes) {
    assert(bytes.size() <= 0xffffffff / (255 * 255));  // 32 bits hold the sums of one plane
    std::uint32_t plane_sum = 0;
    std::uint32_t plane_squares = 0;
    for (const unsigned char byte : bytes) {
      plane_sum += byte;
      plane_squares += std::uint32_t{byte} * byte;
    }
    count += bytes.size();
    sum += plane_sum;
    squares += plane_squares;
  }
};

/// (byte - mean) / deviation over everything counted. A constant channel is only centred.
Levels normalizing(const Moments& moments) {
  const auto count = static_cast<double>(moments.count);
  const auto sum = static_cast<double>(moments.sum);
  const double mean = sum / count;
  const double variance =
      (static_cast<double>(moments.squares) * count - sum * sum) / count / count;
  const double deviation = variance > 0 ? std::sqrt(variance) : 1;
  Levels levels{};
  for (std::size_t v = 0; v < levels.size(); ++v) {
    levels[v] = static_cast<float>((static_cast<double>(v) - mean) / deviation);
  }
  return levels;
}

/// Official numbers of a part's records, of the unseen classes or of all others.
std::vector<std::uint32_t> records_of(const ImagePart& part, const std::vector<std::size_t>& unseen,
                                      bool of_unseen) {
  std::vector<std::uint32_t> records;
  for (std::uint32_t r = 0; r < part.labels.size(); ++r) {
    const auto label = static_cast<std::size_t>(part.labels[r]);
    if (std::ranges::binary_search(unseen, label) == of_unseen) records.push_back(r);
  }
  return records;
}

void require_unseen(const Request& request, std::size_t classes) {
  if (request.unseen.empty()) return;
  if (request.unseen.back() >= classes) {
    throw Error("unseen", fmt::format("class {}, and {} has the classes 0 to {}",
                                      request.unseen.back(), request.name, classes - 1));
  }
  if (request.unseen.size() == classes) {
    throw Error("unseen", fmt::format("is every class of {}: nothing to train on", request.name));
  }
  if (label_noise(request) > 0) {
    throw Error("unseen",
                "labels that are drawn would be of unseen classes, too; give label_noise: 0");
  }
}

class ImageData final : public Data {
 public:
  ImageData(const Request& request, Description description, ImageRecords records)
      : description_(std::move(description)),
        records_(std::move(records)),
        split_(parts_of(request)),
        augmentation_seed_(request.augmentation_seed) {
    draw_labels(request, description_.classes, split_.records(Part::train), records_.train.labels);
    if (records_.draw) draw_pictures();
    for (std::size_t c = 0; c < description_.shape.channels; ++c) {
      levels_.push_back(normalizing(training_moments(c)));
    }
  }

  const Description& description() const noexcept override { return description_; }
  std::size_t examples(Part part) const noexcept override { return split_.records(part).size(); }
  std::size_t unseen() const noexcept override { return unseen_.size(); }
  bool has_images() const noexcept override { return true; }
  std::span<const std::string> shifts() const noexcept override { return shift_names(); }

  void gather(const Examples& examples, std::span<float> inputs, std::span<std::int32_t> labels,
              std::span<float> /*targets*/) const override {
    const std::size_t size = description_.shape.size();
    assert(inputs.size() == examples.indices.size() * size);
    assert(labels.size() == examples.indices.size());
    const ImagePart& part = examples.part == Part::test ? records_.test : records_.train;
    const auto records = split_.records(examples.part);
    const bool augmented = examples.augmented && examples.part == Part::train;
    const bool shifted = examples.shift > 0 && examples.part == Part::test;
    std::vector<unsigned char> pixels(shifted ? size : 0);
    for (std::size_t i = 0; i < examples.indices.size(); ++i) {
      const std::uint32_t index = examples.indices[i];
      const bool seen = index < records.size();
      assert(seen || (examples.part == Part::test && index < records.size() + unseen_.size()));
      const std::uint32_t record = seen ? records[index] : unseen_[index - records.size()];
      float* out = inputs.data() + i * size;
      if (shifted) {
        shift_image(examples.shift - 1, description_.shape, record, part.images[record], pixels);
        write_plain(pixels.data(), out);
      } else if (augmented) {
        write_placed(part.images[record], placement(augmentation_seed_, examples.epoch, index),
                     out);
      } else {
        write_plain(part.images[record], out);
      }
      labels[i] = part.labels[record];
    }
  }

 private:
  Split parts_of(const Request& request) {
    require_unseen(request, description_.classes);
    if (request.unseen.empty()) {
      return {request, records_.train.labels.size(), records_.test.labels.size()};
    }
    const auto train = records_of(records_.train, request.unseen, false);
    const auto test = records_of(records_.test, request.unseen, false);
    unseen_ = records_of(records_.test, request.unseen, true);
    Split split(request, train.size(), test.size());
    split.rename(train, test);
    return split;
  }

  /// Of a generated set: those that the trial will see.
  void draw_pictures() {
    for (const Part part : {Part::train, Part::validation, Part::test}) {
      for (const std::uint32_t record : split_.records(part)) {
        records_.draw(part == Part::test, record);
      }
    }
    for (const std::uint32_t record : unseen_) records_.draw(true, record);
    records_.draw = nullptr;
  }

  Moments training_moments(std::size_t channel) const {
    const std::size_t plane = description_.shape.height * description_.shape.width;
    Moments moments;
    for (const std::uint32_t record : split_.records(Part::train)) {
      moments.add({records_.train.images[record] + channel * plane, plane});
    }
    return moments;
  }

  void write_plain(const unsigned char* pixels, float* out) const noexcept {
    const std::size_t channels = description_.shape.channels;
    const std::size_t plane = description_.shape.height * description_.shape.width;
    for (std::size_t c = 0; c < channels; ++c) {
      const float* levels = levels_[c].data();
      const unsigned char* in = pixels + c * plane;
      for (std::size_t i = 0; i < plane; ++i) out[i * channels + c] = levels[in[i]];
    }
  }

  void write_placed(const unsigned char* pixels, const Placement& place,
                    float* out) const noexcept {
    const Shape& shape = description_.shape;
    const auto height = static_cast<int>(shape.height);
    const auto width = static_cast<int>(shape.width);
    // Columns x' whose source x' + right lies inside the image.
    const int first = std::max(0, -place.right);
    const int last = std::min(width, width - place.right);
    std::fill(out, out + shape.size(), 0.0F);
    for (std::size_t c = 0; c < shape.channels; ++c) {
      const float* levels = levels_[c].data();
      for (int y = std::max(0, -place.down); y < std::min(height, height - place.down); ++y) {
        const unsigned char* in = pixels + (static_cast<int>(c) * height + y + place.down) * width;
        float* row = out + y * width * static_cast<int>(shape.channels) + c;
        for (int x = first; x < last; ++x) {
          const int to = place.flipped ? width - 1 - x : x;
          row[to * static_cast<int>(shape.channels)] = levels[in[x + place.right]];
        }
      }
    }
  }

  Description description_;
  ImageRecords records_;
  std::vector<std::uint32_t>
      unseen_;  ///< test records of unseen classes; before split_, which fills it
  Split split_;
  std::uint64_t augmentation_seed_;
  std::vector<Levels> levels_;  // by channel
};

}  // namespace

std::unique_ptr<const Data> make_image_data(const Request& request, Description description,
                                            ImageRecords records) {
  return std::make_unique<ImageData>(request, std::move(description), std::move(records));
}

}  // namespace gapbench::data
