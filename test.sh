#!/usr/bin/env bash
# Builds and runs the tests; ends with ctest's summary. `./test.sh --long` adds the long tier (sanitizers, clang, heavier counts).
set -euo pipefail
cd "$(dirname "$0")"

tier=test
[ "${1:-}" = --long ] && tier=long
tools/install-dependencies.sh "$tier"
cmake --preset release -DSPINVP_TESTS=ON > /dev/null
cmake --build build
tools/check-includes.sh
if [ "$tier" = long ]; then
  for preset in asan tsan clang; do
    cmake --preset "$preset" > /dev/null
    cmake --build "build-$preset"
    ctest --test-dir "build-$preset" -j2 --output-on-failure -LE bench
  done
  tools/check-tidy.sh
  build/tests/pim_value_conformance
  build/tests/pim_step_conformance
  build/tests/riscv_conformance --instructions 100000000 --seed 2
fi
ctest --test-dir build -j2 --output-on-failure
