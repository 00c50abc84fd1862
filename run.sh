#!/usr/bin/env bash
# Builds SpinVP and runs the main job: RISC-V firmware trains a LeNet on the NPU (out/npu) and on the PIM arrays (out/pim).
# Arguments are passed on to both runs, for example: ./run.sh --dataset DIR --steps 50
set -euo pipefail
cd "$(dirname "$0")"

tools/install-dependencies.sh build
if [ ! -f build/build.ninja ]; then
  cmake --preset release -DSPINVP_TESTS=OFF > build-configure.log 2>&1 || { cat build-configure.log >&2; exit 1; }
  rm -f build-configure.log
fi
echo "Building (a few minutes the first time) ..." >&2
cmake --build build --target spinvp firmware/all

echo; echo "== LeNet training on the NPU =="
build/spinvp run --app train_lenet --out out/npu "$@"
echo; echo "== LeNet training on the SOT-MRAM PIM arrays =="
build/spinvp run --app train_lenet_pim --out out/pim "$@"
echo; echo "Files written:"
ls -1 out/npu/* out/pim/*
