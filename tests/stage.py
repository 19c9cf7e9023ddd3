"""A stage for whole runs: the stand-in cloud and hotpress as real processes, seen from outside."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

FAST = {
    "render_poll": "300ms",
    "rate_limit_wait": "300ms",
    "after_break": "300ms",
    "recheck": "300ms",
    "recheck_times": 5,
    "stream_limit": "4s",
    "upload_look": "2s",
    "render_look": "1500ms",
    "credits_look": "1s",
    "offline_look": "1s",
}
TOKEN_MARK = "nmv_usr_"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_note(path: Path) -> bool:
    """Did hotpress write it for people to read?"""
    return path.name == "hotpress-status.txt" or path.name.endswith(".failed.txt")


def until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Poll until `condition` holds; a failure says what never came."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"never came within {seconds} s: {what}")


class Stage:
    """One folder with a stand-in, a config and a daemon."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.state = folder / "state"
        self.config = folder / "config.yaml"
        self.ledger_file = folder / "cloud.ledger"
        self.log_file = folder / "cloud.log"
        self.daemon: subprocess.Popen[bytes] | None = None
        self.api_url = ""
        self.cdn_url = ""

    def inbox(self, name: str = "Inbox") -> Path:
        return self.folder / name

    def outbox(self, name: str = "Inbox") -> Path:
        return self.folder / f"{name}-out"

    def env(self) -> dict[str, str]:
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "TMPDIR")}
        return {**keep, "HOME": str(self.home), "PYTHONWARNINGS": "error::ResourceWarning"}

    @contextmanager
    def cloud(self, scenario: dict[str, Any] | None = None, *options: str) -> Iterator[None]:
        """The stand-in, for as long as the block lasts."""
        path = self.folder / "scenario.yaml"
        path.write_text(
            yaml.safe_dump({"kill_pid_file": str(self.state / "daemon.lock"), **(scenario or {})})
        )
        command = [sys.executable, "-m", "hotpress.standin", "--scenario", str(path)]
        command += ["--log", str(self.log_file), "--ledger", str(self.ledger_file), *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=self.env()) as process:
            try:
                found = json.loads(process.stdout.readline())
                self.api_url, self.cdn_url = found["api_url"], found["cdn_url"]
                yield
            finally:
                process.terminate()
                process.wait(10)

    def configure(self, *inboxes: dict[str, Any], **sections: Any) -> None:
        """Write the config; each inbox gets its folders by its name."""
        rows = []
        for inbox in inboxes or ({},):
            name = inbox.get("name", "Inbox")
            self.inbox(name).mkdir(exist_ok=True)
            rows.append(
                {
                    "name": name,
                    "path": str(self.inbox(name)),
                    "outbox": str(self.outbox(name)),
                    **inbox,
                }
            )
        cloud = {"api_url": self.api_url, "timing": FAST, **sections.pop("cloud", {})}
        watch = {"settle": "300ms", "poll": "2s", "rescan": "2s", **sections.pop("watch", {})}
        data = {
            "cloud": cloud,
            "watch": watch,
            "inboxes": rows,
            "log": {"format": "json"},
            "page": "off",  # several daemons at a time would want the same port
            **sections,
        }
        self.config.write_text(yaml.safe_dump(data))

    def command(self, *words: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "hotpress",
            "--config",
            str(self.config),
            "--state-dir",
            str(self.state),
            *words,
        ]

    def say(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end."""
        return subprocess.run(
            self.command(*words),
            env=self.env(),
            capture_output=True,
            text=True,
            check=check,
            timeout=120,
        )

    def start(self, extra_env: dict[str, str] | None = None) -> None:
        with (self.folder / "daemon.log").open("ab") as log:
            self.daemon = subprocess.Popen(
                self.command("run"),
                env={**self.env(), **(extra_env or {})},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    def stop(self, seconds: float = 10) -> int:
        """SIGTERM; the exit code. Fails when it takes longer than the promised ten seconds."""
        assert self.daemon is not None
        self.daemon.send_signal(signal.SIGTERM)
        return self.daemon.wait(seconds)

    def end(self) -> None:
        if self.daemon is not None and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()

    def dead(self) -> bool:
        return self.daemon is None or self.daemon.poll() is not None

    def jobs(self) -> list[dict[str, Any]]:
        return json.loads(self.say("jobs", "--json").stdout)["jobs"]

    def stored(self) -> list[dict[str, Any]]:
        """The jobs' documents, read without starting a program."""
        path = self.state / "hotpress.db"
        if not path.exists():
            return []
        db = sqlite3.connect(path)
        try:
            rows = db.execute("SELECT document FROM jobs ORDER BY created_at").fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            db.close()
        return [json.loads(row[0]) for row in rows]

    def secrets_in_processes(self) -> list[str]:
        """Processes of the daemon whose command line or environment holds a token."""
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                group = os.getsid(int(folder.name))
                text = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            ours = self.daemon is not None and self.daemon.pid in (int(folder.name), parent, group)
            if ours and TOKEN_MARK.encode() in text:
                found.append(folder.name)
        return found

    def ended(self, count: int) -> bool:
        done = [
            j
            for j in self.stored()
            if j["state"] in ("failed", "cancelled", "skipped", "held")
            or (j["state"] == "delivered" and j["released_at"] is not None)
        ]
        return len(done) >= count

    def ledger(self) -> list[dict[str, Any]]:
        if not self.ledger_file.exists():
            return []
        return [json.loads(line) for line in self.ledger_file.read_text().splitlines()]

    def requests(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log_file.read_text().splitlines()]
        return sorted(lines, key=lambda line: line["n"])

    def facts(self) -> Counter[str]:
        return Counter(line["fact"] for line in self.ledger())

    def delivered(self, name: str = "Inbox") -> list[Path]:
        """Everything with a person's name in the outbox, but for hotpress's own notes."""
        out = self.outbox(name)
        files = (p for p in out.rglob("*") if p.is_file() and ".hotpress" not in p.parts)
        return sorted(p for p in files if not is_note(p))

    def notes(self, name: str = "Inbox") -> dict[str, str]:
        """The notes in the outbox, by their path in it."""
        out = self.outbox(name)
        found = (p for p in out.rglob("*.txt") if is_note(p))
        return {str(p.relative_to(out)): p.read_text("utf-8") for p in sorted(found)}


def no_charge_twice(stage: Stage, told_gone: int = 0) -> None:
    """P3 by the ledger: one message and one render an id, but for exceptions that it confirms.

    `told_gone`: how often the cloud said 1002 though it was not so; that is an exception, too.
    """
    ledger = stage.ledger()
    job_count = max(1, len(stage.stored()))
    jobs = stage.stored()
    excused = sum(j["tally"]["session_gone"] + j["tally"]["evidence"] for j in jobs)
    messages = [line for line in ledger if line["fact"] == "message_received"]
    lost = {line["session"] for line in ledger if line["fact"] == "session_lost"}
    uncharged = {m["session"] for m in messages} - {
        line["session"] for line in ledger if line["fact"] == "message_charged"
    }
    really_excused = [m for m in messages if m["session"] in lost | uncharged]
    assert len(messages) <= job_count + min(excused, len(really_excused) + told_gone), messages
    accepted = [x["id"] for x in ledger if x["fact"] == "render_submitted" and x["accepted"]]
    assert len(accepted) == len(set(accepted)), accepted
    again = sum(
        j["tally"]["bad_renders"] + j["tally"]["stuck_renders"] + j["tally"]["session_gone"]
        for j in jobs
    )
    assert len(accepted) <= job_count + again, accepted
    polled = {x["id"] for x in ledger if x["fact"] in ("render_polled_to_end", "render_cancelled")}
    assert set(accepted) <= polled, f"orphans: {set(accepted) - polled}"
