#!/usr/bin/env bash
# Names every Debian package the project needs, by tier, and installs what is missing.
#   install-dependencies.sh build    compiler, libraries, firmware tool chain: enough for ./run.sh
#   install-dependencies.sh test     what ./test.sh and .ci/run need on top
#   install-dependencies.sh long     what the long tier needs on top
# Without root or sudo it prints the line to run and stops with status 1.
set -euo pipefail

build=(g++ cmake ninja-build pkg-config ccache git
  libsystemc-dev libspdlog-dev libfmt-dev libcli11-dev libyaml-cpp-dev nlohmann-json3-dev libexpected-dev
  libelf-dev libdw-dev zlib1g-dev libxxhash-dev libmpfr-dev libonnx-dev libprotobuf-dev
  gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf)
test=("${build[@]}" catch2 librapidcheck-dev libeigen3-dev clang-format-16 gdb-multiarch qemu-user qemu-system-misc)
long=("${test[@]}" clang-16 clang-tidy-16 libclang-rt-16-dev python3 python3-matplotlib)

case "${1:-}" in
  build) wanted=("${build[@]}") ;;
  test) wanted=("${test[@]}") ;;
  long) wanted=("${long[@]}") ;;
  *) echo "usage: $0 build|test|long" >&2; exit 64 ;;
esac

missing=()
for package in "${wanted[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then as_root=(env)
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root=(sudo env)
else
  echo "Missing packages. Run as root: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi
echo "Installing: ${missing[*]}" >&2
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
