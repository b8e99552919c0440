#include "data/split.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "gapbench/error.h"
#include "gapbench/random.h"

namespace gapbench::data {
namespace {

void require_sizes(const Request& request, std::size_t train_records, std::size_t test_records) {
  if (request.validation >= train_records) {
    throw Error("validation",
                fmt::format("{} asked, {} has {} training records; at most {} leaves "
                            "a training part",
                            request.validation, request.name, train_records, train_records - 1));
  }
  const std::size_t left = train_records - request.validation;
  if (request.train > left) {
    throw Error("train",
                fmt::format("{} asked, {} has {}, {} of them for validation; at most {} left",
                            request.train, request.name, train_records, request.validation, left));
  }
  if (request.test > test_records) {
    throw Error("test", fmt::format("{} asked, {} has {} test records", request.test, request.name,
                                    test_records));
  }
}

/// n - round((1 - f) n): what numpy's rounding leaves of n rows beside a training part of that size.
std::size_t drawn_test_records(const Request& request, std::size_t records) {
  const auto n = static_cast<double>(records);
  const auto test =
      records - static_cast<std::size_t>(std::nearbyint(n * (1 - request.test_fraction)));
  if (test > 0 && test < records) return test;
  throw Error("test_fraction",
              fmt::format("{} of the {} records of {} are {}; both parts need one at least",
                          request.test_fraction, records, request.name, test));
}

std::vector<std::uint32_t> numbered(std::size_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0U);
  return numbers;
}

}  // namespace

Split::Split(const Request& request, std::size_t train_records, std::size_t test_records) {
  const auto of = [this](Part part) -> auto& { return parts_[static_cast<std::size_t>(part)]; };
  std::vector<std::uint32_t> order = numbered(train_records);
  if (request.test_fraction > 0) {
    // Shuffled by a key of its own: the same test part for any validation part.
    const std::size_t drawn = drawn_test_records(request, train_records);
    Random(request.split_seed).at("test split").shuffle(order);
    require_sizes(request, train_records - drawn, drawn);
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(drawn);
    of(Part::test)
        .assign(order.begin(), request.test == 0
                                   ? end
                                   : order.begin() + static_cast<std::ptrdiff_t>(request.test));
    order.erase(order.begin(), end);
  } else {
    require_sizes(request, train_records, test_records);
    Random(request.split_seed).at("split").shuffle(order);
    of(Part::test) = numbered(request.test == 0 ? test_records : request.test);
  }
  const auto first = order.begin() + static_cast<std::ptrdiff_t>(request.validation);
  of(Part::validation).assign(order.begin(), first);
  of(Part::train)
      .assign(first, request.train == 0 ? order.end()
                                        : first + static_cast<std::ptrdiff_t>(request.train));
}

void Split::rename(std::span<const std::uint32_t> train,
                   std::span<const std::uint32_t> test) noexcept {
  for (const Part part : {Part::train, Part::validation, Part::test}) {
    const auto names = part == Part::test ? test : train;
    for (std::uint32_t& record : parts_[static_cast<std::size_t>(part)]) record = names[record];
  }
}

}  // namespace gapbench::data
