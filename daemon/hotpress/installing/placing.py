"""Puts a unit or an agent in its place, and asks the system to take it; twice does no harm.

What the machine is comes in as `System`: nothing here asks for the platform by itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotpress.errors import NotAllowed
from hotpress.installing import launchd, systemd
from hotpress.installing.whereabouts import Installation

_CALL_SECONDS = 60.0
# A program with its words -> its code and what it said.
Call = Callable[[Sequence[str]], tuple[int, str]]


def _called(words: Sequence[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=_CALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 127, f"{words[0]}: {error}"
    return done.returncode, (done.stdout + done.stderr).strip()


@dataclass(frozen=True, slots=True)
class System:
    """This machine, as far as it starts programs."""

    platform: str = sys.platform
    root: Path = Path("/")  # its files lie below
    call: Call = _called
    is_root: bool = os.getuid() == 0 if hasattr(os, "getuid") else False

    @property
    def has_systemd(self) -> bool:
        """Does it run here? The tools may be installed where it doesn't."""
        return self.platform == "linux" and (self.root / "run/systemd/system").is_dir()

    @property
    def systemd_version(self) -> int:
        """0 where nobody can tell."""
        _, text = self.call(("systemctl", "--version"))
        found = text.split()[1:2]
        return int(found[0]) if found and found[0].isdigit() else 0


@dataclass(frozen=True, slots=True)
class Placed:
    """What was done, and what is left for a person to do, a sentence each."""

    path: Path
    done: tuple[str, ...]
    left: tuple[str, ...] = ()


def unit_name(of: Installation, *, system: bool) -> str:
    """As `systemctl` knows it."""
    return f"hotpress@{of.user}.service" if system else "hotpress.service"


def place_of(of: Installation, here: System, *, system: bool) -> Path:
    """Where its text lies."""
    if here.platform == "darwin":
        return of.home / "Library/LaunchAgents" / f"{launchd.LABEL}.plist"
    if system:
        return here.root / "etc/systemd/system" / unit_name(of, system=True)
    return of.home / ".config/systemd/user" / unit_name(of, system=False)


def printed(of: Installation, here: System, *, system: bool) -> str:
    """The text itself."""
    if here.platform == "darwin":
        return launchd.agent(of)
    return systemd.system_unit(of) if system else systemd.user_unit(of)


def install(of: Installation, here: System, *, system: bool, now: bool) -> Placed:
    """Write it, and have it started at each login or boot; `now`: also now. Raises NotAllowed."""
    _allowed(here, system=system)
    path, text = place_of(of, here, system=system), printed(of, here, system=system)
    before = path.read_text("utf-8") if path.exists() else None
    if before != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(text, "utf-8")
        fresh.chmod(0o644)
        fresh.replace(path)
    done = [f"{path} is {'as it was' if before == text else 'written'}."]
    if here.platform == "darwin":
        return _agent_taken(of, here, path, done, now=now, changed=before != text)
    _ask(here, system, "daemon-reload")
    name = unit_name(of, system=system)
    here.call(_systemctl(system, "reset-failed", name))  # fails when it never ran: no matter
    _ask(here, system, "enable", name)
    done.append(f"It starts by itself at each {'boot' if system else 'login'}.")
    left = _made(of, here, system=system)
    start = " ".join(_systemctl(system, "restart" if before else "start", name))
    if now:
        _ask(here, system, "restart" if before not in (None, text) else "start", name)
        done.append("It runs.")
    else:
        left.append(f"{'Take the change' if before else 'Start it now'}: {start}")
    lingers = here.root / "var/lib/systemd/linger" / of.user
    if not system and not lingers.exists():
        left.append(f"To run while you are not logged in: loginctl enable-linger {of.user}")
    return Placed(path, tuple(done), tuple(left))


def _made(of: Installation, here: System, *, system: bool) -> list[str]:
    """What hotpress remembers in must be there: below a sandbox it could not be made any more."""
    own = (of.state, of.home / ".config/nemovideo")
    for folder in own if system else ():
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o700)
            if here.is_root:
                # Also those above it that were made just now: root's own would be in the way.
                for each in (folder, *folder.parents):
                    if of.home in each.parents and each.stat().st_uid == 0:
                        os.chown(each, of.uid, -1)
    away = [p for p in of.writable if p not in own and not p.exists()] if system else []
    said = "is not there, and can't be made from inside the unit: make or mount it, then restart."
    return [f"{path} {said}" for path in away]


