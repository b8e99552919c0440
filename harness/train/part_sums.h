// The predictions of one part summed up draw by draw, and their scores.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "gapbench/problem.h"
#include "train/outcome.h"
#include "train/team.h"

namespace gapbench::train {

/// log of a sum of exponentials, term by term.
class LogSum {
 public:
  void add(double term) {
    if (!(term > highest_)) {
      sum_ += std::exp(term - highest_);
      return;
    }
    sum_ = sum_ * std::exp(highest_ - term) + 1;
    highest_ = term;
  }
  double value() const { return highest_ + std::log(sum_); }

 private:
  double highest_ = -std::numeric_limits<double>::infinity();
  double sum_ = 0;
};

/// What is summed up of one example over draws.
struct ExampleSums {
  LogSum likelihood;
  double loss = 0;
  double errors = 0;
  double negative_entropy = 0;
};

/// See predict() for what comes out. Thread rule: one thread at a time; works side by side in the team.
class PartSums {
 public:
  /// So many examples of the part from `first` on, under a shift (see Examples::shift); likelihood: null
  /// where there is none. Both must outlive it.
  PartSums(const Problem& problem, const Head* likelihood, Part part, std::size_t examples,
           std::uint32_t shift = 0, std::uint32_t first = 0)
      : problem_(problem),
        likelihood_(likelihood),
        part_(part),
        shift_(shift),
        width_(problem.width()),
        by_class_(dynamic_cast<const CrossEntropy*>(&problem.loss()) != nullptr),
        indices_(examples),
        sums_(examples),
        last_(examples),
        mean_(examples * width_),
        labels_(examples),
        targets_(examples * width_) {
    std::iota(indices_.begin(), indices_.end(), first);
  }

  /// How the outputs of one draw come about: those at `point`, under `noise` where that is not null;
  /// plus J direction, J the Jacobian at the point, where that is not null.
  struct Draw {
    const Point& point;
    const NoiseSource* noise = nullptr;
    const Point* direction = nullptr;
  };
  void add(Team& team, const Draw& draw);
  PartPrediction result();
  /// After result(): p, [examples, classes]; empty without cross-entropy.
  std::vector<float> probabilities() const {
    return by_class_ ? std::vector<float>(mean_.begin(), mean_.end()) : std::vector<float>();
  }

  std::size_t examples() const noexcept { return sums_.size(); }
  /// The problem's loss at the last draw: of one example, and the mean over all.
  double loss_of_draw(std::size_t example) const { return last_[example]; }
  double loss_of_draw() const {
    return std::accumulate(last_.begin(), last_.end(), 0.0) / static_cast<double>(last_.size());
  }

 private:
  void add(const Outputs& z, std::size_t first);
  void score_classes(PartPrediction& result) const;
  void score_targets(PartPrediction& result) const;
  double scale(std::size_t output) const {
    const auto scales = problem_.target_scales();
    return scales.empty() ? 1 : scales[output];
  }
  std::span<const double> mean(std::size_t i) const {
    return std::span(mean_).subspan(i * width_, width_);
  }

  const Problem& problem_;
  const Head* likelihood_;
  Part part_;
  std::uint32_t shift_;
  std::size_t width_;
  bool by_class_;  ///< mean_ holds probabilities, not outputs
  bool labelled_ = false;
  std::size_t draws_ = 0;
  std::vector<std::uint32_t> indices_;
  std::vector<ExampleSums> sums_;
  std::vector<double> last_;  ///< losses of the last draw
  std::vector<double> mean_;  ///< [examples, width], a sum until result()
  std::vector<std::size_t> labels_;
  std::vector<float> targets_;
};

}  // namespace gapbench::train
