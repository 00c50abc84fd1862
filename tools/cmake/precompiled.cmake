# Precompiled headers: SystemC, the logging library and the test framework take most of a compile otherwise.
file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "// anchors the precompiled header\n")
set(precompiled_headers
  <algorithm> <array> <bit> <cstdint> <cstring> <deque> <functional> <map> <memory> <optional> <span> <string>
  <string_view> <unordered_map> <utility> <vector> <systemc> <tlm> <spdlog/spdlog.h> <fmt/format.h> <tl/expected.hpp>)

# One for all rooms.
add_library(spinvp_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
target_link_libraries(spinvp_precompiled PUBLIC spinvp_flags spinvp_systemc PRIVATE spinvp_sanitized)
target_precompile_headers(spinvp_precompiled PRIVATE ${precompiled_headers})

function(spinvp_use_precompiled target)
  target_link_libraries(${target} PUBLIC spinvp_systemc)
  target_precompile_headers(${target} REUSE_FROM spinvp_precompiled)
endfunction()

# One for the program's own room, where nearly every file needs them.
function(spinvp_precompile_more target)
  target_link_libraries(${target} PUBLIC spinvp_systemc)
  target_precompile_headers(${target} PRIVATE ${precompiled_headers} ${ARGN})
endfunction()

# One for all tests. They are compiled for a short build, not for speed.
if(SPINVP_TESTS)
  add_library(spinvp_test_flags INTERFACE)
  # -O1: GCC 12 takes its own strings for too short there.
  target_compile_options(spinvp_test_flags INTERFACE $<$<CONFIG:Release>:-O1> $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds> $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow> $<$<CONFIG:RelWithDebInfo>:-O0> $<$<CONFIG:RelWithDebInfo>:-g0>)
  add_library(spinvp_test_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(spinvp_test_precompiled PRIVATE spinvp_flags spinvp_systemc spinvp_test_flags Catch2::Catch2)
  target_precompile_headers(spinvp_test_precompiled PRIVATE ${precompiled_headers} <catch2/catch.hpp>)
  # As CMake compiles programs: a precompiled header of another kind is not taken.
  set_target_properties(spinvp_test_precompiled PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(spinvp_test_precompiled PRIVATE -fPIE)
endif()
