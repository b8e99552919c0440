#include "nn/layers/normalization/stage.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace gapbench::nn {
namespace {

constexpr std::size_t usual_width = 256;  // floats in a row: a few arrays of them fit the L1 cache
constexpr std::size_t coefficient_arrays = 6;

std::size_t width_for(std::size_t channels) {
  return channels * std::max<std::size_t>(1, usual_width / channels);
}

Grouping by_examples(Grouping grouping) {
  grouping.per_slice = 1;
  return grouping;
}

const NormalizationWeights& own(const Weights& w) {
  return static_cast<const NormalizationWeights&>(w);
}

}  // namespace

template <class T>
NormalizationStage<T>::NormalizationStage(const Grouping& grouping, const Flow& x, const Flow& y,
                                          const NormalizationEnding& ending,
                                          std::span<float> statistics)
    : grouping_(grouping),
      x_(view<T>(x)),
      y_(view<T>(y)),
      addend_(view<T>(ending.addend)),
      rectifier_(ending.rectifier),
      statistics_(statistics),
      width_(width_for(grouping.lanes)),
      groups_(grouping.slices() * grouping.groups),
      channels_(grouping.slices() * grouping.channels),
      total_(grouping.channels),
      sums_(grouping, width_),
      example_sums_(by_examples(grouping), width_),
      coefficients_(coefficient_arrays * width_) {}

template <class T>
template <class F>
void NormalizationStage<T>::for_each_plane(std::size_t slice, F f) {
  for (std::size_t plane = 0; plane < grouping_.planes(); ++plane) f(Place{slice, plane});
}

template <class T>
template <class F>
void NormalizationStage<T>::for_each_run(Place place, F f) const {
  for (std::size_t piece = 0; piece < grouping_.pieces(place.slice); ++piece) {
    f(grouping_.offset(place.slice, piece, place.plane),
      sweep::Rows{grouping_.run(place.slice), width_});
  }
}

template <class T>
template <class F>
const float* NormalizationStage<T>::coefficients(Place place, std::size_t k, F f) {
  assert(k < coefficient_arrays);
  float* const row = coefficients_.data() + k * width_;
  const std::size_t first = place.plane * grouping_.lanes;
  for (std::size_t i = 0; i < grouping_.lanes; ++i) {
    row[i] = static_cast<float>(f(group(place.slice, first + i), first + i));
  }
  for (std::size_t i = grouping_.lanes; i < width_; ++i) row[i] = row[i - grouping_.lanes];
  return row;
}

template <class T>
const float* NormalizationStage<T>::means(Place place) {
  return coefficients(place, 0, [](const Group& g, std::size_t) { return g.mean; });
}

template <class T>
void NormalizationStage<T>::forward(const Weights& w, Mode mode) {
  const auto running = own(w).running();
  const auto scale = own(w).scale();
  const auto shift = own(w).shift();
  constant_ = mode == Mode::evaluation && !running.empty();
  const auto slope = [&](const Group& g, std::size_t c) { return g.rate * scale[c]; };
  const auto add = [&](const Group& g, std::size_t c) { return shift[c] - slope(g, c) * g.rest; };
  for (std::size_t s = 0; s < grouping_.slices(); ++s) {
    if (constant_) {
      adopt(s, running);
    } else {
      measure(s);
    }
    for_each_plane(s, [&](Place p) {
      const sweep::Line k{means(p), coefficients(p, 1, slope), coefficients(p, 2, add)};
      for_each_run(p, [&](std::size_t at, sweep::Rows rows) {
        const sweep::After<T> after{from(addend_.value, at), rectifier_};
        sweep::normalize(rows, x_.value + at, k, after, y_.value + at);
      });
    });
  }
  if (mode == Mode::training) report();
}

// The sums are taken around each channel's first value: far from 0 the square of the mean would
// swallow the variance.
template <class T>
void NormalizationStage<T>::measure(std::size_t slice) {
  const auto first = [&](std::size_t c) {
    return widen(x_.value[grouping_.offset(slice, 0, c / grouping_.lanes) + c % grouping_.lanes]);
  };
  for_each_plane(slice, [&](Place p) {
    const float* const shift =
        coefficients(p, 0, [&](const Group&, std::size_t c) { return first(c); });
    sums_.over(slice, p.plane, [&](std::size_t at, sweep::Rows rows, float* one, float* two) {
      sweep::add_moments(rows, x_.value + at, shift, one, two);
    });
  });
  const auto rows = static_cast<double>(grouping_.rows(slice));
  const double members = grouping_.members(slice);
  std::ranges::fill(groups(slice), Group{});
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    group(slice, c).mean += (sums_.one(c) + rows * first(c)) / members;
  }
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    Group& g = group(slice, c);
    const double off = first(c) - g.mean;  // sum of (x - mean)^2, from sums around the shift
    g.variance += (sums_.two(c) + 2 * off * sums_.one(c) + rows * off * off) / members;
  }
  for (Group& g : groups(slice)) {
    g.variance = std::max(g.variance, 0.0);
    g.rest = g.mean - static_cast<float>(g.mean);
    g.rate = 1 / std::sqrt(g.variance + Normalization::epsilon);
  }
}

