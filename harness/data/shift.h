// Test images as they might come: corrupted by gapbench itself.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "data/data.h"

namespace gapbench::data {

/// Kinds of corruption, in the manner of Hendrycks and Dietterich 2019, "Benchmarking neural network
/// robustness to common corruptions and perturbations"; none of their files is needed, and the images
/// are not theirs. x are the bytes of an image over 255, and s = 1 ... 5 is the severity:
///
///   gaussian_noise  x + d e, e ~ N(0, 1) for every byte       d = .04 .06 .08 .09 .10
///   blur            Gaussian of deviation d pixels            d = .4 .6 .7 .8 1
///   brightness      the largest channel v of a pixel becomes min(v + c, 1), the others in proportion
///                   (the V of HSV)                            c = .05 .1 .15 .2 .3
///   contrast        m + c (x - m), m the mean of the channel  c = .75 .5 .4 .3 .15
///   rotation        about the middle by an angle, to either side, bilinear   10 20 30 40 50 degrees
///
/// The first four have the constants of their CIFAR-10-C; rotation is not among their kinds. Pixels
/// beyond the edge are those of the edge. Results are cut to 0 ... 1 and rounded to bytes.
inline constexpr std::array shift_kinds = {"gaussian_noise", "blur", "brightness", "contrast",
                                           "rotation"};
inline constexpr std::size_t severities = 5;

/// "gaussian_noise-1", ..., "rotation-5": kind by kind.
std::span<const std::string> shift_names();

/// Writes the image under shift_names()[way]. Both are planar bytes, [channels, height, width]; `in`
/// and `out` may not overlap. A pure function of its arguments: noise and the side of a rotation are
/// keyed by the kind and `record`, the official number of the test record, and are the same at every
/// severity, in every trial and on any number of threads. Cost: 10 to 100 us for 32 x 32 x 3.
void shift_image(std::size_t way, const Shape& shape, std::uint32_t record, const unsigned char* in,
                 std::span<unsigned char> out);

}  // namespace gapbench::data
