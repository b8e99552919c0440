#include "data/label_noise.h"

#include <fmt/format.h>

#include "gapbench/error.h"
#include "gapbench/random.h"

namespace gapbench::data {

double label_noise(const Request& request) {
  const bool of_its_own = request.options.values().contains("label_noise");
  return of_its_own ? request.options.real("label_noise") : request.label_noise;
}

void require_labels(const Kind& kind, const Request& request) {
  if (!kind.regression || request.label_noise == 0) return;
  throw Error("label_noise", fmt::format("{} is a regression set and has no labels; leave "
                                         "label_noise out",
                                         request.name));
}

void draw_labels(const Request& request, std::size_t classes,
                 std::span<const std::uint32_t> records, std::span<std::int32_t> labels) {
  const double share = label_noise(request);
  if (share == 0) return;
  const Random random(request.label_seed);
  for (const std::uint32_t record : records) {
    Random chance = random.at("label noise", record);
    if (chance.uniform() < share) {
      labels[record] = static_cast<std::int32_t>(chance.below(classes));
    }
  }
}

std::string label_note(const Request& request, std::size_t classes) {
  const double share = label_noise(request);
  if (share == 0) return "";
  return fmt::format(
      "{}: {:g} % of the training labels drawn at random among all {} classes (label_seed {}); "
      "validation and test labels as they were",
      request.name, 100 * share, classes, request.label_seed);
}

}  // namespace gapbench::data
