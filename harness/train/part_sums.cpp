#include "train/part_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gapbench/error.h"
#include "train/settings.h"

namespace gapbench::train {
namespace {

constexpr std::size_t bins = 15;

/// p_c log p_c, 0 at 0.
double negative_entropy(std::span<const double> p) {
  double sum = 0;
  for (const double x : p) sum += x > 0 ? x * std::log(x) : 0;
  return sum;
}

void softmax(std::span<const float> z, std::span<double> p) {
  const double highest = *std::max_element(z.begin(), z.end());
  double sum = 0;
  for (std::size_t c = 0; c < z.size(); ++c) sum += p[c] = std::exp(z[c] - highest);
  for (double& x : p) x /= sum;
}

template <class Row>
std::size_t argmax(const Row& row) {  // ties go to the lower class
  return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

}  // namespace

void PartSums::add(Team& team, const Draw& draw) {
  const std::size_t chunks = (sums_.size() + default_micro_batch - 1) / default_micro_batch;
  team.for_each(chunks, [&](Slot& slot, std::size_t chunk) {
    const std::size_t first = chunk * default_micro_batch;
    Examples asked{part_, std::span(indices_).subspan(
                              first, std::min(default_micro_batch, sums_.size() - first))};
    asked.noise = draw.noise;
    asked.shift = shift_;
    slot.counts.forward += static_cast<double>(asked.indices.size());
    Outputs z = slot.passes->forward(draw.point, asked, Mode::evaluation);
    if (draw.direction == nullptr) return add(z, first);
    slot.counts.tangent_forward += static_cast<double>(asked.indices.size());
    std::vector<float> moved(z.values.begin(), z.values.end());
    const auto tangent = slot.passes->tangent_forward(*draw.direction);
    for (std::size_t e = 0; e < moved.size(); ++e) moved[e] += tangent[e];
    z.values = moved;
    add(z, first);
  });
  ++draws_;
}

void PartSums::add(const Outputs& z, std::size_t first) {
  if (draws_ == 0 && first == 0) labelled_ = !z.labels.empty();
  std::array<double, default_micro_batch> losses{};
  const std::span<double> values(losses.data(), z.examples);
  if (likelihood_ != nullptr) {
    likelihood_->values(z, values);
    for (std::size_t i = 0; i < z.examples; ++i) sums_[first + i].likelihood.add(-values[i]);
  }
  if (likelihood_ != &problem_.loss()) problem_.loss().values(z, values);
  std::vector<double> p(width_);
  for (std::size_t i = 0; i < z.examples; ++i) {
    ExampleSums& sums = sums_[first + i];
    sums.loss += last_[first + i] = values[i];
    const auto row = z.values.subspan(i * width_, width_);
    if (!z.labels.empty()) {
      labels_[first + i] = static_cast<std::size_t>(z.labels[i]);
      sums.errors += argmax(row) == labels_[first + i] ? 0 : 1;
    } else if (draws_ == 0) {
      std::ranges::copy(z.targets.subspan(i * width_, width_),
                        targets_.begin() + static_cast<std::ptrdiff_t>((first + i) * width_));
    }
    if (by_class_) {
      softmax(row, p);
      sums.negative_entropy += negative_entropy(p);
    } else {
      std::ranges::copy(row, p.begin());
    }
    for (std::size_t c = 0; c < width_; ++c) mean_[(first + i) * width_ + c] += p[c];
  }
}

PartPrediction PartSums::result() {
  const auto draws = static_cast<double>(draws_);
  const auto examples = static_cast<double>(sums_.size());
  for (double& x : mean_) x /= draws;
  PartPrediction result;
  result.examples = sums_.size();
  result.draws = draws_;
  double loss = 0;
  double errors = 0;
  double likelihood = 0;
  for (const ExampleSums& s : sums_) {
    loss += s.loss / draws;
    errors += s.errors / draws;
    if (likelihood_ != nullptr) likelihood += s.likelihood.value() - std::log(draws);
  }
  result.gibbs_loss = loss / examples;
  if (likelihood_ != nullptr) result.nll = -likelihood / examples;
  if (labelled_) {
    result.gibbs_error = errors / examples;
    score_classes(result);
  } else {
    score_targets(result);
  }
  for (const auto& [name, score] : prediction_scores) {
    if (!(result.*score) || std::isfinite(*(result.*score))) continue;
    throw Error("predictions", fmt::format("{} of the {} part is {}", name,
                                           predicted_parts[static_cast<std::size_t>(part_)].name,
                                           *(result.*score)));
  }
  return result;
}

void PartSums::score_classes(PartPrediction& result) const {
  std::vector<CalibrationBin> calibration(bins);  // sums, until they are divided
  double correct = 0;
  double squares = 0;
  double entropy = 0;
  double of_draws = 0;
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const auto p = mean(i);
    const std::size_t best = argmax(p);
    const double hit = best == labels_[i] ? 1 : 0;
    correct += hit;
    if (!by_class_) continue;
    for (std::size_t c = 0; c < width_; ++c) {
      const double miss = p[c] - (c == labels_[i] ? 1 : 0);
      squares += miss * miss;
    }
    entropy -= negative_entropy(p);
    of_draws -= sums_[i].negative_entropy / static_cast<double>(draws_);
    const double place = std::ceil(p[best] * bins) - 1;  // (b / 15, (b + 1) / 15]
    CalibrationBin& bin = calibration[static_cast<std::size_t>(std::clamp(place, 0.0, bins - 1.0))];
    ++bin.examples;
    bin.accuracy += hit;
    bin.confidence += p[best];
  }
  const auto examples = static_cast<double>(sums_.size());
  result.accuracy = correct / examples;
  if (!by_class_) return;
  result.brier = squares / examples;
  result.entropy = entropy / examples;
  result.mutual_information = std::max(0.0, (entropy - of_draws) / examples);
  double gap = 0;
  for (CalibrationBin& bin : calibration) {
    gap += std::abs(bin.accuracy - bin.confidence);
    if (bin.examples == 0) continue;
    bin.accuracy /= static_cast<double>(bin.examples);
    bin.confidence /= static_cast<double>(bin.examples);
  }
  result.ece = gap / examples;
  result.bins = std::move(calibration);
}

void PartSums::score_targets(PartPrediction& result) const {
  double squares = 0;
  for (std::size_t e = 0; e < mean_.size(); ++e) {
    const double miss = scale(e % width_) * (mean_[e] - targets_[e]);
    squares += miss * miss;
  }
  result.rmse = std::sqrt(squares / static_cast<double>(mean_.size()));
  // A density of y = scale t is that of t over the scale.
  for (std::size_t d = 0; result.nll && d < width_; ++d) *result.nll += std::log(scale(d));
}

}  // namespace gapbench::train
