# One precompiled header for all rooms: SystemC and the logging library take most of a compile otherwise.
file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "// anchors the precompiled header\n")
add_library(spinvp_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
target_link_libraries(spinvp_precompiled PUBLIC spinvp_flags spinvp_systemc)
target_precompile_headers(spinvp_precompiled PRIVATE
  <algorithm> <array> <bit> <cstdint> <cstring> <deque> <functional> <map> <memory> <optional> <span> <string>
  <string_view> <unordered_map> <utility> <vector> <systemc> <tlm> <spdlog/spdlog.h> <fmt/format.h> <tl/expected.hpp>)

function(spinvp_use_precompiled target)
  target_link_libraries(${target} PUBLIC spinvp_systemc)
  target_precompile_headers(${target} REUSE_FROM spinvp_precompiled)
endfunction()
