# SPDX-License-Identifier: Apache-2.0
# Version and commit in one generated header; no time of build, so builds are reproducible.
execute_process(COMMAND git rev-parse --short=12 HEAD WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
  OUTPUT_VARIABLE VIGIE_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT VIGIE_COMMIT)
  set(VIGIE_COMMIT unknown)
endif()
configure_file(cmake/version.h.in ${CMAKE_BINARY_DIR}/generated/vigie/version.h @ONLY)
add_library(vigie_version INTERFACE)
target_include_directories(vigie_version INTERFACE ${CMAKE_BINARY_DIR}/generated)
