"""Where things are: config, state, client id; the usual places, or what a person says."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

BAD = "bad"  # in the spool: downloads that were refused, kept for a day


@dataclass(frozen=True, slots=True)
class Places:
    """The paths that one installation uses."""

    config: Path
    state: Path

    @property
    def store(self) -> Path:
        """The SQLite database of jobs."""
        return self.state / "hotpress.db"

    @property
    def lock(self) -> Path:
        """Held by the daemon that owns the state directory; its first word is the pid."""
        return self.state / "daemon.lock"

    @property
    def spool(self) -> Path:
        """Files that are under way, one folder a job."""
        return self.state / "spool"


def find(config: Path | None, state_dir: Path | None) -> Places:
    """Options win over `HOTPRESS_CONFIG` and `HOTPRESS_STATE_DIR`, those over the usual places."""
    config_env, state_env = os.environ.get("HOTPRESS_CONFIG"), os.environ.get("HOTPRESS_STATE_DIR")
    usual_config = Path(platformdirs.user_config_dir("hotpress", appauthor=False)) / "config.yaml"
    usual_state = Path(platformdirs.user_state_dir("hotpress", appauthor=False))
    return Places(
        config=_whole(config or (Path(config_env) if config_env else usual_config)),
        state=_whole(state_dir or (Path(state_env) if state_env else usual_state)),
    )


def _whole(path: Path) -> Path:
    """Programs that are started work in folders of their own: `st` would be another one there."""
    return path.expanduser().absolute()


def client_id_file() -> Path:
    """The client id that other clients of the service share (cloud-api: Token)."""
    return Path("~/.config/nemovideo/client_id").expanduser()


def boot_id() -> str:
    """A name for this start of the machine, "" where the system has none to offer."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""  # not Linux: then a restart of the machine can't be told from one of ours


def behind_links(path: Path) -> Path:
    """The path behind links; one that leads back to itself (or can't be asked) as it is written."""
    try:
        return path.resolve()
    except (RuntimeError, OSError):  # RuntimeError: such a loop, before Python 3.13
        return path


def make_private_dir(path: Path) -> None:
    """Make `path` for this user alone (0700), whatever the umask."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)


def locale() -> str:
    """What this user speaks, as the environment says: `zh_CN.UTF-8`."""
    return os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
