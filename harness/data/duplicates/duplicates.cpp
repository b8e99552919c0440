#include "data/duplicates/duplicates.h"

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "data/duplicates/candidates.h"
#include "gapbench/error.h"

namespace gapbench::data::duplicates {
namespace {

constexpr std::size_t looked_at = 100;
constexpr std::size_t refined = 10;
constexpr std::size_t smallest = 16;  // pixels of a side

class Finder {
 public:
  Finder(const Shape& shape, const ImageRecords& records)
      : shape_(shape), records_(records), candidates_(shape, records.train) {
    for (std::size_t i = 0; i < records.train.images.size(); ++i) {
      same_.emplace(bytes(records.train.images[i]), static_cast<std::uint32_t>(i));
    }
  }

  Duplicate nearest(std::uint32_t test) const {
    const unsigned char* pixels = records_.test.images[test];
    if (const auto same = same_.find(bytes(pixels)); same != same_.end()) {
      return {test, same->second, 0, {}};
    }
    const std::vector<float> plain = brightness(shape_, pixels, false);
    const std::vector<float> flipped = brightness(shape_, pixels, true);
    const std::array<Features, 2> features{Features(shape_, plain), Features(shape_, flipped)};
    Aligner aligner(shape_);
    Duplicate nearest{test, 0, 2, {}};
    for (const Start& s :
         starts(candidates_.nearest(plain, flipped, looked_at), features, aligner)) {
      const Alignment found =
          aligner.refine(features[s.at.transform.flipped ? 1 : 0], s.features, s.at.transform);
      if (found.distance < nearest.distance ||
          (found.distance == nearest.distance && s.train < nearest.train)) {
        nearest = {test, s.train, found.distance, found.transform};
      }
    }
    return nearest;
  }

 private:
  /// A candidate as it lies.
  struct Start {
    std::uint32_t train;
    Features features;
    Alignment at;
  };

  std::string_view bytes(const unsigned char* pixels) const {
    return {reinterpret_cast<const char*>(pixels), shape_.size()};
  }

  std::vector<Start> starts(const std::vector<Candidate>& candidates,
                            const std::array<Features, 2>& test, Aligner& aligner) const {
    std::vector<Start> all;
    for (const Candidate& c : candidates) {
      all.push_back({c.train,
                     Features(shape_, brightness(shape_, records_.train.images[c.train], false)),
                     {}});
      Start& start = all.back();
      for (const Transform& t : c.starts) {
        const double d = aligner.rough_distance(test[t.flipped ? 1 : 0], start.features, t);
        if (d < start.at.distance) start.at = {d, t};
      }
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Start& a, const Start& b) { return a.at.distance < b.at.distance; });
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(std::min(refined, all.size())), all.end());
    return all;
  }

  Shape shape_;
  const ImageRecords& records_;
  Candidates candidates_;
  std::unordered_map<std::string_view, std::uint32_t> same_;  // the first of equals
};

/// Calls `progress` after each step, one call at a time.
class Count {
 public:
  Count(const Search& search, std::size_t all) : search_(search), all_(all) {}
  void add() {
    if (!search_.progress) return;
    const std::scoped_lock lock(mutex_);
    search_.progress(++done_, all_);
  }

 private:
  const Search& search_;
  std::size_t all_;
  std::size_t done_ = 0;
  std::mutex mutex_;
};

}  // namespace

std::vector<Duplicate> find(const Shape& shape, const ImageRecords& records, const Search& search) {
  if (shape.height < smallest || shape.width < smallest) {
    throw Error("duplicates", fmt::format("images are {} x {}, at least {} x {} wanted",
                                          shape.height, shape.width, smallest, smallest));
  }
  const Finder finder(shape, records);
  std::vector<Duplicate> all(records.test.images.size());
  Count count(search, all.size());
  const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                          search.threads);
  oneapi::tbb::task_arena arena(static_cast<int>(search.threads));
  arena.execute([&] {
    oneapi::tbb::parallel_for(std::size_t{0}, all.size(), [&](std::size_t i) {
      all[i] = finder.nearest(static_cast<std::uint32_t>(i));
      count.add();
    });
  });
  std::erase_if(all, [&](const Duplicate& d) { return !(d.distance <= search.threshold); });
  return all;
}

}  // namespace gapbench::data::duplicates
