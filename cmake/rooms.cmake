# SPDX-License-Identifier: Apache-2.0
# vigie_room(NAME USES room... FOREIGN prefix... LINKS target... SOURCES file...)
#
# One static library a room. USES names the rooms it may include, and thereby the layers: a room
# can only use rooms declared before it. FOREIGN names the third-party include prefixes that it
# alone may use. Both are checked here, at configure time, for every file of the room.
set(VIGIE_GUARDED_FOREIGN rocksdb/ grpcpp/ boost/beast boost/asio prometheus/ yaml-cpp/ openssl/)

function(vigie_check_includes room file allowed_rooms allowed_foreign)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(STRINGS ${file} includes REGEX "^#include ")
  foreach(line IN LISTS includes)
    if(line MATCHES "^#include \"([a-z_]+)/")
      if(NOT CMAKE_MATCH_1 IN_LIST allowed_rooms)
        message(FATAL_ERROR "${file}: room ${room} may not include room ${CMAKE_MATCH_1} (${line})")
      endif()
    elseif(line MATCHES "^#include <(.*)>")
      set(path ${CMAKE_MATCH_1})
      foreach(prefix IN LISTS VIGIE_GUARDED_FOREIGN)
        string(FIND "${path}" "${prefix}" at)
        if(at EQUAL 0 AND NOT prefix IN_LIST allowed_foreign)
          message(FATAL_ERROR "${file}: room ${room} may not include <${path}>")
        endif()
      endforeach()
    endif()
  endforeach()
endfunction()

# The fuzzer learns from the branches of these targets.
function(vigie_instrument_for_fuzzing target)
  if(VIGIE_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

function(vigie_room name)
  cmake_parse_arguments(ROOM "" "" "USES;FOREIGN;LINKS;SOURCES" ${ARGN})
  foreach(used IN LISTS ROOM_USES)
    if(NOT TARGET vigie_${used})
      message(FATAL_ERROR "room ${name} uses ${used}, which is not declared below it")
    endif()
  endforeach()
  foreach(source IN LISTS ROOM_SOURCES)
    vigie_check_includes(${name} ${CMAKE_CURRENT_SOURCE_DIR}/${source}
      "${name};${ROOM_USES};vigie;absl;google" "${ROOM_FOREIGN}")
  endforeach()
  add_library(vigie_${name} STATIC ${ROOM_SOURCES})
  # What unnamed namespaces of a room hold is named once in the room, so that this compiles.
  set_target_properties(vigie_${name} PROPERTIES
    UNITY_BUILD ${VIGIE_UNITY} UNITY_BUILD_BATCH_SIZE 16)
  if(VIGIE_UNITY)
    # Under a preset with sanitizers the tests are compiled soon rather than fast; not so the rooms.
    target_compile_options(vigie_${name} PRIVATE -O1)
  endif()
  vigie_instrument_for_fuzzing(vigie_${name})
  target_include_directories(vigie_${name} PUBLIC ${CMAKE_SOURCE_DIR}/server)
  list(TRANSFORM ROOM_USES PREPEND vigie_ OUTPUT_VARIABLE used_targets)
  target_link_libraries(vigie_${name} PUBLIC ${used_targets} ${ROOM_LINKS} PRIVATE vigie_warnings)
endfunction()
