// Where the charts of a report stand; page/*.js draws them.
#pragma once

#include <cstddef>
#include <string>

#include "compare/report/chart_data.h"

namespace gapbench::compare {

/// The charts that a section has numbers for.
std::string figures_of(const ChartData::Section& has, std::size_t section);

/// Effect against effect.
std::string transfer_figure();

}  // namespace gapbench::compare
