#include "data/sets/png.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <string>

#include "gapbench/error.h"

namespace gapbench::data {
namespace {

constexpr png_uint_32 largest_side = 4096;

/// What libpng reads from, and what it says when it gives up.
struct Source {
  std::span<const unsigned char> rest;
  std::string why;
};

void read_bytes(png_structp png, png_bytep out, std::size_t count) {
  auto& source = *static_cast<Source*>(png_get_io_ptr(png));
  if (source.rest.size() < count) png_error(png, "the file ends too early");
  std::copy_n(source.rest.begin(), count, out);
  source.rest = source.rest.subspan(count);
}

[[noreturn]] void give_up(png_structp png, png_const_charp why) {
  static_cast<Source*>(png_get_error_ptr(png))->why = why;
  png_longjmp(png, 1);
}

void ignore(png_structp, png_const_charp) {}

/// libpng's two structures.
class Decoder {
 public:
  explicit Decoder(Source& source)
      : png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, give_up, ignore)),
        info_(png_ == nullptr ? nullptr : png_create_info_struct(png_)) {
    if (info_ == nullptr) return;
    png_set_read_fn(png_, &source, read_bytes);
    png_set_user_limits(png_, largest_side, largest_side);
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { png_destroy_read_struct(&png_, &info_, nullptr); }

  bool is_there() const { return info_ != nullptr; }

  /// What is wrong with a header that was read, or nothing.
  std::string refusal() const {
    if (png_get_bit_depth(png_, info_) == 16) {
      return "has 16 bits a channel, 8 are read; convert it, as with mogrify -depth 8";
    }
    const bool has_alpha = (png_get_color_type(png_, info_) & PNG_COLOR_MASK_ALPHA) != 0;
    if (has_alpha || png_get_valid(png_, info_, PNG_INFO_tRNS) != 0) {
      return "has transparency; lay it on a colour, as with mogrify -background black -flatten";
    }
    return "";
  }

  // libpng leaves these three by longjmp: nothing in them has a destructor. False where it gave up.
  bool read_header() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_info(png_, info_);
    return true;
  }
  /// To 8 bits of grey or colour.
  bool choose_samples() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    if (png_get_color_type(png_, info_) == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
    if (png_get_color_type(png_, info_) == PNG_COLOR_TYPE_GRAY) {
      png_set_expand_gray_1_2_4_to_8(png_);
    }
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }
  bool read_rows(png_bytepp rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }

  Shape shape() const {
    return {png_get_image_height(png_, info_), png_get_image_width(png_, info_),
            png_get_channels(png_, info_)};
  }

 private:
  png_structp png_;
  png_infop info_;
};

}  // namespace

std::vector<unsigned char> as_planes(std::span<const unsigned char> from, Shape shape) {
  std::vector<unsigned char> planes(shape.size());
  const std::size_t area = shape.height * shape.width;
  for (std::size_t i = 0; i < from.size(); ++i) {
    planes[i % shape.channels * area + i / shape.channels] = from[i];
  }
  return planes;
}

Picture read_png(const std::filesystem::path& path, std::span<const unsigned char> bytes) {
  const auto refuse = [&](const std::string& why) { throw Error(path.string(), why); };
  constexpr std::size_t signature = 8;
  if (bytes.size() < signature || png_sig_cmp(bytes.data(), 0, signature) != 0) {
    refuse("is no PNG file, whatever its name says");
  }
  Source source{bytes, ""};
  Decoder decoder(source);
  if (!decoder.is_there()) refuse("cannot be read: no memory for a decoder");
  const auto damaged = [&] { refuse("cannot be read as PNG: " + source.why); };
  if (!decoder.read_header()) damaged();
  if (const std::string wrong = decoder.refusal(); !wrong.empty()) refuse(wrong);
  if (!decoder.choose_samples()) damaged();
  const Shape shape = decoder.shape();
  std::vector<unsigned char> pixels(shape.size());
  std::vector<png_bytep> rows;
  for (std::size_t y = 0; y < shape.height; ++y) {
    rows.push_back(pixels.data() + y * shape.width * shape.channels);
  }
  if (!decoder.read_rows(rows.data())) damaged();
  return {shape, as_planes(pixels, shape)};
}

}  // namespace gapbench::data
