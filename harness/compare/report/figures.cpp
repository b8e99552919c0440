#include "compare/report/figures.h"

#include <fmt/format.h>

#include <string_view>

#include "compare/pages/page.h"

namespace gapbench::compare {
namespace {

struct Figure {
  std::string_view chart;  ///< which function of page/*.js draws it
  bool ChartData::Section::*has;
  bool stands_open;
  std::string_view title;
  std::string_view caption;
};

constexpr std::string_view band =
    "Mean over the finished trials of a row at each evaluation that all of them made, at most 200; "
    "band: ± one sample standard deviation, none for one seed (n on hover). ";

constexpr Figure figures[] = {
    {"paths", &ChartData::Section::paths, true, "Paths",
     "The first two parameters at the evaluations on the way, at most 100: thin lines are trials, "
     "at "
     "most 100 of a row, thick ones their mean, the large mark its end. The axes have scales of "
     "their own; dotted lines are zeros: of the problem funnel, w_1 = 0 is the floor of the valley "
     "and the left is its flat end. Behind them, where the probe landscape measured them: lines of "
     "equal loss C, each half as far above the lowest as the next; thin arrows, against the "
     "gradient "
     "of C; thick ones, against that of C + (e/4) |grad C|², the modified loss, all to one scale."},
    {"ellipses", &ChartData::Section::ellipses, true, "Stationary covariance",
     "Ellipses of one standard deviation in the plane of the flattest and the steepest axis of the "
     "Hessian: thin, each trial's iterates; thick, the mean of their covariances; dashed, what "
     "theory predicts for the discrete steps; dotted, for the continuous process. The axes have "
     "scales of their own."},
    {"profiles", &ChartData::Section::profiles, true, "Sharp and flat",
     "Train loss along lines through the point where training ended, in random directions: thin "
     "lines are trials, thick ones their mean. The vertical axis need not begin at 0."},
    {"steps", &ChartData::Section::steps, true, "Steps against batch size",
     "Geometric mean over seeds at the best of the settings tried, bars: times and over the factor "
     "of one sample deviation. Solid: steps = S (1 + B* / B), fitted; dashed: S, and S B* / B, "
     "perfect scaling; dotted, on its interval: B*, where they meet."},
    {"seeds", &ChartData::Section::seeds, true, "Seeds",
     "One small point a trial; the large one is the mean of a row, the bar its t interval over "
     "seeds, none for one seed. The horizontal axis need not begin at 0."},
    {"calibration", &ChartData::Section::calibration, true, "Calibration",
     "Expected calibration error over 15 bins of the predictions on the test part, as above."},
    {"reliability", &ChartData::Section::reliability, true, "Reliability",
     "Accuracy against confidence in each of those 15 bins, beneath the share of examples in it; "
     "the "
     "finished trials of a row put together. Below the dashed diagonal predictions are surer than "
     "they are right. Bins without examples are left out, and bins of few scatter. Records made "
     "before bins were kept have none."},
    {"shift", &ChartData::Section::shift, true, "Under shift",
     "Scores of the predictions on test images that gapbench corrupted, the same for every row and "
     "seed; 0: as they are. Mean over the finished trials of a row, band: ± one sample standard "
     "deviation, none for one seed. The vertical axis need not begin at 0."},
    {"curves", &ChartData::Section::curves, true, "Learning curves",
     "Evaluation mode, without augmentation and penalties, over all test examples. The vertical "
     "axis covers what lies after the first evaluation at which the curves are apart; it need not "
     "begin at 0."},
    {"cost", &ChartData::Section::cost, false, "Quality against cost",
     "One point a row: means over finished trials, bars ± one sample standard deviation. Filled, "
     "on "
     "the dashed line: no other row is both cheaper and better by its mean, whatever the bars; for "
     "a gap, among the rows that have fitted. The axis of the cost begins at 0, that of a gap "
     "includes 0."},
    {"probes", &ChartData::Section::probes, false, "Probes on the way",
     "The vertical axis need not begin at 0."},
    {"batch", &ChartData::Section::batch, false, "Batch size against probes",
     "One point a row: the probe at the reported point, mean ± one sample standard deviation over "
     "finished trials. Rows may differ in more than the batch size: see the settings above."},
};

std::string figure(std::string_view chart, std::size_t section, std::string_view title,
                   const std::string& caption) {
  const std::string name = html_escaped(std::string(title));
  return fmt::format(
      "<figure class=\"chart\" data-chart=\"{}\" data-section=\"{}\">\n<h3>{}</h3>\n"
      "<div class=\"plot\" role=\"img\" aria-label=\"{}. {}\"></div>\n"
      "<figcaption>{}</figcaption>\n</figure>\n",
      chart, section, name, name, html_escaped(caption), html_escaped(caption));
}

}  // namespace

std::string figures_of(const ChartData::Section& has, std::size_t section) {
  std::string html, more;
  for (const Figure& f : figures) {
    if (!(has.*f.has)) continue;
    const bool has_band = f.chart == "curves" || f.chart == "probes";
    const std::string chart = figure(f.chart, section, f.title,
                                     std::string(has_band ? band : "") + std::string(f.caption));
    (f.stands_open ? html : more) += chart;
  }
  if (more.empty()) return html;
  return html + "<details class=\"more\">\n<summary>More charts: cost and probes</summary>\n" +
         more + "</details>\n";
}

std::string transfer_figure() {
  return figure("transfer", 0, "Effect on one data set against effect on the other",
                "One point a method: mean of method − baseline by seed, bars: t intervals, none "
                "where the differences have no spread or one seed only (n on hover). On the dashed "
                "line both effects are equal. Both axes include 0. Names that would lie on others "
                "are left out and stand on hover.");
}

}  // namespace gapbench::compare
