#include "compare/statistics/image_sampling.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "compare/statistics/sample.h"
#include "gapbench/error.h"

namespace gapbench::compare {

std::optional<ImageSampling> image_sampling(std::span<const double> by_image, double confidence) {
  require_level("image sampling", confidence);
  for (std::size_t i = 0; i < by_image.size(); ++i) {
    if (std::abs(by_image[i]) <= 1) continue;
    throw Error(
        "image sampling",
        fmt::format("image {} has {}, a difference of two shares is in [-1, 1]", i, by_image[i]));
  }
  if (by_image.size() < 2) return std::nullopt;
  const Statistic s = summary(by_image);
  ImageSampling result{s.n, s.mean, s.deviation / std::sqrt(static_cast<double>(s.n)), 1};
  const double reach =
      boost::math::quantile(boost::math::normal(), (1 + confidence) / 2) * result.error;
  if (reach < std::abs(s.mean)) result.share = reach / std::abs(s.mean);
  return result;
}

}  // namespace gapbench::compare
