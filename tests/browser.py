"""A real Chromium, Debian's own, and axe-core in it: what the tests of the page look with."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

_CACHE = Path(__file__).parents[1] / ".cache"
_AXE = "axe-core@4.10.3"
_AXE_SHA512 = (
    "Xm7bpRXnDSX2YE2YFfBk2FnF0ep6tmG7xPh8iHee8MIcrgq762Nkce856dYtJYLkuIoYZvGfTs/PbZhideTcEg=="
)
SIZES = {"desktop": {"width": 1200, "height": 800}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "dark")


@contextmanager
def chromium(*options: str) -> Iterator[Browser]:
    """A browser without a window and without a network but for this machine."""
    found = shutil.which("chromium")
    assert found, "chromium is not there: apt-get install chromium"
    words = ["--disable-background-networking", "--disable-dev-shm-usage", *options]
    if os.getuid() == 0:
        words.append("--no-sandbox")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=found, args=words)
        try:
            yield browser
        finally:
            browser.close()


def axe() -> str:
    """The script of axe-core, fetched once by npm and checked."""
    kept = _CACHE / "axe" / f"{_AXE}.js"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as draft:
            subprocess.run(
                ["npm", "pack", "--silent", _AXE], cwd=draft, check=True, capture_output=True
            )
            (archive,) = Path(draft).glob("*.tgz")
            digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
            assert digest == _AXE_SHA512, f"{_AXE} is another file than before"
            with tarfile.open(archive) as packed:
                member = packed.extractfile("package/axe.min.js")
                assert member is not None
                (Path(draft) / "axe.js").write_bytes(member.read())
            (Path(draft) / "axe.js").replace(kept)
    return kept.read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical on an open page: the rule, and where."""
    page.evaluate(axe())
    found: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes'][:3]]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]
