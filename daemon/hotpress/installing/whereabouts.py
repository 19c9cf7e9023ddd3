"""What this very installation is: its interpreter, its user, and the folders it has to write."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hotpress import places
from hotpress.config.rules import source_policies
from hotpress.config.settings import Settings
from hotpress.errors import NotAllowed
from hotpress.places import Places

_TRY_SECONDS = 60.0
# Where `uvx` and `pipx run` keep what they make for one call and throw away later.
_PASSING = ("/.cache/", "/archive-v0/", "/environments-v")


@dataclass(frozen=True, slots=True)
class Installation:
    """What a unit is written from. All paths are whole ones."""

    program: tuple[str, ...]  # `hotpress`, as its interpreter starts it
    user: str
    uid: int
    home: Path
    config: Path
    state: Path
    writable: tuple[Path, ...] = ()
    systemd: int = 252  # its version: an older one warns of what it does not know
    generic: bool = False  # for packages: `%h` and the like in its paths are systemd's to fill in

    @property
    def token_file(self) -> Path:
        """Lines such as NEMO_TOKEN=..., for the owner's eyes only."""
        return self.config.parent / "environment"

    @property
    def command(self) -> tuple[str, ...]:
        """What the system starts."""
        where = ("--config", str(self.config), "--state-dir", str(self.state))
        return (*self.program, *where, "run")


def person(name: str) -> tuple[str, int, Path]:
    """Name, number and home folder of a user of this machine ("": whoever runs this)."""
    import pwd  # noqa: PLC0415 - there is none on Windows, where the rest of this is read, too

    try:
        found = pwd.getpwnam(name) if name else pwd.getpwuid(os.getuid())
    except KeyError:
        who = name or f"number {os.getuid()}"
        raise NotAllowed(f"this machine has no user {who}", "Name one with --user.") from None
    home = found.pw_dir if name else os.environ.get("HOME") or found.pw_dir
    return found.pw_name, found.pw_uid, Path(home)


def lasting_python(python: str) -> Path:
    """The interpreter that starts hotpress next year, too. Raises NotAllowed.

    Not resolved: a virtual environment is known by the very path of its link.
    """
    found = Path(python)
    passing = any(each in f"{found}/" for each in (*_PASSING, f"{tempfile.gettempdir()}/uv"))
    if passing:
        raise NotAllowed(
            f"this hotpress lives in a folder that is thrown away ({found.parent.parent})",
            "Install it first (uv tool install hotpress, or pipx install hotpress), then "
            "`hotpress service install`.",
        )
    # As the system will start it: without our environment, in another folder.
    try:
        done = subprocess.run(  # the very interpreter that runs now
            [str(found), "-m", "hotpress", "--version"],
            env={"PATH": os.defpath},
            cwd="/",
            capture_output=True,
            timeout=_TRY_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _cannot_start(found) from error
    if done.returncode != 0:
        raise _cannot_start(found)
    return found


def _cannot_start(python: Path) -> NotAllowed:
    return NotAllowed(
        f"{python} can't start hotpress by itself",
        "Install it into an environment of its own (pipx install hotpress, or uv tool install "
        "hotpress), and run `hotpress service install` from there.",
    )


def program(python: Path, packaged: Path = Path("/usr/bin/hotpress")) -> tuple[str, ...]:
    """What starts hotpress: a system package's own name where this is one, else the interpreter."""
    inside = packaged.is_symlink() and packaged.resolve().parent == python.parent.resolve()
    return (str(packaged),) if inside else (str(python), "-m", "hotpress")


def installation(
    python: Path, who: tuple[str, int, Path], where: Places, settings: Settings, systemd: int
) -> Installation:
    """Of this interpreter, for this user."""
    name, uid, home = who
    return Installation(
        program=program(python),
        user=name,
        uid=uid,
        home=home,
        config=where.config.absolute(),
        state=where.state.absolute(),
        writable=written(where, home, settings),
        systemd=systemd,
    )


def bare(python: Path, who: tuple[str, int, Path], where: Places) -> Installation:
    """Enough to take it away."""
    return installation(python, who, where, Settings(), 0)


def written(where: Places, home: Path, settings: Settings) -> tuple[Path, ...]:
    """The folders that hotpress may have to write, each once, none below another."""
    found = {where.state.absolute(), places.client_id_file().parent}
    for inbox in settings.inboxes:
        found |= {inbox.path, inbox.outbox}
        for source, archive, _ in source_policies(settings, inbox):
            found |= {archive} if archive is not None else set()
            found |= {home / ".local/share/Trash"} if source == "trash" else set()
    return tuple(sorted(p for p in found if not any(q in found for q in p.parents)))
