#!/usr/bin/env bash
# Fails if a source file differs from .clang-format's layout; `--fix` rewrites them. Pinned to version 16: 14 and 16 lay out differently.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(--dry-run --Werror)
[ "${1:-}" = --fix ] && mode=(-i)
git ls-files -co --exclude-standard '*.h' '*.cpp' '*.c' | xargs -r clang-format-16 "${mode[@]}"
