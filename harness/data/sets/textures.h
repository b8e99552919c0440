// The picture generator behind the synthetic sets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gapbench/random.h"

namespace gapbench::data {

using Colour = std::array<double, 3>;

/// A sinusoid over the picture: sin(2 pi (x along_x + y along_y) + phase), in a colour.
struct Grating {
  double along_x = 0;  ///< cycles a pixel
  double along_y = 0;
  Colour colour{};
};

/// What the pictures of one kind have in common: a textured, tinted ellipse.
struct Prototype {
  std::array<Grating, 2> texture{};
  Colour tint{};
  double home_x = 0, home_y = 0;  ///< its usual place
  double radius_x = 0, radius_y = 0;
};

/// How hard the pictures are.
struct Difficulty {
  std::size_t prototypes = 3;  ///< kinds a class has
  double noise = 0;            ///< standard deviation of the pixel noise, in byte levels
  double distraction = 1;      ///< strength of what tells nothing about the class
  double tint = 1;             ///< strength of the prototype's own colour
};

/// Draws 32 x 32 colour pictures of a given class. One picture is: a prototype of the class at a
/// jittered place, size, tilt, contrast and colour with gratings of random phase; two gratings of
/// random direction and colour and a random bright or dark disc that tell nothing about the class;
/// pixel noise. Const after construction: several threads at a time.
class Textures {
 public:
  static constexpr std::size_t side = 32;
  static constexpr std::size_t bytes = 3 * side * side;

  /// Prototypes are keyed by `random`. Cost: nothing worth counting.
  Textures(Random random, std::size_t classes, const Difficulty& difficulty);

  /// Writes one picture, planar: a pure function of the key of `random` and of this object.
  /// Cost: about 30 us.
  void draw(Random random, std::size_t label, std::span<unsigned char> out) const;

 private:
  Difficulty difficulty_;
  std::vector<Prototype> prototypes_;  // [classes, difficulty.prototypes]
};

}  // namespace gapbench::data
