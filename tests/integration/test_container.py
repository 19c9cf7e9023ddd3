"""The container's files: rules that a linter would have, and the entrypoint outside a container."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
CONTAINER = ROOT / "container"
ENTRY = CONTAINER / "entrypoint.sh"
# A root with the entrypoint's own paths, in which anybody may read this Python and hotpress.
STAGE = """
cd "$ROOT"
for each in bin lib lib64 usr etc proc dev; do
    [ -e "/$each" ] || continue
    mkdir -p "$each"; mount --rbind "/$each" "$each"
done
mkdir -p ".$BASE" tmp site code opt/hotpress/bin opt/hotpress/lib/python$VERSION/site-packages
mount -t tmpfs tmpfs tmp; chmod 1777 tmp
mount --bind "$BASE" ".$BASE"; mount --bind "$SITE" site; mount --bind "$CODE" code
echo "home = $BASE/bin" >opt/hotpress/pyvenv.cfg
ln -sf "$BASE/bin/python$VERSION" opt/hotpress/bin/python3
printf '/site\\n/code\\n' >opt/hotpress/lib/python$VERSION/site-packages/here.pth
printf '#!/bin/sh\\nexec /opt/hotpress/bin/python3 -m hotpress "$@"\\n' >opt/hotpress/bin/hotpress
chmod 755 opt/hotpress/bin/hotpress
exec chroot "$ROOT" "$@"
"""


def instructions():
    """(word, rest) of each instruction, by stage."""
    text = re.sub(r"^#.*\n", "", (CONTAINER / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    stages = []
    for word, _, rest in (line.partition(" ") for line in lines):
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, " ".join(rest.split())))
    return stages


def test_the_image_keeps_the_rules_of_good_images():
    """Pinned base, nothing left over, exec form, a health check, and never root at run time."""
    stages = instructions()
    last = dict(stages[-1])
    every = [each for stage in stages for each in stage]
    for word, rest in every:
        if word == "FROM":
            assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-bookworm( AS \w+)?", rest), rest
        if word in ("ENTRYPOINT", "CMD"):
            assert all(isinstance(each, str) for each in json.loads(rest)), "exec form"
        if word == "RUN":
            assert "sudo" not in rest
            assert "apt-get" not in rest or "rm -rf /var/lib/apt/lists" in rest
            assert len(re.findall(r"-m pip\b", rest)) == rest.count("--no-cache-dir")
        if word == "COPY":
            assert not rest.endswith(" ."), "into a place of its own"
    words = {word for word, _ in every}
    assert not words & {"ADD", "MAINTAINER", "SHELL", "ONBUILD"}
    assert json.loads(last["ENTRYPOINT"]) == ["hotpress"]
    assert json.loads(last["HEALTHCHECK"].partition("CMD ")[2]) == [
        "hotpress",
        "status",
        "--health",
    ]
    assert last["STOPSIGNAL"] == "SIGTERM"
    # Whoever calls it: the only `hotpress` on the path is the one that becomes PUID.
    assert "container/entrypoint.sh /usr/local/bin/hotpress" in last["COPY"]
    assert "exec setpriv --reuid" in ENTRY.read_text()
    kept = (CONTAINER / "Dockerfile.dockerignore").read_text().splitlines()
    given = {line[1:] for line in kept if line.startswith("!")}
    copied = {
        source
        for word, rest in every
        if word == "COPY" and "--from" not in rest
        for source in shlex.split(rest)[:-1]
        if not source.startswith("--")
    }
    assert given == copied
    assert all((ROOT / name).exists() for name in given)
    environment = dict(each.split("=", 1) for each in shlex.split(last["ENV"]))
    assert environment["HOTPRESS_STATE_DIR"] in json.loads(last["VOLUME"])


def test_the_compose_file_gives_as_little_as_it_can():
    """Read-only but for its volumes, three capabilities, time to stop, no image by `latest`."""
    [service] = yaml.safe_load((CONTAINER / "compose.yaml").read_text())["services"].values()
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert set(service["cap_add"]) == {"CHOWN", "SETGID", "SETUID"}
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "network_mode", "pid", "user"} & service.keys()
    assert int(service["stop_grace_period"].rstrip("s")) > 10
    assert not service["image"].endswith(":latest")
    assert {each.rpartition(":")[2] for each in service["volumes"]} == {
        *("/config", "/state", "/inbox", "/outbox")
    }
    assert "/tmp" in service["tmpfs"]
    assert {"PUID", "PGID", "UMASK", "TZ"} <= service["environment"].keys()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("PUID", each) for each in ("anna", "-1", "0", "00", "1000;id", "99999999999")),
        *(("PGID", each) for each in ("users", "0")),
        *(("UMASK", each) for each in ("22", "088", "rwx", "0x22", "1022")),
        *(("TZ", each) for each in ("Mars/Olympus", "../../etc/passwd", "/etc/passwd")),
    ],
)
def test_a_value_that_can_not_be_meant_is_refused_with_one_sentence(name, value):
    """It names the variable and what to write; nothing is started."""
    env = {"PATH": os.environ["PATH"], name: value}
    done = subprocess.run(
        ["sh", str(ENTRY), "run"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"hotpress: {name}={value} ")
    assert len(done.stderr.splitlines()) == 1


class Box:
    """A root folder with the container's paths; mounts of its own that end with each call."""

    def __init__(self, folder):
        self.root = folder / "root"
        self.root.mkdir()
        folder.chmod(0o755)
        self.root.chmod(0o755)
        for name in ("config", "state", "inbox", "outbox"):
            (self.root / name).mkdir()
        (self.root / "entry").write_bytes(ENTRY.read_bytes())
        (self.root / "entry").chmod(0o755)

    def command(self, *words, **variables):
        env = {
            "HOME": "/config",
            "HOTPRESS_CONFIG": "/config/config.yaml",
            "HOTPRESS_STATE_DIR": "/state",
            "LANG": "C.UTF-8",
            "PATH": "/usr/bin:/bin",
            "PGID": "100",
            "PUID": "1026",
            "TZ": "Asia/Tokyo",
            "UMASK": "027",
            **variables,
        }
        inner = ["env", "-i", *(f"{name}={value}" for name, value in env.items()), "/entry", *words]
        own = {
            "ROOT": str(self.root),
            "BASE": sys.base_prefix,
            "SITE": sysconfig.get_path("purelib"),
            "CODE": str(ROOT / "daemon"),
            "VERSION": f"{sys.version_info.major}.{sys.version_info.minor}",
            "PATH": os.environ["PATH"],
        }
        return ["unshare", "--mount", "--", "sh", "-ec", STAGE, "sh", *inner], own

    def say(self, *words, **variables):
        command, env = self.command(*words, **variables)
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    def start(self, *words, **variables):
        command, env = self.command(*words, **variables)
        return subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )


