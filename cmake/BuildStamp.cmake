# generated/run/build_stamp.h: which commit a build was made from, asked at every build so that it
# is never the commit of the last configure. The file changes only when its contents do.
if(CMAKE_SCRIPT_MODE_FILE)
  set(GAPBENCH_COMMIT unknown)
  execute_process(
    COMMAND git -C ${SOURCE_DIR} describe --always --dirty --exclude=* --abbrev=12
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed ERROR_QUIET)
  # A copy of the sources inside somebody else's repository is not a checkout of ours.
  if(NOT failed AND EXISTS ${SOURCE_DIR}/.git)
    set(GAPBENCH_COMMIT ${described})
  endif()
  configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
  return()
endif()

set(stamp_header ${CMAKE_CURRENT_BINARY_DIR}/generated/run/build_stamp.h)
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}" stamp_flags)
string(REPLACE "\"" "\\\"" stamp_flags "${stamp_flags}")
set(stamp_command ${CMAKE_COMMAND}
  -DSOURCE_DIR=${PROJECT_SOURCE_DIR}
  -DTEMPLATE=${PROJECT_SOURCE_DIR}/harness/run/build_stamp.h.in
  -DOUTPUT=${stamp_header}
  -DGAPBENCH_BUILD_TYPE=${CMAKE_BUILD_TYPE}
  "-DGAPBENCH_FLAGS=${stamp_flags}"
  -DGAPBENCH_SANITIZERS=${GAPBENCH_SANITIZE}
  -P ${CMAKE_CURRENT_LIST_FILE})
add_custom_target(gapbench_build_stamp ALL COMMAND ${stamp_command}
  BYPRODUCTS ${stamp_header} COMMENT "" VERBATIM)
add_dependencies(gapbench_run gapbench_build_stamp)
target_include_directories(gapbench_run PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