template <class T>
void NormalizationStage<T>::adopt(std::size_t slice, std::span<const float> running) {
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    Group& g = group(slice, c);
    g = {};
    g.mean = running[c];
    g.variance = running[grouping_.channels + c];
    g.rate = 1 / std::sqrt(g.variance + Normalization::epsilon);
  }
}

// Of several slices the average, each weighing as many as its examples.
template <class T>
void NormalizationStage<T>::report() {
  if (statistics_.empty()) return;
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    double mean = 0;
    double variance = 0;
    for (std::size_t s = 0; s < grouping_.slices(); ++s) {
      const double members = grouping_.members(s);
      const double unbias = members > 1 ? members / (members - 1) : 1;
      const double share =
          static_cast<double>(grouping_.members_of(s)) / static_cast<double>(grouping_.examples);
      mean += share * group(s, c).mean;
      variance += share * group(s, c).variance * unbias;
    }
    statistics_[c] = static_cast<float>(mean);
    statistics_[grouping_.channels + c] = static_cast<float>(variance);
  }
}

template <class T>
void NormalizationStage<T>::backward(const Weights& w, std::span<float> out) {
  const auto scale = own(w).scale();
  const auto slope = [&](const Group& g, std::size_t c) { return g.rate * scale[c]; };
  const auto turn = [](const Group& g, std::size_t) { return -g.rate * g.rate * g.twist; };
  const auto add = [&](const Group& g, std::size_t c) {
    return -g.rate * g.pull - turn(g, c) * g.rest;
  };
  std::ranges::fill(total_, Channel{});
  for (std::size_t s = 0; s < grouping_.slices(); ++s) {
    sum_gradients(s, scale);
    if (!varies()) continue;
    for_each_plane(s, [&](Place p) {
      const sweep::Pair k{means(p), coefficients(p, 1, slope), coefficients(p, 2, turn),
                          coefficients(p, 3, add)};
      for_each_run(p, [&](std::size_t at, sweep::Rows rows) {
        sweep::combine(rows, y_.cotangent + at, x_.value + at, k, {}, x_.cotangent + at);
      });
    });
  }
  deliver(out);
}

template <class T>
void NormalizationStage<T>::sum_gradients(std::size_t slice, std::span<const float> scale) {
  for_each_plane(slice, [&](Place p) {
    const float* const mean = means(p);
    sums_.over(slice, p.plane, [&](std::size_t at, sweep::Rows rows, float* one, float* two) {
      T* const dy = y_.cotangent + at;
      if (rectifier_) {
        sweep::mask_and_add_products(rows, y_.value + at, dy, x_.value + at, mean, one, two);
      } else {
        sweep::add_products(rows, dy, x_.value + at, mean, one, two);
      }
    });
  });
  const double members = grouping_.members(slice);
  for (Group& g : groups(slice)) g.pull = g.twist = 0;
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    Group& g = group(slice, c);
    const Channel sum{sums_.one(c), g.rate * (sums_.two(c) - g.rest * sums_.one(c))};
    channel(slice, c) = sum;
    total_[c].shift += sum.shift;
    total_[c].scale += sum.scale;
    if (constant_) continue;
    g.pull += scale[c] * sum.shift / members;
    g.twist += scale[c] * sum.scale / members;
  }
}

template <class T>
void NormalizationStage<T>::tangent_forward(const Weights& w, const Weights& v) {
  const auto scale = own(w).scale();
  const auto moved_scale = own(v).scale();
  const auto moved_shift = own(v).shift();
  const auto slope = [&](const Group& g, std::size_t c) { return g.rate * scale[c]; };
  const auto turn = [&](const Group& g, std::size_t c) {
    return g.rate * (moved_scale[c] - scale[c] * g.rate * g.spread);
  };
  const auto add = [&](const Group& g, std::size_t c) {
    return moved_shift[c] - slope(g, c) * g.moved_mean - turn(g, c) * g.rest;
  };
  for (std::size_t s = 0; s < grouping_.slices(); ++s) {
    sum_tangents(s);
    for_each_plane(s, [&](Place p) {
      const sweep::Pair k{means(p), coefficients(p, 1, slope), coefficients(p, 2, turn),
                          coefficients(p, 3, add)};
      for_each_run(p, [&](std::size_t at, sweep::Rows rows) {
        const sweep::Behind<T> behind{from(addend_.tangent, at), from(mask(), at)};
        sweep::combine(rows, x_.tangent + at, x_.value + at, k, behind, y_.tangent + at);
      });
    });
  }
}

template <class T>
void NormalizationStage<T>::sum_tangents(std::size_t slice) {
  for (Group& g : groups(slice)) g.moved_mean = g.spread = 0;
  if (constant_ || !varies()) return;
  for_each_plane(slice, [&](Place p) {
    const float* const mean = means(p);
    sums_.over(slice, p.plane, [&](std::size_t at, sweep::Rows rows, float* one, float* two) {
      sweep::add_products(rows, x_.tangent + at, x_.value + at, mean, one, two);
    });
  });
  const double members = grouping_.members(slice);
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    Group& g = group(slice, c);
    g.moved_mean += sums_.one(c) / members;
    g.spread += g.rate * (sums_.two(c) - g.rest * sums_.one(c)) / members;
  }
}

