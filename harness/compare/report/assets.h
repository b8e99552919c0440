// Files of this folder and Vega, inside the program (cmake/EmbedReport.cmake).
#pragma once

#include <string_view>

namespace gapbench::compare::assets {

std::string_view vega();     ///< Vega's modules and `const vega = {parse, View}`
std::string_view style();    ///< page/style.css
std::string_view program();  ///< page/*.js, one after another

/// Vega specifications with empty data (charts/*.json).
std::string_view curves_chart();
std::string_view cost_chart();
std::string_view transfer_chart();
std::string_view batch_chart();
std::string_view seeds_chart();
std::string_view reliability_chart();
std::string_view shift_chart();
std::string_view plane_chart();
std::string_view steps_chart();

}  // namespace gapbench::compare::assets
