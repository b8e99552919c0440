// A folder of images: which files there are, their classes and parts.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gapbench::data {

struct ImageFile {
  std::filesystem::path path;
  std::string name;  ///< "cat/1.png"
  std::size_t label = 0;
};

struct ImageFolder {
  std::vector<std::string> classes;  ///< sorted; a label is an index
  std::vector<ImageFile> train;      ///< by class and name
  std::vector<ImageFile> test;
  std::size_t left_out = 0;  ///< images that split.csv does not name
};

/// A class is a folder of .png files, and its name. Either
///
///   train/CLASS/*.png  test/CLASS/*.png
///   CLASS/*.png        split.csv: one line an image, "cat/1.png,train" or "...,test"; # begins a comment
///
/// Files whose name begins with a dot are passed over. Throws Error naming the file, the folder or the
/// line of split.csv: a class without training images, a test class that is not trained, what is no
/// .png, images named twice or not there, fewer than 2 classes. Opens split.csv alone.
ImageFolder read_image_folder(const std::filesystem::path& folder);

}  // namespace gapbench::data
