// The pictures of theory: paths in the plane of two parameters, covariances as ellipses, losses
// along a line.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "compare/report/chart_data.h"
#include "compare/report/landscape.h"
#include "compare/rows/aggregate.h"

namespace gapbench::compare {

using Points = std::vector<std::array<double, 2>>;

/// How a line is drawn: a trial's thin, the mean of a row thick, predictions dashed and dotted.
enum class Look { trial, mean, dashed, dotted };

struct Line {
  std::size_t row = 0;  ///< place in Section::rows
  std::string name;     ///< "seed 3", "mean over 10 seeds", "predicted, discrete steps"
  Look look = Look::mean;
  Points points;
};

struct Picture {
  std::string chart;  ///< "paths", "ellipses", "profiles"
  std::string name;   ///< which of several of one chart
  std::string x, y;   ///< titles of the axes
  std::vector<Line> lines;
  std::vector<Contour> contours{};  ///< of the loss, behind the lines
  std::vector<Arrow> arrows{};      ///< where descent goes
};

/// No more points a line, and no more trials of a row, are drawn: points between are left out
/// evenly, the first and last kept; of trials the first ones.
inline constexpr std::size_t most_points = 100, most_trials = 100;

/// Points x with x' S^-1 x = 1 for the covariance S = [xx, xy; xy, yy], 61 of them, the first one
/// again at the end. Of a degenerate S a line or a point.
Points ellipse(double xx, double xy, double yy);

/// Place by place, as far as the shortest goes.
Points mean_line(const std::vector<Points>& lines);

/// paths     of trials with the probe `position`, its w_0 and w_1 at the evaluations on the way,
///           before what `landscape` measured
/// ellipses  of ou_covariance with `ellipses`: covariances and what theory says of them
/// profiles  of loss_profile, absolute and relative
/// Each with the lines of its trials and of its rows' means; none where no trial has the numbers.
std::vector<Picture> pictures_of(const Section& section, const Histories& histories);

records::Json to_json(const Picture& picture);

}  // namespace gapbench::compare