// (dx)' with n and n' written out: r { s dy' + (s' - r C s) dy - r B x' + r (2 r C B - B') (x - mu)
// - A' + r C A + r B mu' }.
template <class T>
void NormalizationStage<T>::tangent_backward(const Weights& w, const Weights& v,
                                             std::span<float> out) {
  const auto scale = own(w).scale();
  const auto moved_scale = own(v).scale();
  const auto of_moved_g = [&](const Group& g, std::size_t c) { return g.rate * scale[c]; };
  const auto of_g = [&](const Group& g, std::size_t c) {
    return g.rate * (moved_scale[c] - g.rate * g.spread * scale[c]);
  };
  const auto of_moved_x = [](const Group& g, std::size_t) { return -g.rate * g.rate * g.twist; };
  const auto of_x = [](const Group& g, std::size_t) {
    return g.rate * g.rate * (2 * g.rate * g.spread * g.twist - g.moved_twist);
  };
  const auto add = [&](const Group& g, std::size_t c) {
    return g.rate * (g.rate * g.spread * g.pull - g.moved_pull) - of_moved_x(g, c) * g.moved_mean -
           of_x(g, c) * g.rest;
  };
  std::ranges::fill(total_, Channel{});
  for (std::size_t s = 0; s < grouping_.slices(); ++s) {
    sum_moved_gradients(s, scale, moved_scale);
    if (!varies()) continue;
    for_each_plane(s, [&](Place p) {
      const sweep::Quad k{means(p),
                          coefficients(p, 1, of_moved_g),
                          coefficients(p, 2, of_g),
                          coefficients(p, 3, of_moved_x),
                          coefficients(p, 4, of_x),
                          coefficients(p, 5, add)};
      for_each_run(p, [&](std::size_t at, sweep::Rows rows) {
        sweep::combine_moved(rows, streams(at), k, x_.cotangent_tangent + at);
      });
    });
  }
  deliver(out);
}

template <class T>
void NormalizationStage<T>::sum_moved_gradients(std::size_t slice, std::span<const float> scale,
                                                std::span<const float> moved_scale) {
  for_each_plane(slice, [&](Place p) {
    const float* const mean = means(p);
    const float* const moved_mean =
        coefficients(p, 1, [](const Group& g, std::size_t) { return g.moved_mean; });
    sums_.over(slice, p.plane, [&](std::size_t at, sweep::Rows rows, float* one, float* two) {
      sweep::add_moved_products(rows, streams(at), from(mask(), at), mean, moved_mean, one, two);
    });
  });
  const double members = grouping_.members(slice);
  for (Group& g : groups(slice)) g.moved_pull = g.moved_twist = 0;
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    Group& g = group(slice, c);
    const Channel& sum = channel(slice, c);
    // dy n' = r dy (x' - mu') - r C dy n
    const double two = sums_.two(c) - g.rest * sums_.one(c);
    const Channel moved{sums_.one(c), g.rate * (two - g.spread * sum.scale)};
    total_[c].shift += moved.shift;
    total_[c].scale += moved.scale;
    if (constant_) continue;
    g.moved_pull += (moved_scale[c] * sum.shift + scale[c] * moved.shift) / members;
    g.moved_twist += (moved_scale[c] * sum.scale + scale[c] * moved.scale) / members;
  }
}

// Where the examples of a slice are several, backward has kept their sums only together.
template <class T>
void NormalizationStage<T>::add_example_norms(std::span<double> totals) {
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const std::size_t slice = i / grouping_.per_slice;
    if (grouping_.per_slice > 1) sum_gradients_of_example(i);
    for (std::size_t c = 0; c < grouping_.channels; ++c) {
      Channel sum = channel(slice, c);
      if (grouping_.per_slice > 1) {
        const Group& g = group(slice, c);
        sum.shift = example_sums_.one(c);
        sum.scale = g.rate * (example_sums_.two(c) - g.rest * sum.shift);
      }
      totals[i] += sum.shift * sum.shift + sum.scale * sum.scale;
    }
  }
}

// Backward has left the mask in dy.
template <class T>
void NormalizationStage<T>::sum_gradients_of_example(std::size_t example) {
  for_each_plane(example / grouping_.per_slice, [&](Place p) {
    const float* const mean = means(p);
    example_sums_.over(
        example, p.plane, [&](std::size_t at, sweep::Rows rows, float* one, float* two) {
          sweep::add_products(rows, y_.cotangent + at, x_.value + at, mean, one, two);
        });
  });
}

template <class T>
void NormalizationStage<T>::deliver(std::span<float> out) const {
  if (out.empty()) return;
  for (std::size_t c = 0; c < grouping_.channels; ++c) {
    out[c] = static_cast<float>(total_[c].scale);
    out[grouping_.channels + c] = static_cast<float>(total_[c].shift);
  }
}

template class NormalizationStage<float>;
template class NormalizationStage<Bf16>;

}  // namespace gapbench::nn
