#!/usr/bin/env bash
# Runs the commands of docs/demand.md and puts below each what it prints. Needs build/spinvp.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 - <<'PYTHON'
import pathlib, shlex, subprocess
page = pathlib.Path("docs/demand.md")
lines, filled, at = page.read_text().splitlines(), [], 0
while at < len(lines):
    line = lines[at]
    filled.append(line)
    at += 1
    if not line.startswith("    $ "):
        continue
    # What it printed before: indented lines and blank ones between them, up to the next command or text.
    while at < len(lines) and (lines[at] == "" or (lines[at].startswith("    ") and not lines[at].startswith("    $ "))):
        at += 1
    printed = subprocess.run(shlex.split(line[6:]), capture_output=True, text=True, check=True).stdout
    filled += ["    " + text if text else "" for text in printed.splitlines()] + [""]
page.write_text("\n".join(filled).rstrip("\n") + "\n")
PYTHON
