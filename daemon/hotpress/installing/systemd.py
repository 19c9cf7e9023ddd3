"""The units for systemd, as text. Pure."""

from __future__ import annotations

import shlex
from pathlib import Path

from hotpress.installing.whereabouts import Installation

_BACK_OFF_SINCE = 254  # systemd's version that knows RestartSteps
_TEMPORARY = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - looked for, not written

_START = """\
# Told by hotpress itself: ready, what it does, alive, loading, stopping.
Type=notify
NotifyAccess=main
ExecStart={command}
# Takes a changed config; a broken one changes nothing.
ExecReload=/bin/kill -HUP $MAINPID
# A token of your own is a line in this file (chmod 600), never in this unit: NEMO_TOKEN=nmv_...
EnvironmentFile=-{token_file}
# Or as a credential, in a file that hotpress is shown while it runs:
#LoadCredential=NEMO_TOKEN:/etc/hotpress/token
Environment=HOTPRESS_UNIT={kind}
WorkingDirectory=/

# No sign of life for so long: it is ended and started again. A dead network share is no reason.
WatchdogSec=2min
TimeoutStartSec=2min
TimeoutStopSec=15
Restart=on-failure
RestartSec=10
{back_off}
# A broken config (2) or a second daemon (4) is not mended by trying again.
RestartPreventExitStatus=2 4
# Encoders end with it. One that the system ends for want of memory is hotpress's own affair.
KillMode=mixed
OOMPolicy=continue

# It stays behind what you do. MemoryHigh slows it down, it ends nothing; more for 4K and 8K.
Nice=5
CPUWeight=50
IOWeight=50
MemoryHigh=60%
LogRateLimitIntervalSec=30s
LogRateLimitBurst=2000
"""

_STRICT = """\
# What it may do. Each line can be taken out when it is in the way.
NoNewPrivileges=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictNamespaces=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
# The cloud, the page, systemd's own line; netlink tells which addresses this machine has.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
# With `route: local` everywhere and no notices, nothing has to leave this machine:
#IPAddressDeny=any
#IPAddressAllow=localhost
UMask=0022
"""

_FOLDERS = """\
ProtectSystem=strict
ProtectHome=read-only
# From the config, and what hotpress remembers. A new folder there: install the unit again.
{writable}
# `no` where an inbox or outbox lies in /tmp or /var/tmp.
PrivateTmp={private_tmp}
# `no` for an encoder that needs the graphics card.
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
CapabilityBoundingSet=
AmbientCapabilities=
KeyringMode=private
RemoveIPC=yes
"""

_USER_FOLDERS = """\
# Where this system lets users make namespaces (most do), these keep it out of other folders:
#ProtectSystem=strict
#PrivateTmp={private_tmp}
{writable}
"""


def user_unit(of: Installation) -> str:
    """For the manager of one user: it runs while that user is logged in, or lingers."""
    commented = "\n".join(f"#{line}" for line in _writable(of).splitlines())
    return (
        "# A user's unit, written by `hotpress service install`.\n"
        "# To run without being logged in: loginctl enable-linger\n"
        f"{_head()}\n[Service]\n{_start(of, 'user')}\n{_STRICT}\n"
        f"{_USER_FOLDERS.format(private_tmp=_private_tmp(of), writable=commented)}"
        "\n[Install]\nWantedBy=default.target\n"
    )


def system_unit(of: Installation) -> str:
    """For the whole machine, running as one user."""
    return (
        "# A system unit, written by `hotpress service install --system`.\n"
        f"{_head()}After=network-online.target remote-fs.target\nWants=network-online.target\n"
        f"\n[Service]\nUser={of.user}\n{_start(of, 'system')}\n{_STRICT}"
        f"{_FOLDERS.format(private_tmp=_private_tmp(of), writable=_writable(of))}"
        "\n[Install]\nWantedBy=multi-user.target\n"
    )


def _head() -> str:
    return (
        "[Unit]\nDescription=hotpress: smaller videos from a hot folder\n"
        "Documentation=https://github.com/hotpress/hotpress\n"
        "# Ended ten times in an hour: it stays down until a person has looked.\n"
        "StartLimitIntervalSec=1h\nStartLimitBurst=10\n"
    )


def _start(of: Installation, kind: str) -> str:
    later = "RestartSteps=6\nRestartMaxDelaySec=5min"
    old = "# Longer each time (systemd 254): RestartSteps=6, RestartMaxDelaySec=5min"
    # systemd takes no program whose own path holds one of these; as another one's word it does.
    way = ("/usr/bin/env",) if any(each in of.program[0] for each in "\"'\\$") else ()
    words = (quoted(word, dollar=True, specifiers=of.generic) for word in (*way, *of.command))
    return _START.format(
        command=" ".join(words),
        token_file=str(of.token_file) if of.generic else str(of.token_file).replace("%", "%%"),
        kind=kind,
        back_off=later if of.systemd >= _BACK_OFF_SINCE else old,
    )


def _writable(of: Installation) -> str:
    """A folder that is not there yet (a disk that is not mounted) is no reason not to start."""
    # Without a /tmp of its own it needs that of all: encoders are handed a place there.
    shared = _TEMPORARY if _private_tmp(of) == "no" else ()
    words = [quoted(f"-{path}", specifiers=of.generic) for path in (*of.writable, *shared)]
    return "\n".join(f"ReadWritePaths={word}" for word in words)


def _private_tmp(of: Installation) -> str:
    paths = (*of.writable, of.config, Path(of.program[0]))
    there = any(folder in (path, *path.parents) for path in paths for folder in _TEMPORARY)
    return "no" if there else "yes"


def quoted(word: str, *, dollar: bool = False, specifiers: bool = False) -> str:
    """One word as systemd reads it back; `dollar` in commands, where `$` names a variable.

    `specifiers`: its `%h` and `%i` are meant as systemd takes them.
    """
    text = word.replace("\\", "\\\\").replace('"', '\\"')
    text = text.replace("\n", "\\n").replace("\t", "\\t")
    text = text if specifiers else text.replace("%", "%%")
    text = text.replace("$", "$$") if dollar else text
    bare = word.replace("%", "")
    return text if shlex.quote(bare) == bare else f'"{text}"'


def for_packages(user_program: str = "%h/.local/bin/hotpress") -> dict[str, str]:
    """The files of `systemd/`, for whoever packages hotpress: any user, the usual places."""
    return {
        "hotpress.service": user_unit(_anybody("%u", "%h", user_program)),
        "hotpress@.service": system_unit(_anybody("%i", "/home/%i", "/usr/bin/hotpress")),
    }


def _anybody(user: str, home: str, program: str) -> Installation:
    at = Path(home)
    return Installation(
        program=(program,),
        user=user,
        uid=0,
        home=at,
        config=at / ".config/hotpress/config.yaml",
        state=at / ".local/state/hotpress",
        writable=(at,),
        generic=True,
    )
