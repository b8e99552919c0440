#include "data/split.h"

#include <fmt/format.h>

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

std::vector<std::uint32_t> numbered(std::size_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0U);
  return numbers;
}

}  // namespace

Split::Split(const Request& request, std::size_t train_records, std::size_t test_records) {
  require_sizes(request, train_records, test_records);
  std::vector<std::uint32_t> order = numbered(train_records);
  Random(request.split_seed).at("split").shuffle(order);
  const std::size_t left = train_records - request.validation;
  const auto first = order.begin() + static_cast<std::ptrdiff_t>(request.validation);
  const auto last = first + static_cast<std::ptrdiff_t>(request.train == 0 ? left : request.train);
  parts_[static_cast<std::size_t>(Part::validation)].assign(order.begin(), first);
  parts_[static_cast<std::size_t>(Part::train)].assign(first, last);
  parts_[static_cast<std::size_t>(Part::test)] =
      numbered(request.test == 0 ? test_records : request.test);
}

}  // namespace gapbench::data
