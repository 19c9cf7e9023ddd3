"""A path in an inbox: what lies there, what became of it, and what keeps it from being taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hotpress import files, halves, names, online, reach, ruling, takes
from hotpress.config import infolder
from hotpress.config.selection import Selection
from hotpress.config.settings import Inbox
from hotpress.leaves import is_live_photo, is_online_only
from hotpress.media.container import completeness
from hotpress.model import Job, State
from hotpress.report import waits_for
from hotpress.serving import EVERYTHING, paused_by
from hotpress.watch.walk import is_outbox, walk
from hotpress.why.around import PATIENCE_SECONDS, Around, real, same_content, what_lies
from hotpress.why.scene import Barrier, Folder, Link, Scene
from hotpress.words import STEPS


@dataclass(frozen=True, slots=True)
class Spot:
    """`path` is `root`, or lies below it; both are behind links."""

    path: Path
    root: Path
    inbox: Inbox
    around: Around

    @property
    def relative(self) -> str:
        """Below the inbox; "" for the inbox itself."""
        return "" if self.path == self.root else self.path.relative_to(self.root).as_posix()

    def seen(self, scene: Scene) -> Scene:
        """The scene with all that is known of this path."""
        folder, store = scene.inbox, self.around.store
        if folder is None:
            return scene
        paused = paused_by(store, folder.name) if store is not None else ""
        paused = "--all" if paused == EVERYTHING else paused
        scene = replace(scene, unreachable=self._unreachable(folder), paused=paused)
        if not scene.unreachable:
            scene = what_lies(scene, self.path)
        scene = self._with_job(scene)
        if scene.unreachable or scene.job is not None:
            return scene
        scene = replace(scene, barrier=self._barrier())
        if scene.barrier is not None:
            return scene
        if scene.there == "link":
            return replace(scene, link=self._link())
        if scene.there == "folder":
            return self._counted(scene)
        return self._file(scene) if scene.there == "file" else scene

    def _unreachable(self, folder: Folder) -> str:
        path, hung = self.inbox.path, self.around.note("hung")
        if folder.name in hung:
            return str(hung[folder.name])
        try:
            there = reach.within(path, path.is_dir, PATIENCE_SECONDS)
            closed = there and reach.within(path, lambda: is_outbox(path), PATIENCE_SECONDS)
        except reach.NoAnswer:
            return f"{path} does not answer"
        if not there or closed:
            return f"{path} is an outbox" if closed else f"{path} is not there"
        return str(self.around.note(f"inbox:{folder.name}").get("why") or "")

    def _with_job(self, scene: Scene) -> Scene:
        """The job of what lies there now; when nothing does, the newest one of the path."""
        store, relative = self.around.store, self.relative
        if store is None or not relative or not names.is_text(relative):
            return scene
        jobs = store.at_path(str(self.root), relative)
        version = self._version()
        of_it = [job for job in jobs if version in (None, (job.size_bytes, job.mtime_ns))]
        if not of_it:
            return replace(scene, older=jobs[0] if jobs else None)
        job = _neediest(of_it)
        progress = store.progress().get(job.id)
        share = f", {progress.fraction * 100:.0f} %" if progress and progress.fraction else ""
        now = f"{STEPS[job.step]}{share}" if job.state is State.RUNNING else waits_for(job) or ""
        return replace(scene, job=job, now=now, output_there=_is_there(job))

    def _version(self) -> tuple[int, int] | None:
        """Size and time of what lies there; None when nothing does, or nobody can look."""
        try:
            status = reach.within(self.path, self.path.lstat, PATIENCE_SECONDS)
        except (OSError, ValueError, reach.NoAnswer):
            return None
        return status.st_size, status.st_mtime_ns

    def _barrier(self) -> Barrier | None:
        """The first folder on the way, or the path itself, that is not entered."""
        archives = self.around.archives()
        for folder in self._on_the_way():
            if folder.is_symlink():
                return Barrier(takes.LINK, folder.name) if folder != self.path else None
            kind = _closed(folder, archives) if folder.is_dir() else ""
            if kind:
                return Barrier(kind, folder.name)
        return None

    def _on_the_way(self) -> Iterator[Path]:
        folder = self.root
        for part in Path(self.relative).parts:
            folder /= part
            yield folder

    def _link(self) -> Link:
        target = str(self.path.readlink())
        try:
            found = self.path.resolve(strict=True)
        except (OSError, RuntimeError):  # RuntimeError: it leads to itself
            return Link("nowhere", target)
        if found.is_dir():
            return Link("folder", target)
        return Link("inside" if found.is_relative_to(self.root) else "outside", target)

    def _counted(self, scene: Scene) -> Scene:
        """A folder: what became of the videos in it, and what is left alone."""
        selection = Selection(self.around.config.settings, self.inbox)
        start = f"{self.relative}/" if self.relative else ""
        store = self.around.store
        known = store.states_below(str(self.root), start) if store is not None else {}
        arriving = self._arriving_told(scene)
        states, ignored = Counter[str](), Counter[str]()
        for found in walk(self.path):
            below = start + found.relative
            if found.kind == "rules":
                continue
            if not selection.may_take(found.kind, below):
                ignored[found.kind] += 1
            elif below not in known and selection.left_out(below) is not None:
                ignored[takes.EXCLUDED] += 1
            else:
                new = "arriving" if str(self.root / below) in arriving else "not taken up"
                states[known.get(below, new)] += 1
        return replace(scene, states=states, ignored=ignored)

    def _file(self, scene: Scene) -> Scene:
        name = self.path.name
        scene = replace(scene, kind=names.kind_of(name), half_of=halves.whose(name))
        if scene.kind == "rules":
            return replace(scene, rules_wrong=self._wrong_in_rules())
        if Selection(self.around.config.settings, self.inbox).may_take(scene.kind, self.relative):
            scene = replace(scene, kind="video")
        if scene.kind != "video":
            return scene
        scene = replace(scene, left_out=self._left_out())
        if scene.left_out:
            return scene
        if is_live_photo(self.path):
            stills = (n for n in takes.stills(name) if files.is_there(self.path.with_name(n)))
            return replace(scene, still=next(stills, ""))
        arriving = self._arriving_told(scene).get(str(self.path)) or _unfinished(self.path)
        if arriving:
            return replace(scene, arriving=arriving)
        scene = replace(scene, delivered=self._recorded())
        scene = replace(scene, namesake=self._namesake(scene))
        return same_content(scene, self.path, self.around.store)

    def _namesake(self, scene: Scene) -> str:
        """The source of a job that this very file can't be told from; "" when there is none."""
        store, version = self.around.store, self._version()
        if store is None or scene.inbox is None or version is None:
            return ""
        jobs = store.namesakes(scene.inbox.name, self.relative, *version)
        there = (job.source for job in jobs if job.root != str(self.root))
        return next((str(source) for source in there if files.is_there(source)), "")

    def _left_out(self) -> str:
        """The place in the config, or in a rule file, that leaves it out, and what stands there."""
        config = self.around.config
        found = Selection(config.settings, self.inbox).left_out(self.relative)
        if found is not None:
            key = f"exclude: {found.glob}" if found.glob else "include, which does not name it"
            return f"{config.place(found.keys)} ({key})"
        ruled = ruling.read(self.root, self.relative, config.settings, self.inbox)
        return f"{ruled.left_out} (a rule file in the inbox)" if ruled.left_out else ""

    def _rules(self, relative: str) -> infolder.Understood:
        """What rule files say of a video."""
        return ruling.in_folder(self.root, relative, self.around.config.settings, self.inbox)

    def _wrong_in_rules(self) -> str:
        """Of this rule file: what holds the videos that it is for."""
        video = self.relative
        if self.path.name in names.FOLDER_RULES:
            video = f"{self.relative}.mp4"  # any video of its folder
        for ending in (names.SIDECAR_RULES, names.SIDECAR_WORDS):
            video = video.removesuffix(ending)
        wrong = self._rules(video).problems
        return next((each for each in wrong if each.startswith(f"{self.relative}:")), "")

    def _arriving_told(self, scene: Scene) -> dict[str, str]:
        """What the daemon says of all that is arriving in this inbox: path -> why."""
        note = self.around.note(f"inbox:{scene.inbox.name}") if scene.inbox else {}
        return {str(each["path"]): str(each["why"]) for each in note.get("arriving", [])}

    def _recorded(self) -> str:
        """Its result, when the outbox has this very version on record; else ""."""
        version = self._version()
        if self.around.store is None or version is None:
            return ""
        outbox = str(self.inbox.outbox)
        found = self.around.store.delivered_as(outbox, "", self.relative, *version)
        return found.output if found else ""


