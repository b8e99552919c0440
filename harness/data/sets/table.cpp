#include <algorithm>
#include <iterator>

#include "core/nearest.h"
#include "data/sets/set.h"
#include "gapbench/error.h"

namespace gapbench::data {

using Make = std::unique_ptr<const Set>();
Make make_synthetic10, make_synthetic100, make_cifar10, make_cifar100, make_mnist,
    make_mnist_binary, make_fashion_mnist, make_images, make_csv_regression, make_sinusoid;

namespace {

constexpr Make* makers[] = {
    make_synthetic10,  make_synthetic100,  make_cifar10, make_cifar100,       make_mnist,
    make_mnist_binary, make_fashion_mnist, make_images,  make_csv_regression, make_sinusoid,
};

std::vector<std::unique_ptr<const Set>> make_all() {
  std::vector<std::unique_ptr<const Set>> all;
  std::transform(std::begin(makers), std::end(makers), std::back_inserter(all),
                 [](Make* make) { return make(); });
  return all;
}

std::vector<Kind> all_kinds() {
  std::vector<Kind> kinds;
  for (const auto& set : sets()) kinds.push_back(set->kind());
  return kinds;
}

}  // namespace

std::span<const std::unique_ptr<const Set>> sets() {
  static const std::vector<std::unique_ptr<const Set>> all = make_all();
  return all;
}

const Set& find_set(const std::string& name, std::span<const std::string> others) {
  std::vector<std::string> names(others.begin(), others.end());
  for (const auto& set : sets()) {
    if (set->answers_to(name)) return *set;
    names.emplace_back(set->kind().name);
  }
  throw Error(name, "is not a data set" + did_you_mean(name, names));
}

std::span<const Kind> kinds() {
  static const std::vector<Kind> all = all_kinds();
  return all;
}

bool has_kind(const std::string& name) {
  return std::ranges::any_of(sets(), [&](const auto& set) { return set->answers_to(name); });
}

const Kind& find_kind(const std::string& name, std::span<const std::string> others) {
  return find_set(name, others).kind();
}

}  // namespace gapbench::data
