#!/usr/bin/env bash
# Puts the files of each folder in docs/tutorials/ into the code blocks of its page: each block follows a line that links its file.
set -euo pipefail
cd "$(dirname "$0")/../docs/tutorials"
python3 - <<'PYTHON'
import pathlib, re
for folder in filter(pathlib.Path.is_dir, pathlib.Path(".").iterdir()):
    page = pathlib.Path(f"{folder}.md")
    def fill(match):
        return match.group(1) + (folder / match.group(2)).read_text() + "```"
    page.write_text(re.sub(rf"(\]\({folder}/([\w.]+)\)[^`]*?\n\n```\w*\n).*?```", fill, page.read_text(), flags=re.S))
PYTHON
