#!/usr/bin/env bash
# Fails on an include against the house plan's arrows: a room may include itself and the rooms listed for it, nothing else of ours.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A may=(
  [models/abi]=""
  [models/core]=""
  [models/technology]="models/core"
  [models/riscv]="models/core"
  [models/interconnect]="models/core models/technology"
  [models/memory]="models/core models/technology"
  [models/npu]="models/abi models/core models/technology"
  [models/pim]="models/abi models/core models/technology"
  [models/peripherals]="models/abi models/core"
  [workloads]="models/abi models/core"
  [firmware]="models/abi"
  [platform]="models workloads"
)
bad=0
for room in "${!may[@]}"; do
  while IFS=: read -r file line include; do
    target=$(sed -E 's/.*"([^"]+)".*/\1/' <<<"$include")
    case "$target" in models/*|workloads/*|platform/*|firmware/*|tests/*) ;; *) continue ;; esac
    ok=0
    for allowed in "$room" ${may[$room]}; do [[ "$target" == "$allowed"/* ]] && ok=1; done
    if [ $ok -eq 0 ]; then
      echo "$file:$line: $room may not include $target (allowed: $room ${may[$room]})" >&2
      bad=1
    fi
  done < <(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$room" --include='*.h' --include='*.cpp' --include='*.c' --include='*.S' 2>/dev/null || true)
done
exit $bad
