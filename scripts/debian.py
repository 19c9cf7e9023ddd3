"""The Debian package, with plain dpkg-deb: `python scripts/debian.py DIST`.

DIST holds the wheel and the manual (scripts/package makes them); the package comes beside them.

What is in it, and why: hotpress and all that it needs lie in a virtual environment of their own
(/usr/lib/hotpress), because Debian has none of PyAV with a new FFmpeg, an encoder with libvmaf and
apprise in the versions that were tested. Its interpreter is the system's: security updates of
Python come from Debian. The modules written in C fit one minor version of Python, so the package
names it; for the next Debian it is built there.
"""

from __future__ import annotations

import email
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from hotpress.installing.systemd import for_packages

ROOT = Path(__file__).parent.parent
TEXTS = Path(__file__).parent / "debian"
PYTHON = "/usr/bin/python3"
HOME = "usr/lib/hotpress"
SHELLS = {
    "bash": "usr/share/bash-completion/completions/hotpress",
    "zsh": "usr/share/zsh/vendor-completions/_hotpress",
    "fish": "usr/share/fish/vendor_completions.d/hotpress.fish",
}
_PROGRAM = f"""\
#!/{HOME}/bin/python3 -I
import sys

from hotpress.cli import main

sys.exit(main())
"""


def said(*words: str, **environment: str) -> str:
    """What a program prints; its failure is ours."""
    env = {**os.environ, **environment}
    return subprocess.run(words, check=True, capture_output=True, text=True, env=env).stdout


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """One file, its folders too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def packed(path: Path, text: str) -> None:
    """As Debian has its changelogs and manuals; the same text gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    path.chmod(0o644)


def environment(root: Path, wheel: Path, minor: str, *options: str) -> Path:
    """The virtual environment, as it will lie on the machine. Its site-packages.

    `options` go to pip.
    """
    home = root / HOME
    packages = home / f"lib/python{minor}/site-packages"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--no-compile", "--only-binary=:all:", "--python-version", minor]
    subprocess.run([*pip, *options, "--target", str(packages), str(wheel)], check=True)
    shutil.rmtree(packages / "bin")
    shutil.rmtree(packages / "certifi/tests", ignore_errors=True)
    for left in packages.rglob("direct_url.json"):  # where on this machine the wheel lay
        left.unlink()
    for path in packages.rglob("*"):
        if path.is_file():  # libraries and modules are loaded; only encoders are started
            path.chmod(0o755 if path.name.startswith("ffmpeg-") else 0o644)
    write(home / "bin/hotpress", _PROGRAM, 0o755)
    (home / "bin/python3").symlink_to("../../../bin/python3")
    lines = (f"home = {Path(PYTHON).parent}", "include-system-site-packages = false")
    write(home / "pyvenv.cfg", "\n".join((*lines, f"version = {minor}", "")))
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/hotpress").symlink_to(f"../lib/{HOME.rpartition('/')[2]}/bin/hotpress")
    return packages


def completions(root: Path) -> None:
    """What `hotpress --show-completion` would print, where each shell looks."""
    for shell, place in SHELLS.items():
        program = [sys.executable, "-c", "from hotpress.cli import app; app(prog_name='hotpress')"]
        text = said(*program, _HOTPRESS_COMPLETE=f"source_{shell}").strip() + "\n"
        if shell == "zsh":  # read at the first use, which is to complete something already
            text += "\n_hotpress_completion\n"
        write(root / place, text)


def licences(packages: Path) -> Iterator[tuple[str, str, str]]:
    """Name, version and licence of each part."""
    for found in sorted(packages.glob("*.dist-info/METADATA")):
        about = email.message_from_string(found.read_text("utf-8"))
        named = about["License-Expression"] or (about["License"] or "").splitlines()[:1]
        words = named if isinstance(named, str) else "".join(named)
        words = words if 0 < len(words) < 40 else "its own terms"
        yield about["Name"], about["Version"], words


