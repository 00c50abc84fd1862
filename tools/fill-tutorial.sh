#!/usr/bin/env bash
# Puts the files of docs/tutorials/add-a-device/ into the code blocks of its page: each block follows a line that links its file.
set -euo pipefail
cd "$(dirname "$0")/../docs/tutorials"
python3 - <<'PYTHON'
import pathlib, re
page = pathlib.Path("add-a-device.md")
text = page.read_text()
def fill(match):
    return match.group(1) + pathlib.Path("add-a-device", match.group(2)).read_text() + "```"
text = re.sub(r"(\]\(add-a-device/([\w.]+)\)[^`]*?\n\n```\w*\n).*?```", fill, text, flags=re.S)
page.write_text(text)
PYTHON
