#!/usr/bin/env bash
# Compares the trace of `spinvp run --trace-instructions` with the commit log of Spike (https://github.com/riscv-software-src/riscv-isa-sim), line by line, for
# each ELF: bare-metal, at 0x80000000, ended by `tohost`; without one for commit_log.S beside this script. Ends with 1 if any line differs.
#   tests/conformance/spike_commit_log.sh SPIKE [ELF...]
# Environment: SPINVP (the program; default build/spinvp), RISCV_PREFIX (riscv64-unknown-elf-).
set -euo pipefail

usage() { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 64; }
[ $# -ge 1 ] || usage
here=$(cd "$(dirname "$0")" && pwd)
spike=$1
shift
spinvp=$(realpath "${SPINVP:-$here/../../build/spinvp}")
for program in "$spike" "$spinvp"; do
  command -v "$program" > /dev/null || { echo "$program: there is no such program" >&2; exit 74; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -eq 0 ]; then
  "${RISCV_PREFIX:-riscv64-unknown-elf-}gcc" -march=rv64gc_zba_zbb_zbs -mabi=lp64d -nostdlib -nostartfiles -static \
    -Wl,--nmagic,-Ttext=0x80000000,-Tdata=0x80002000,--no-relax "$here/commit_log.S" -o "$work/commit_log.elf"
  set -- "$work/commit_log.elf"
fi

# A hart as ours is: machine and user mode, misaligned loads and stores, counters, no triggers.
hart=(--isa=rv64gc_zicclsm_zicntr_zihpm_zba_zbb_zbs --priv=mu --triggers=0)
different=0
for elf in "$@"; do
  status=0
  "$spinvp" -q run --firmware "$elf" --trace-instructions "$work/ours" --max-time 100ms --out "$work/out" > "$work/said" 2>&1 < /dev/null || status=$?
  [ -s "$work/ours" ] || { cat "$work/said" >&2; exit 1; }
  timeout 60 "$spike" "${hart[@]}" --log-commits --log="$work/raw" "$elf" > "$work/said.spike" 2>&1 < /dev/null || true
  # Before the first line of ours Spike runs its boot ROM at 0x1000; behind the last it turns in a loop until it looks at `tohost`.
  awk -v lines="$(wc -l < "$work/ours")" '(begun || $4 !~ /^0x000000000000[01]/) && begun++ < lines' "$work/raw" > "$work/spike"
  if diff "$work/ours" "$work/spike" > "$work/diff"; then
    echo "$(basename "$elf"): $(wc -l < "$work/ours") lines, all the same (status $status)"
  else
    different=1
    echo "$(basename "$elf"): $(wc -l < "$work/ours") lines, $(grep -c '^<' "$work/diff" || true) of them other than Spike's (status $status); the first:"
    head -n 6 "$work/diff"
  fi
done
exit $different
