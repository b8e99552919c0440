# `cpack` makes two Debian packages: gapbench (program, library, plugins) and gapbench-dev (headers
# and CMake files). scripts/package calls it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME gapbench)
set(CPACK_PACKAGE_CONTACT "The gapbench authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program interface)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
  "benchmark harness for how neural networks generalize
 Trains optimizers and regularizers, which are small shared libraries, on
 image data sets and compares generalization gaps and costs, with intervals.")
set(CPACK_COMPONENT_INTERFACE_DESCRIPTION
  "headers and CMake files for plugins of gapbench
 What an optimizer, regularizer, probe, problem or posterior is built with.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME gapbench)
set(CPACK_DEBIAN_INTERFACE_PACKAGE_NAME gapbench-dev)
# What the program and the plugins link; libgapbench itself is in the package.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_INTERFACE_PACKAGE_DEPENDS "gapbench (= ${PROJECT_VERSION})")
# A plugin is built by the compiler that built the program.
string(REGEX MATCH "^[0-9]+" compiler "${CMAKE_CXX_COMPILER_VERSION}")
set(CPACK_DEBIAN_INTERFACE_PACKAGE_RECOMMENDS "g++-${compiler}, cmake (>= 3.25), ninja-build")
include(CPack)
