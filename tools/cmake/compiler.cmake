# One interface target carries every compiler flag, so that no room sets its own.
add_library(spinvp_flags INTERFACE)
target_compile_features(spinvp_flags INTERFACE cxx_std_20)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Debian's SystemC exports its API check for C++17 alone; this keeps the check and lets us write C++20.
target_compile_definitions(spinvp_flags INTERFACE SC_CPLUSPLUS=201703L SC_ALLOW_DEPRECATED_IEEE_API=0)
target_include_directories(spinvp_flags INTERFACE ${CMAKE_SOURCE_DIR})

# Contraction would let a host with FMA round differently from one without.
target_compile_options(spinvp_flags INTERFACE
  -ffp-contract=off -fno-math-errno -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-qual -Wformat=2 -Wundef $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>)
if(SPINVP_WERROR)
  target_compile_options(spinvp_flags INTERFACE -Werror)
endif()
# The sanitizers watch the rooms and the program; the code of the tests is compiled without, or its compile alone would take half of a sanitizer build.
add_library(spinvp_sanitized INTERFACE)
if(SPINVP_SANITIZE)
  target_compile_options(spinvp_sanitized INTERFACE -fsanitize=${SPINVP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(spinvp_flags INTERFACE -fsanitize=${SPINVP_SANITIZE})
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")  # of the sanitizer presets: line numbers, and half the build time of -O2 -g

find_program(SPINVP_CCACHE ccache)
if(SPINVP_CCACHE)
  # The sloppiness is what ccache's manual asks for with precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${SPINVP_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(spinvp_flags INTERFACE -fpch-preprocess)
  endif()
endif()

# A room: a library of its own sources that links the rooms it may include.
# spinvp_add_room(NAME [SOURCES ...] [LIBRARIES ...])
function(spinvp_add_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(${name} PUBLIC spinvp_flags ${ROOM_LIBRARIES} PRIVATE spinvp_sanitized)
  spinvp_use_precompiled(${name})
  set_property(GLOBAL APPEND PROPERTY SPINVP_ROOMS ${name})
endfunction()

# Embeds text files: sets `variable` to a source that is made at build time. The header declares TYPE (name, text) and FUNCTION, which lists them by name.
# spinvp_embed_files(VARIABLE FILES glob HEADER h SCOPE namespace TYPE t FUNCTION f)
function(spinvp_embed_files variable)
  cmake_parse_arguments(EMBED "" "FILES;HEADER;SCOPE;TYPE;FUNCTION" "" ${ARGN})
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${EMBED_FILES})
  list(JOIN files "|" argument)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${EMBED_FUNCTION}.cpp)
  set(script ${CMAKE_SOURCE_DIR}/tools/cmake/embed_files.cmake)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${source} "-DFILES=${argument}" -DHEADER=${EMBED_HEADER} -DSCOPE=${EMBED_SCOPE} -DTYPE=${EMBED_TYPE} -DFUNCTION=${EMBED_FUNCTION} -P ${script}
    DEPENDS ${files} ${script} VERBATIM)
  set(${variable} ${source} PARENT_SCOPE)
endfunction()
