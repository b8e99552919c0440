# generated/run/build_stamp.h: which commit a build was made from, asked at every build so that it
# is never the commit of the last configure. The file changes only when its contents do.
#
# That is the last commit that changed what a trial is made of: neither new records nor tables make
# another build, so that a long suite can be committed as it grows.
if(CMAKE_SCRIPT_MODE_FILE)
  set(parts -- CMakeLists.txt CMakePresets.json cmake harness plugins :!harness/compare :!harness/watch)
  function(ask_git output)
    execute_process(COMMAND git -C ${SOURCE_DIR} ${ARGN} ${parts} OUTPUT_VARIABLE answer
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    set(${output} "${answer}" PARENT_SCOPE)
  endfunction()

  set(GAPBENCH_COMMIT unknown)
  # A copy of the sources inside somebody else's repository is not a checkout of ours.
  if(EXISTS ${SOURCE_DIR}/.git)
    ask_git(commit log -1 --format=%H)
    ask_git(changes status --porcelain)
    if(commit)
      string(SUBSTRING ${commit} 0 12 GAPBENCH_COMMIT)
    endif()
    if(commit AND changes)
      string(APPEND GAPBENCH_COMMIT -dirty)
    endif()
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
