# What a report carries inside itself: Vega, and the style, program and charts of
# harness/compare/report. Adds to the target one source file that holds them as bytes; assets.h
# names them.
find_path(VEGA_DIR vega-view.min.js PATHS /usr/share/javascript/vega REQUIRED)

# Debian ships Vega as modules without the bundle, each wanting a loader: this is one, and below it
# the modules that our charts need, in the order of their needs. File names lack an "s" once.
function(gapbench_vega_bundle output)
  set(bundle "/*! Vega, (c) University of Washington Interactive Data Lab, BSD 3-Clause License; with \
parts of D3, (c) Mike Bostock, ISC License. Texts: github.com/vega/vega, github.com/d3/d3. */
const vega = (() => {
const modules = {};
const use = (name, body) => {
  const define = (needs, make) => {
    modules[name] = {};
    make(...needs.map(need => need === 'exports' ? modules[name] : modules[need]));
  };
  define.amd = true;
  body(define);
};
")
  foreach(name IN ITEMS util time format loader dataflow statistics scale canvas scenegraph expression
      selections functions event-selector runtime view parser transforms view-transforms encode)
    string(REPLACE selections selection file ${name})
    file(READ ${VEGA_DIR}/vega-${file}.min.js text)
    string(REGEX REPLACE "//# sourceMappingURL=[^\n]*" "" text "${text}")
    string(APPEND bundle "use('vega-${name}', define => {${text}});\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${VEGA_DIR}/vega-${file}.min.js)
  endforeach()
  string(APPEND bundle "Object.assign(modules['vega-dataflow'].transforms, modules['vega-transforms'],
  modules['vega-view-transforms'], modules['vega-encode']);
return {parse: modules['vega-parser'].parse, View: modules['vega-view'].View};
})();\n")
  file(CONFIGURE OUTPUT ${output} CONTENT "@bundle@" @ONLY)
endfunction()

# gapbench_embed(<target> <namespace> <name>=<file>...): each file becomes std::string_view name().
function(gapbench_embed target namespace)
  set(assembly "")
  set(functions "")
  set(files "")
  foreach(asset IN LISTS ARGN)
    string(REGEX MATCH "^([a-z_]+)=(.*)$" found ${asset})
    set(name ${CMAKE_MATCH_1})
    set(file ${CMAKE_MATCH_2})
    list(APPEND files ${file})
    string(APPEND assembly "
    \".hidden gapbench_asset_${name}, gapbench_asset_${name}_end\\n\"
    \".global gapbench_asset_${name}, gapbench_asset_${name}_end\\n\"
    \"gapbench_asset_${name}:\\n.incbin \\\"${file}\\\"\\ngapbench_asset_${name}_end:\\n\"")
    string(APPEND declarations
      "extern const char gapbench_asset_${name}[], gapbench_asset_${name}_end[];\n")
    string(APPEND functions "std::string_view ${name}() {
  return {gapbench_asset_${name}, static_cast<std::size_t>(gapbench_asset_${name}_end - gapbench_asset_${name})};
}\n")
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/generated/${target}_assets.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include <cstddef>
#include <string_view>

asm(\".pushsection .rodata\\n\"@assembly@
    \".popsection\\n\");

extern \"C\" {
@declarations@}

namespace @namespace@ {
@functions@}
" @ONLY)
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${files}")
  target_sources(${target} PRIVATE ${source})
endfunction()

# The report's program: its parts, in the order of their needs, within one function.
function(gapbench_report_program output)
  set(program "'use strict';\n(() => {\n")
  foreach(part IN LISTS ARGN)
    file(READ ${part} text)
    string(APPEND program "${text}\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${part})
  endforeach()
  string(APPEND program "})();\n")
  file(CONFIGURE OUTPUT ${output} CONTENT "@program@" @ONLY)
endfunction()

set(report ${CMAKE_CURRENT_SOURCE_DIR}/compare/report)
set(bundle_file ${CMAKE_CURRENT_BINARY_DIR}/generated/vega.js)
set(program_file ${CMAKE_CURRENT_BINARY_DIR}/generated/report.js)
gapbench_vega_bundle(${bundle_file})
set(parts "")
foreach(part IN ITEMS base address save tables columns filter legend chart curves reliability shift points steps plane
    transfer rows main)
  list(APPEND parts ${report}/page/${part}.js)
endforeach()
gapbench_report_program(${program_file} ${parts})
gapbench_embed(gapbench_compare gapbench::compare::assets
  vega=${bundle_file} style=${report}/page/style.css program=${program_file}
  curves_chart=${report}/charts/curves.json cost_chart=${report}/charts/cost.json
  transfer_chart=${report}/charts/transfer.json batch_chart=${report}/charts/batch.json
  seeds_chart=${report}/charts/seeds.json plane_chart=${report}/charts/plane.json
  reliability_chart=${report}/charts/reliability.json shift_chart=${report}/charts/shift.json
  steps_chart=${report}/charts/steps.json)