def copyright_text(packages: Path) -> str:
    """Debian's form: hotpress's own licence, then who else is in the package."""
    own = (ROOT / "LICENSE").read_text("utf-8")
    body = "\n".join(f" {line}" if line.strip() else " ." for line in own.strip().splitlines())
    parts = "\n".join(f"  {name} {version}: {terms}" for name, version, terms in licences(packages))
    return (TEXTS / "copyright").read_text("utf-8").format(mit=body, parts=parts, home=HOME)


def documents(root: Path, packages: Path, manual: Path, version: str) -> None:
    """What belongs to a Debian package beside the program."""
    doc = root / "usr/share/doc/hotpress"
    write(doc / "copyright", copyright_text(packages))
    write(doc / "README.Debian", (TEXTS / "README.Debian").read_text("utf-8"))
    for name in ("README.md", "config.example.yaml", "docs/operations.md", "docs/rules.md"):
        write(doc / Path(name).name, (ROOT / name).read_text("utf-8"))
    packed(doc / "changelog.gz", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    at = format_datetime(datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC))
    log = (TEXTS / "changelog").read_text("utf-8").format(version=version, date=at)
    packed(doc / "changelog.Debian.gz", log)
    for page in manual.iterdir():
        section = page.suffix[1:]
        packed(root / f"usr/share/man/man{section}/{page.name}.gz", page.read_text("utf-8"))
    write(
        root / "usr/share/lintian/overrides/hotpress",
        (TEXTS / "lintian-overrides").read_text("utf-8"),
    )


def units(root: Path) -> None:
    """Nothing is enabled: whose folders it works on is for a person to say."""
    for name, text in for_packages(user_program="/usr/bin/hotpress").items():
        kind = "system" if "@" in name else "user"
        write(root / "usr/lib/systemd" / kind / name, text)


def control(root: Path, minor: str, version: str, architecture: str) -> None:
    """The package's own words, and what is run when it comes and goes."""
    major, number = minor.split(".")
    kilobytes = sum(p.lstat().st_size for p in root.rglob("*") if p.is_file()) // 1024
    text = (TEXTS / "control").read_text("utf-8")
    about = {"version": version, "architecture": architecture, "size": kilobytes}
    write(
        root / "DEBIAN/control",
        text.format(**about, minor=minor, next=f"{major}.{int(number) + 1}"),
    )
    for name in ("postinst", "prerm", "postrm"):
        write(root / "DEBIAN" / name, (TEXTS / name).read_text("utf-8"), 0o755)
    files = sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink())
    own = [p for p in files if p.relative_to(root).parts[0] != "DEBIAN"]
    sums = [f"{_md5(p)}  {p.relative_to(root)}\n" for p in own]
    write(root / "DEBIAN/md5sums", "".join(sums))


def _md5(path: Path) -> str:
    """What `dpkg --verify` compares; it guards against a bad disk, not against people."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def filled(root: Path, dist: Path, *options: str) -> str:
    """All that the package holds, below `root`; its name. `options` go to pip."""
    [wheel] = dist.glob("hotpress-*.whl")
    version = f"{wheel.name.split('-')[1]}-1"
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    minor = said(PYTHON, "-I", "-c", ask).strip()
    architecture = said("dpkg", "--print-architecture").strip()
    packages = environment(root, wheel, minor, *options)
    completions(root)
    units(root)
    documents(root, packages, dist / "man", version)
    control(root, minor, version, architecture)
    for path in (root, *root.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    return f"hotpress_{version}_{architecture}.deb"


def build(root: Path, package: Path) -> None:
    """One file of it. Level 1: what is large (an encoder, FFmpeg) hardly shrinks more at 9."""
    package.unlink(missing_ok=True)
    said("dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", str(root), str(package))


def main() -> int:
    """Make it."""
    dist = Path(sys.argv[1]).absolute()
    if shutil.which("dpkg-deb") is None:
        print("hotpress's Debian package needs dpkg-deb: make it on Debian or Ubuntu.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        package = dist / filled(root, dist)
        build(root, package)
    print(f"{package.name}: {package.stat().st_size // 1_000_000} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
