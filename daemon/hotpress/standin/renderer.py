"""The one encoder of the cloud: a thread that takes renders in turn and drives the real ffmpeg."""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

from hotpress.standin.encode import NotRenderableError, Plan, command, next_rate, plan_of
from hotpress.standin.ledger import Ledger
from hotpress.standin.lies import falsify_file, falsify_plan
from hotpress.standin.pace import Pace
from hotpress.standin.renders import Render, Renders

TRIES = 4
NICENESS = 10
THREADS = 2
MICROSECONDS = 1_000_000


class Renderer:
    """Runs at most one ffmpeg at a time, below everything else in priority."""

    def __init__(self, renders: Renders, ledger: Ledger, pace: Pace, folder: Path) -> None:
        self._renders, self._ledger, self._pace, self._folder = renders, ledger, pace, folder
        self._honest = renders.knobs.honours_size
        self._waiting: queue.Queue[tuple[Render, int] | None] = queue.Queue()
        self._child: subprocess.Popen[str] | None = None
        self._current: Render | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="renderer", daemon=True)
        self._thread.start()

    def take(self, render: Render, n: int) -> None:
        """Queue a render; `n` is the request that its facts are noted under."""
        self._waiting.put((render, n))

    def drop(self, render: Render) -> None:
        """Stop the encode of a cancelled render."""
        with self._lock:
            if self._current is render and self._child is not None:
                self._child.kill()

    def stop(self) -> None:
        """Kill the encode that runs, and let the thread end."""
        self._waiting.put(None)
        with self._lock:
            if self._child is not None:
                self._child.kill()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._child.wait(0.5)

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            render, n = job
            with self._lock:
                self._current = render
            try:
                self._one(render, n)
            except NotRenderableError as error:
                self._failed(render, str(error), n)
            except OSError as error:
                self._failed(render, f"the encoder did not run: {error}", n)

    def _one(self, render: Render, n: int) -> None:
        if render.made == "cancelled" or render.sticks:
            return
        if render.fails:
            self._failed(render, "render node lost", n)
            return
        render.made = "running"
        honest = plan_of(
            render.draft, render.uploads, render.target_bytes, honours_size=self._honest
        )
        fps = render.uploads[0].media.fps
        plan = falsify_plan(honest, render.lie, render.target_bytes, fps)
        out = self._folder / f"{render.link}.mp4"
        out = self._fitted(render, plan, out)
        content_type = falsify_file(out, render.lie)
        with out.open("rb") as made:
            digest = hashlib.file_digest(made, "sha256").hexdigest()
        with self._renders.lock:
            if render.made == "cancelled":
                return
            render.path, render.content_type, render.sha256 = out, content_type, digest
            render.size_bytes = out.stat().st_size
            self._ledger.fact("render_done", n, id=render.id, bytes=render.size_bytes)
            render.made = "done"

    def _fitted(self, render: Render, plan: Plan, out: Path) -> Path:
        """Encode, where the size is honoured again until it fits (the last tries only go down)."""
        self._encode(render, plan, out)
        if not self._honest or render.lie == "oversize":
            return out
        for attempt in range(2 * TRIES):
            better = next_rate(plan, out.stat().st_size, render.target_bytes)
            too_big = out.stat().st_size > (render.target_bytes or out.stat().st_size)
            if better is None or (attempt >= TRIES and not too_big):
                break
            if attempt >= TRIES:
                better = replace(plan, video_bps=plan.video_bps * 7 // 10)
            plan = better
            self._encode(render, plan, out)
        return out

    def _encode(self, render: Render, plan: Plan, out: Path) -> None:
        import imageio_ffmpeg  # noqa: PLC0415 - the start must be quick

        words = [imageio_ffmpeg.get_ffmpeg_exe(), *command(plan, out, THREADS)]
        said = self._folder / "encoder.txt"
        with said.open("wb") as errors:
            with self._lock:
                if self._pace.stopping.is_set() or render.made == "cancelled":
                    raise NotRenderableError("stopped")
                child = subprocess.Popen(
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                    env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                    process_group=0,
                )
                self._child = child
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
            with child:
                self._follow(render, child, plan)
            with self._lock:
                self._child = None
        if child.returncode != 0:
            last = said.read_text("utf-8", "replace").strip().splitlines()
            raise NotRenderableError(last[-1] if last else f"encoder ended with {child.returncode}")

    @staticmethod
    def _follow(render: Render, child: subprocess.Popen[str], plan: Plan) -> None:
        """Turn ffmpeg's own progress lines into the render's progress."""
        for line in child.stdout or ():
            name, _, value = line.strip().partition("=")
            if name == "out_time_us" and value.isdigit():
                done = int(value) / MICROSECONDS / plan.seconds
                render.progress = max(render.progress, done)

    def _failed(self, render: Render, why: str, n: int) -> None:
        with self._renders.lock:
            if render.made == "cancelled" or self._pace.stopping.is_set():
                return
            render.error = why
            self._ledger.fact("render_failed", n, id=render.id, why=why)
            render.made = "failed"