def _agent_taken(
    of: Installation, here: System, path: Path, done: list[str], *, now: bool, changed: bool
) -> Placed:
    domain = f"gui/{of.uid}"
    known = here.call(("launchctl", "print", f"{domain}/{launchd.LABEL}"))[0] == 0
    done.append("It starts by itself at each login.")
    if not now:
        return Placed(path, tuple(done), (f"Start it now: launchctl bootstrap {domain} {path}",))
    if known and changed:
        here.call(("launchctl", "bootout", f"{domain}/{launchd.LABEL}"))
    if changed or not known:
        code, said = here.call(("launchctl", "bootstrap", domain, str(path)))
        if code != 0:
            raise NotAllowed(f"launchd did not take {path}: {said}", "Log in at the screen first.")
    return Placed(path, (*done, "It runs."))


def removed(of: Installation, here: System, *, system: bool) -> Placed:
    """Stop it and take its text away; what hotpress remembers stays. Raises NotAllowed."""
    _allowed(here, system=system)
    path = place_of(of, here, system=system)
    was = path.exists()
    if here.platform == "darwin":
        here.call(("launchctl", "bootout", f"gui/{of.uid}/{launchd.LABEL}"))
        path.unlink(missing_ok=True)
    elif was:
        here.call(_systemctl(system, "disable", "--now", unit_name(of, system=system)))
        path.unlink(missing_ok=True)
        _ask(here, system, "daemon-reload")
    done = f"{path} is gone, and hotpress with it." if was else f"{path} was not there."
    left = (
        f"Your config and your jobs stay: {of.config}, {of.state}. So do results, in the outboxes.",
    )
    return Placed(path, (done,), left)


def state_of(of: Installation, here: System, *, system: bool) -> Placed:
    """How it stands. Raises NotAllowed where neither systemd nor launchd is at work."""
    _allowed(here, system=system, write=False)
    path = place_of(of, here, system=system)
    if not path.exists():
        return Placed(path, (f"{path} is not there.",), ("hotpress service install",))
    option = " --system" if system else ""
    fits = path.read_text("utf-8") == printed(of, here, system=system)
    again = f"It is not as the config asks today: hotpress service install{option} --now"
    if here.platform == "darwin":
        code, _ = here.call(("launchctl", "print", f"gui/{of.uid}/{launchd.LABEL}"))
        said = "launchd runs it" if code == 0 else "launchd does not know it"
    else:
        words = _systemctl(system, "is-active", unit_name(of, system=system))
        said = f"systemd calls it {here.call(words)[1] or 'unknown'}"
    return Placed(path, (f"{path} is there.", f"{said}."), () if fits else (again,))


def _allowed(here: System, *, system: bool, write: bool = True) -> None:
    if here.platform == "darwin" and not system:
        return
    if here.platform == "darwin":
        raise NotAllowed(
            "on a Mac hotpress runs as the agent of a user: it needs that user's folders",
            "Leave --system out.",
        )
    if not here.has_systemd:
        raise NotAllowed(
            "systemd does not run here"
            if here.platform == "linux"
            else f"hotpress does not know how {here.platform} starts programs",
            "Have `hotpress run` started by what starts programs here; on Windows use WSL2 or "
            "Docker. `hotpress service print` shows the unit.",
        )
    if system and write and not here.is_root:
        raise NotAllowed(
            "only root may write a system unit",
            "sudo hotpress service install --system --user YOU; or leave --system out.",
        )


def _systemctl(system: bool, *words: str) -> tuple[str, ...]:
    return ("systemctl", *(() if system else ("--user",)), *words)


def _ask(here: System, system: bool, *words: str) -> None:
    words = _systemctl(system, *words)
    code, said = here.call(words)
    if code != 0:
        raise NotAllowed(f"`{' '.join(words)}` failed: {said}", "See journalctl -e; then again.")
