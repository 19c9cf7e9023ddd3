"""The Debian package on a Debian of its own: `scripts/long deb`, as root, with debootstrap.

Makes the package, lets lintian look at it, and installs it into a tree that holds nothing but
Debian's smallest system and Python. There a user of that tree runs the demo and has a unit printed.
Then the package is removed and purged, and the tree is compared with what it was before: nothing
but data may be left.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_NEEDED = ("debootstrap", "dpkg-deb", "lintian", "unshare", "chroot")
_TREE = ["--variant=minbase", "--include=python3,man-db,bash-completion,zsh,fish"]
_CHANGING = ("var/lib/dpkg", "var/log", "var/cache", "proc", "sys", "dev", "tmp", "run", "home")
_SHELLS = (
    ("bash", "usr/share/bash-completion/completions/hotpress"),
    ("zsh", "usr/share/zsh/vendor-completions/_hotpress"),
    ("fish", "usr/share/fish/vendor_completions.d/hotpress.fish"),
)


def timed(what: str, do: Callable[[], str]) -> str:
    """What it said; how long it took is printed."""
    began = time.monotonic()
    said = do()
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)
    return said


def run(*words: str | Path, good: bool = True) -> str:
    """One program, here."""
    command = [str(word) for word in words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert (done.returncode == 0) == good, (command, done.stdout[-3_000:], done.stderr[-3_000:])
    return done.stdout + done.stderr


def inside(tree: Path, *words: str, user: str = "") -> str:
    """One program in the tree, with mounts that nobody else sees and that go with it."""
    mounts = f'mount -t proc proc "{tree}/proc" && mount --rbind /dev "{tree}/dev"'
    plain = {"PATH": os.environ["PATH"]}
    who = [f"--userspec={user}:{user}"] if user else []
    home = f"/home/{user}" if user else "/root"
    env = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", f"HOME={home}", "LANG=C.UTF-8"]
    command = ["unshare", "--mount", "sh", "-ec", f'{mounts}; exec "$@"', "sh", "chroot", *who]
    done = subprocess.run(
        [*command, str(tree), *env, *words],
        capture_output=True,
        text=True,
        check=False,
        env=plain,
        timeout=600,
    )
    assert done.returncode == 0, (words, done.stdout[-3_000:], done.stderr[-3_000:])
    return done.stdout + done.stderr


def mirror() -> str:
    """Where this machine has its Debian from."""
    words = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages"]
    for line in run(*words).splitlines():
        site, _, release = line.partition(" ")
        if "security" not in site and "security" not in release and "update" not in release:
            return site
    raise AssertionError("this machine's apt names no place to get Debian from")


def files(tree: Path) -> set[str]:
    """All that lies there, but for what dpkg and the system write about themselves."""
    found = set()
    for folder, _, names in os.walk(tree):
        at = Path(folder).relative_to(tree).as_posix()
        if not any(at == each or at.startswith(f"{each}/") for each in _CHANGING):
            found |= {at, *(f"{at}/{name}" for name in names)}
    return found


def installed(tree: Path) -> None:
    """As an administrator and a user of that machine see it."""
    assert inside(tree, "hotpress", "--version") == "hotpress 0.1.0\n"
    said = timed("hotpress demo, by a user", lambda: inside(tree, "hotpress", "demo", user="anna"))
    assert "nothing was uploaded, no credits used" in said
    assert "target" in said
    inside(tree, "hotpress", "init", "/home/anna/Videos", user="anna")
    unit = inside(tree, "hotpress", "service", "print", user="anna")
    assert "\nExecStart=/usr/bin/hotpress --config /home/anna/.config" in unit
    for name in ("hotpress.1", "hotpress-service.1", "hotpress.yaml.5"):
        assert "/usr/share/man/" in inside(tree, "man", "-w", name.rpartition(".")[0])
    for shell, place in _SHELLS:
        inside(tree, shell, "-n", f"/{place}")
    complete = "source /usr/share/bash-completion/completions/hotpress; COMP_WORDS=(hotpress pl); "
    complete += 'COMP_CWORD=1; _hotpress_completion hotpress; echo "${COMPREPLY[@]}"'
    assert inside(tree, "bash", "-c", complete).strip() == "plan"
    for place in ("system/hotpress@.service", "user/hotpress.service"):
        text = (tree / "usr/lib/systemd" / place).read_text()
        assert "\nExecStart=/usr/bin/hotpress " in text
    assert inside(tree, "dpkg", "--verify", "hotpress") == ""


def main() -> int:
    """0 when all that is claimed came true."""
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if os.getuid() != 0 or missing:
        print(f"It can't run here: it needs root and {', '.join(_NEEDED)}.")
        return 1
    folder = Path(tempfile.mkdtemp(prefix="deb-"))
    os.environ["HOTPRESS_DIST"] = str(folder)
    timed("all packages", lambda: run(ROOT / "scripts/package"))
    [package] = folder.glob("*.deb")
    print(f"{package.name}: {package.stat().st_size / 1e6:.0f} MB")
    said = timed("lintian", lambda: run("lintian", "--fail-on", "error,warning", package))
    print(said.strip() or "lintian has nothing to say")
    tree = folder / "tree"
    suite = run(
        sys.executable,
        "-c",
        "import platform; print(platform.freedesktop_os_release()['VERSION_CODENAME'])",
    )
    timed("a Debian", lambda: run("debootstrap", *_TREE, suite.strip(), tree, mirror()))
    inside(tree, "useradd", "--create-home", "anna")
    before = files(tree)
    shutil.copy(package, tree / "tmp")
    timed("dpkg --install", lambda: inside(tree, "dpkg", "--install", f"/tmp/{package.name}"))
    print(f"installed: {run('du', '-sm', tree / 'usr/lib/hotpress').split()[0]} MB")
    installed(tree)
    timed("dpkg --remove", lambda: inside(tree, "dpkg", "--remove", "hotpress"))
    told = inside(tree, "dpkg", "--purge", "hotpress")
    assert files(tree) == before, sorted(files(tree) ^ before)[:20]
    kept = {p.relative_to(tree / "home/anna").as_posix() for p in (tree / "home/anna").rglob("*")}
    assert ".config/hotpress/config.yaml" in kept
    print(f"removed: nothing left but what belongs to anna ({len(kept)} files and folders)")
    print(told.strip())
    shutil.rmtree(folder)
    print("all came true")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
