# gapbench_add_plugin(<name> <source>...)
# One plugin library. Used in this tree and, through find_package(Gapbench), out of it. Without a
# build type and without a level of optimization in CMAKE_CXX_FLAGS it is built as a release is.
function(gapbench_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE Gapbench::gapbench)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND NOT " ${CMAKE_CXX_FLAGS}" MATCHES " -O")
    target_compile_options(${name} PRIVATE -O3 -DNDEBUG)
  endif()
  # A loop with sqrt becomes vector code only when sqrt need not set errno; the bits are the same.
  target_compile_options(${name} PRIVATE -fno-math-errno)
  target_link_options(${name} PRIVATE LINKER:--no-undefined)
  set_target_properties(${name} PROPERTIES
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    PREFIX "" SUFFIX ".so" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/gapbench/plugins)
endfunction()
