#include "data/duplicates/candidates.h"

#include <algorithm>
#include <numeric>

namespace gapbench::data::duplicates {
namespace {

std::vector<std::int32_t> largest_products(std::span<const Descriptor> train,
                                           std::span<const Descriptor> views) {
  std::vector<std::int32_t> out;
  out.reserve(train.size());
  for (const Descriptor& image : train) {
    std::int32_t most = product(image, views.front());
    for (const Descriptor& view : views.subspan(1)) most = std::max(most, product(image, view));
    out.push_back(most);
  }
  return out;
}

/// `views`: first the unflipped half, then the flipped.
std::vector<Transform> nearest_views(const Descriptor& train, std::span<const Descriptor> views) {
  constexpr std::size_t kept = 4;
  std::vector<std::int32_t> products;
  for (const Descriptor& view : views) products.push_back(product(train, view));
  std::vector<std::size_t> order(views.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::partial_sort(order.begin(), order.begin() + kept, order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return products[a] != products[b] ? products[a] > products[b] : a < b;
                    });
  std::vector<Transform> out;
  for (const std::size_t index : std::span(order).first(kept)) {
    out.push_back(Describer::transform(index % (views.size() / 2)));
    out.back().flipped = index >= views.size() / 2;
  }
  return out;
}

}  // namespace

Candidates::Candidates(const Shape& shape, const ImagePart& train) : describer_(shape) {
  for (const unsigned char* image : train.images) {
    train_.push_back(describer_.plain(brightness(shape, image, false)));
  }
}

std::vector<Candidate> Candidates::nearest(std::span<const float> plain,
                                           std::span<const float> flipped,
                                           std::size_t count) const {
  std::vector<Descriptor> views = describer_.views(plain);
  const std::vector<Descriptor> mirrored = describer_.views(flipped);
  views.insert(views.end(), mirrored.begin(), mirrored.end());
  const std::vector<std::int32_t> most = largest_products(train_, views);
  std::vector<std::uint32_t> order(train_.size());
  std::iota(order.begin(), order.end(), 0U);
  const std::size_t kept = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      return most[a] != most[b] ? most[a] > most[b] : a < b;
                    });
  std::vector<Candidate> out;
  for (const std::uint32_t train : std::span(order).first(kept)) {
    out.push_back({train, nearest_views(train_[train], views)});
  }
  return out;
}

}  // namespace gapbench::data::duplicates