def _neediest(jobs: list[Job]) -> Job:
    """Of several results the one that somebody has to see to: held, then failed; else the newest.

    `jobs` are the newest first; of each result only the newest counts.
    """
    newest = list({job.rule.output_name: job for job in reversed(jobs)}.values())[::-1]
    for state in (State.HELD, State.FAILED):
        for job in newest:
            if job.state is state:
                return job
    return jobs[0]


def _is_there(job: Job) -> bool:
    """Does its result lie where it was delivered? Who can't be asked is not called gone."""
    output = job.output
    if output is None:
        return True
    try:
        return reach.within(output, lambda: files.is_there(output), PATIENCE_SECONDS)
    except reach.NoAnswer:
        return True


def _closed(folder: Path, archives: set[Path]) -> str:
    """Why a folder is not entered, "" when it is."""
    reasons = (
        ("archive", real(folder) in archives),
        ("outbox", is_outbox(folder)),
        ("system", names.is_private(folder.name)),
        (takes.BUNDLE, names.is_bundle(folder.name)),
        ("bad_name", not names.is_text(folder.name)),
    )
    return next((kind for kind, holds in reasons if holds), "")


def _unfinished(path: Path) -> str:
    """As one look shows it, where no daemon has said."""
    beside = (n for n in halves.side_files(path.name) if files.is_there(path.with_name(n)))
    side_file = next(beside, "")
    if side_file:
        return f"still being fetched: {side_file} lies beside it"
    if not path.lstat().st_size:
        return "empty so far"
    if is_online_only(path):
        return online.WAITS  # to open it would fetch it
    if files.writer_of(path) == "some":
        return "still being written"
    seen = completeness(path)
    return f"it looks unfinished: {seen.why}" if seen.state == "incomplete" else ""
