#!/usr/bin/env bash
# The official RISC-V tests on SpinVP: builds the bare-metal (-p-) form of every test of the suites below from a checkout of
# https://github.com/riscv-software-src/riscv-tests (with its submodule env), runs each, prints a table, and ends with 1 if any did not end with status 0.
#   tests/conformance/riscv_tests.sh CHECKOUT [SUITE...]
# Environment: SPINVP (the program; default build/spinvp), RISCV_PREFIX (riscv64-unknown-elf-), JOBS (2).
set -euo pipefail

usage() { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 64; }
[ $# -ge 1 ] || usage
root=$(cd "$(dirname "$0")/../.." && pwd)
checkout=$1
shift
if [ ! -d "$checkout/isa/rv64ui" ] || [ ! -f "$checkout/env/p/link.ld" ]; then
  echo "$checkout: is not a checkout of riscv-tests with its submodule env (isa/rv64ui and env/p/link.ld are looked for)" >&2
  exit 65
fi
checkout=$(cd "$checkout" && pwd)
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=(rv64ui rv64um rv64ua rv64uf rv64ud rv64uc rv64uzba rv64uzbb rv64uzbs rv64mi)
export SPINVP=$(realpath "${SPINVP:-$root/build/spinvp}") RISCV_PREFIX=${RISCV_PREFIX:-riscv64-unknown-elf-}
command -v "${RISCV_PREFIX}gcc" >/dev/null || { echo "${RISCV_PREFIX}gcc is missing: run tools/install-dependencies.sh build" >&2; exit 74; }
[ -x "$SPINVP" ] || { echo "$SPINVP: there is no such program; build it first" >&2; exit 74; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export checkout work

# One test: writes "status reason" to its result file. 100 ms of simulated time are far more than any of them takes.
one() {
  local suite=$1 name=$2 elf="$work/$1-p-$2" status=0
  if ! "${RISCV_PREFIX}gcc" -march=rv64g_zba_zbb_zbs -mabi=lp64d -static -mcmodel=medany -fvisibility=hidden -nostdlib -nostartfiles \
    -I"$checkout/env/p" -I"$checkout/isa/macros/scalar" -T"$checkout/env/p/link.ld" -Wl,--no-warn-rwx-segments "$checkout/isa/$suite/$name.S" -o "$elf" 2> "$elf.err"; then
    echo "build $(head -n 1 "$elf.err")" > "$elf.result"
    return
  fi
  "$SPINVP" -q run --firmware "$elf" --max-time 100ms --out "$elf.out" > "$elf.log" 2>&1 < /dev/null || status=$?
  echo "$status $(grep -v '^$' "$elf.log" | head -n 1 || true)" > "$elf.result"
}
export -f one

# The tests of a suite, as its makefile lists them: not every file in the folder is one.
tests_of() { # sed joins continued lines
  sed -e ':a' -e '/\\$/N; s/\\\n//; ta' "$checkout/isa/$1/Makefrag" | sed -n "s/^$1_sc_tests[[:space:]]*+\{0,1\}=//p" | tr -s ' \t' '\n\n' | grep -v '^$'
}

for suite in "${suites[@]}"; do
  [ -f "$checkout/isa/$suite/Makefrag" ] || { echo "$suite: there is no such suite in $checkout/isa" >&2; exit 65; }
  for name in $(tests_of "$suite"); do echo "$suite $name"; done
done > "$work/list"
xargs -P "${JOBS:-2}" -L 1 bash -c 'one "$0" "$1"' < "$work/list"

failures=0 total=0
printf '%-10s %6s %6s\n' suite tests passed
for suite in "${suites[@]}"; do
  of_suite=0 passed=0
  while read -r s name; do
    [ "$s" = "$suite" ] || continue
    of_suite=$((of_suite + 1))
    [ "$(cut -d' ' -f1 "$work/$suite-p-$name.result")" = 0 ] && passed=$((passed + 1))
  done < "$work/list"
  printf '%-10s %6d %6d\n' "$suite" "$of_suite" "$passed"
  total=$((total + of_suite)) failures=$((failures + of_suite - passed))
done
printf '%-10s %6d %6d\n' all "$total" $((total - failures))
while read -r suite name; do
  read -r status reason < "$work/$suite-p-$name.result" || true
  [ "$status" = 0 ] || echo "FAILED $suite-p-$name: status $status ${reason:-}"
done < "$work/list"
[ "$failures" -eq 0 ] && [ "$total" -gt 0 ]