def owner(path):
    status = path.stat()
    return status.st_uid, status.st_gid, status.st_mode & 0o777


@pytest.mark.slow
@pytest.mark.system
def test_the_entrypoint_starts_hotpress_as_the_user_it_is_told_and_hands_on_the_signal(tmp_path):
    """A first config is written, folders are theirs, it is healthy; SIGTERM ends it with 0."""
    box = Box(tmp_path)
    refused = box.say("run")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr
    assert refused.stderr.startswith("hotpress: /outbox can't be written as 1026:100")
    os.chown(box.root / "outbox", 1026, 100)

    daemon = box.start("run")
    try:
        end = time.monotonic() + 30
        while (health := box.say("status", "--health")).returncode != 0:
            assert daemon.poll() is None, daemon.stdout.read()
            assert time.monotonic() < end, health.stdout + health.stderr
        proc = Path(f"/proc/{daemon.pid}")
        status = (proc / "status").read_text()
        assert re.search(r"^Uid:\s+1026\s+1026\s+1026\s+1026$", status, re.MULTILINE)
        assert re.search(r"^Gid:\s+100\s+100\s+100\s+100$", status, re.MULTILINE)
        assert re.search(r"^Groups:\s*$", status, re.MULTILINE)
        assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
        assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE)
        assert re.search(r"^Umask:\s+0027$", status, re.MULTILINE)
        environment = (proc / "environ").read_bytes().split(b"\0")
        assert b"TZ=Asia/Tokyo" in environment
        assert b"hotpress" in (proc / "cmdline").read_bytes()
    finally:
        daemon.send_signal(signal.SIGTERM)
        said, _ = daemon.communicate(timeout=15)
    assert daemon.returncode == 0, said
    assert owner(box.root / "config/config.yaml") == (1026, 100, 0o600)
    found = yaml.safe_load((box.root / "config/config.yaml").read_text())
    assert found["inboxes"] == [{"name": "inbox", "path": "/inbox", "outbox": "/outbox"}]
    assert {owner(path)[:2] for path in (box.root / "state").iterdir()} == {(1026, 100)}
    assert owner(box.root / "outbox/.hotpress")[:2] == (1026, 100)
    assert owner(box.root / "inbox")[:2] == (0, 0), "nobody's videos change hands"
    ended = box.say("status", "--health")
    assert (ended.returncode, ended.stdout) == (1, "hotpress does not run: hotpress run\n")


@pytest.mark.slow
@pytest.mark.system
def test_the_page_is_shown_outside_only_with_a_password(tmp_path):
    """PAGE_PASSWORD at the first start: its hash is in the config, itself nowhere."""
    box = Box(tmp_path)
    os.chown(box.root / "outbox", 1026, 100)
    short = box.say("run", PAGE_PASSWORD="short")
    assert (short.returncode, len(short.stderr.splitlines())) == (2, 1)
    assert not (box.root / "config/config.yaml").exists()

    daemon = box.start("run", PAGE_PASSWORD="a long secret 1")
    try:
        end = time.monotonic() + 30
        while "is at http" not in (said := box.say("page").stdout):
            assert daemon.poll() is None, daemon.stdout.read()
            assert time.monotonic() < end, said
        assert b"long secret" not in Path(f"/proc/{daemon.pid}/environ").read_bytes()
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate(timeout=15)
    text = (box.root / "config/config.yaml").read_text()
    assert yaml.safe_load(text)["page"]["listen"] == "0.0.0.0:8420"
    assert "long secret" not in text
