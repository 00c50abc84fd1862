#!/usr/bin/env bash
# clang-tidy 16 over our sources with the compile commands of the clang preset (gcc's precompiled headers are none of clang's).
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset clang > /dev/null
cmake --build build-clang --target spinvp_precompiled
git ls-files 'models/*.cpp' 'workloads/*.cpp' 'platform/*.cpp' | xargs -P2 -n4 clang-tidy-16 --quiet -p build-clang --warnings-as-errors='bugprone-*,performance-*,clang-analyzer-*'
