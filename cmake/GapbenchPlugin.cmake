# gapbench_add_plugin(<name> <source>...)
# One plugin library. Used in this tree and, through find_package(Gapbench), out of it.
function(gapbench_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE Gapbench::gapbench)
  # A loop with sqrt becomes vector code only when sqrt need not set errno; the bits are the same.
  target_compile_options(${name} PRIVATE -fno-math-errno)
  target_link_options(${name} PRIVATE LINKER:--no-undefined)
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/gapbench/plugins)
endfunction()
