# All from Debian packages (tools/install-dependencies.sh names them); nothing is downloaded at configure time.
find_package(PkgConfig REQUIRED)
pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)  # Debian ships no SystemCLanguageConfig.cmake
pkg_check_modules(LIBELF REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(LIBDW REQUIRED IMPORTED_TARGET libdw)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(MPFR REQUIRED IMPORTED_TARGET mpfr)
pkg_check_modules(PROTOBUF REQUIRED IMPORTED_TARGET protobuf)
find_library(SPINVP_ONNX_PROTO onnx_proto REQUIRED)  # Debian's ONNXConfig.cmake wants packages that libonnx-dev does not bring
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
if(SPINVP_TESTS)
  find_package(Catch2 2 REQUIRED)
  find_library(SPINVP_RAPIDCHECK rapidcheck REQUIRED)
  find_package(Eigen3 3 REQUIRED NO_MODULE)
  pkg_check_modules(GMP REQUIRED IMPORTED_TARGET gmp)
endif()

# What every SystemC-facing room needs, as system headers: their warnings are not ours.
add_library(spinvp_systemc INTERFACE)
target_link_libraries(spinvp_systemc INTERFACE PkgConfig::SYSTEMC spdlog::spdlog fmt::fmt tl::expected)
