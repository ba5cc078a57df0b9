# SPDX-License-Identifier: Apache-2.0
# Compiler, linker and warnings. vigie_warnings is linked by our own targets only.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

# The same integers and doubles in every build of one machine type.
add_compile_options(-ffp-contract=off)
if(VIGIE_SANITIZE)
  add_compile_options(-fsanitize=${VIGIE_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${VIGIE_SANITIZE})
  if(VIGIE_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(VIGIE_SANITIZE MATCHES thread)
    # Protocol Buffers lays out its maps differently under this macro than Debian's library does.
    add_compile_options(-U__SANITIZE_THREAD__)
  endif()
endif()

add_library(vigie_warnings INTERFACE)
target_compile_options(vigie_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Werror=unused-result)
if(VIGIE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC warns falsely of std::optional where sanitizers keep it from seeing through.
  target_compile_options(vigie_warnings INTERFACE -Wno-maybe-uninitialized)
endif()
if(VIGIE_WERROR)
  target_compile_options(vigie_warnings INTERFACE -Werror)
endif()
