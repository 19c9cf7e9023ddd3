"""docs/operations.md: each command in it is run here, or says why not."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs/operations.md").read_text("utf-8")
MAY_FAIL = {
    "hotpress check": {0, 1},
    "hotpress status": {0, 1},
    "hotpress status --health": {1},  # nothing runs in this home
}
TOOL = """#!/bin/sh
echo "$(basename "$0") $*" >> "$TOOLS/asked"
case "$*" in
    --version) echo "systemd 252 (252.1)" ;;
    *is-active*) echo active ;;
    *" start hotpress"*) mkdir -p "$HOME/.local/state/hotpress" ;;
esac
"""


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_block_is_run_or_says_why_not():
    """Two kinds of blocks, and no third."""
    assert set(re.findall(r"^```(\w+)$", PAGE, re.MULTILINE)) == {"sh", "text"}
    reasons = re.findall(r"^Not run by a test: .+\.\n\n```text$", PAGE, re.MULTILINE)
    assert len(reasons) == len(blocks("text"))


def test_each_command_of_the_page_works_in_its_order(tmp_path):
    """From installing to nothing left but the outbox, as the page tells it."""
    tools, home = tmp_path / "tools", tmp_path / "home"
    tools.mkdir()
    home.mkdir()
    for name in ("systemctl", "loginctl", "journalctl"):
        (tools / name).write_text(TOOL)
        (tools / name).chmod(0o755)
    # The one thing that can't be had in a home of its own: a machine whose systemd runs.
    start = "import hotpress.installing.placing as p, pathlib; "
    start += "p.System.has_systemd = property(lambda _: True); "
    start += "from hotpress.cli import main; main()"
    (tools / "hotpress").write_text(f"#!/bin/sh\nexec {sys.executable} -c '{start}' \"$@\"\n")
    (tools / "hotpress").chmod(0o755)
    path = f"{tools}:{os.environ['PATH']}"
    env = {"HOME": str(home), "USER": "anna", "TOOLS": str(tools), "PATH": path}
    said = {}
    for line in "".join(blocks("sh")).splitlines():
        words = ["bash", "-euc", line]
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        assert done.returncode in MAY_FAIL.get(line, {0}), (line, done.stdout, done.stderr)
        said[line] = done.stdout
        if line == "hotpress service install --now":
            assert (home / ".config/systemd/user/hotpress.service").is_file()

    assert "systemd calls it active" in said["hotpress service status"]
    assert "stay" in said["hotpress service uninstall"]
    asked = (tools / "asked").read_text()
    assert "systemctl --user enable hotpress.service" in asked
    assert "systemctl --user disable --now hotpress.service" in asked
    left = {str(p.relative_to(home)) for p in home.rglob("*") if p.is_file()}
    assert left == {"hotpress-backup.tar.gz"}
