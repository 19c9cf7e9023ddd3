"""What is well written but can't work: folders inside each other, rules that contradict."""

from __future__ import annotations

import contextlib
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hotpress import names, reach, synced
from hotpress.config.outputs import contradictions
from hotpress.config.rules import archives, outputs_at, source_policies
from hotpress.config.settings import Inbox, Settings
from hotpress.config.units import RESOLUTIONS
from hotpress.model import Route

NEEDS_CLOUD = (
    "instructions need the cloud, and route: local never opens a connection; "
    "take one of the two out"
)
_CLOUD_SHORT_SIDE, _CLOUD_LONG_SIDE = 1080, 1920  # it renders at most 1920x1080
_ONLY_HERE = frozenset({"codec", "fps", "audio_bitrate"})  # where they are set at all
_ALL = Path("all folders of the config")  # no path: a name for one question about many of them
Problem = tuple[tuple[str | int, ...], str]
Identity = tuple[int, int]  # device, inode


def nonsense(settings: Settings) -> list[Problem]:
    """Every problem with the keys that it stands at."""
    once = _all_at_once(settings)
    return [
        *_line(settings),
        *_folders(settings.inboxes, once),
        *_places(settings.inboxes, once),
        *_loops(settings.inboxes, once),
        *_archives(settings, once),
        *_deletions(settings),
        *_names(settings.inboxes),
        *_rules(settings),
        *_encoders(settings),
        *_outputs(settings),
    ]


def _outputs(settings: Settings) -> list[Problem]:
    """Each once, though many inboxes inherit it."""
    found = [
        (keys, sentence)
        for keys, values in outputs_at(settings)
        for sentence in contradictions(values)
    ]
    return list(dict.fromkeys(found))


def _line(settings: Settings) -> Iterator[Problem]:
    if settings.cloud.is_open_to_readers:
        yield (
            ("cloud", "api_url"),
            "is plain http: anyone on the line could read your videos; "
            "write https://, or set cloud.plain_http: allow",
        )
    page = settings.page
    if not page.is_off and not page.is_loopback and not page.hashed:
        yield (
            ("page", "listen"),
            f"{page.listen} can be reached from other machines, and page.password is not set; "
            "make one with `hotpress page password`, or listen on 127.0.0.1",
        )


def _folders(inboxes: list[Inbox], lies: Callable[[Path], Lies]) -> Iterator[Problem]:
    for number, inbox in enumerate(inboxes):
        if lies(inbox.path).meets(lies(inbox.outbox)):
            yield (
                ("inboxes", number, "outbox"),
                f"{inbox.outbox} and {inbox.path} lie inside each other; "
                f"{_side_by_side(inbox.path, inbox.outbox)}",
            )
    for a, b in _near_pairs(inboxes, lies):
        one, two = inboxes[a], inboxes[b]
        if lies(one.path).meets(lies(two.path)):
            yield (
                ("inboxes", b, "path"),
                f"{two.path} and inboxes[{a}] ({one.path}) lie inside each other; "
                "use one inbox with `rules`, or two folders side by side",
            )
        elif lies(one.path).differs_in_case_from(lies(two.path)):
            yield (
                ("inboxes", b, "path"),
                f"{two.path} and inboxes[{a}] ({one.path}) differ in case alone; "
                "on many disks that is one folder: use one inbox, or another name",
            )
        for first, second, at, key in ((one, two, b, "outbox"), (two, one, b, "path")):
            if lies(first.path).meets(lies(second.outbox)):
                yield (
                    ("inboxes", at, key),
                    f"{second.outbox} is an outbox and {first.path} an inbox; results would be "
                    f"taken as new videos; {_side_by_side(first.path, second.outbox)}",
                )


def _near_pairs(inboxes: list[Inbox], lies: Callable[[Path], Lies]) -> list[tuple[int, int]]:
    """Which two of them need a closer look: to compare all with all takes seconds for hundreds."""
    paths = Crowd([lies(inbox.path) for inbox in inboxes])
    outboxes = Crowd([lies(inbox.outbox) for inbox in inboxes])
    found: set[tuple[int, int]] = set()
    for number, inbox in enumerate(inboxes):
        near = paths.near(lies(inbox.path)) | outboxes.near(lies(inbox.path))
        found |= {(min(number, n), max(number, n)) for n in near if n != number}
    return sorted(found)


def _side_by_side(one: Path, two: Path) -> str:
    """What to do about two folders, of which one lies in the other."""
    upper = min(one, two, key=lambda path: len(path.parts)).parent
    return f"put them side by side, for example {upper / 'Inbox'} and {upper / 'Compressed'}"


def _places(inboxes: list[Inbox], lies: Callable[[Path], Lies]) -> Iterator[Problem]:
    """Nothing is dropped by a person into a library, or into what a system keeps for itself."""
    for number, inbox in enumerate(inboxes):
        real = lies(inbox.path).real
        for folder in (real, *real.parents):
            if names.is_bundle(folder.name) or names.is_system(folder.name):
                which = "a library" if names.is_bundle(folder.name) else "a system's own folder"
                yield (
                    ("inboxes", number, "path"),
                    f"{inbox.path} lies in {which} ({folder.name}), which is never looked into; "
                    f"use a folder beside it, for example {folder.parent / 'Inbox'}",
                )
                break


def _loops(inboxes: list[Inbox], lies: Callable[[Path], Lies]) -> Iterator[Problem]:
    for number, inbox in enumerate(inboxes):
        for key, folder in (("path", inbox.path), ("outbox", inbox.outbox)):
            if lies(folder).loops:
                yield (
                    ("inboxes", number, key),
                    f"{folder} goes over a link that leads back to itself; make that link anew, or "
                    "write the folder that it should lead to",
                )


def _archives(settings: Settings, lies: Callable[[Path], Lies]) -> Iterator[Problem]:
    """An archive in an outbox, or in another inbox, would be taken as new videos."""
    paths = Crowd([lies(inbox.path) for inbox in settings.inboxes])
    outboxes = Crowd([lies(inbox.outbox) for inbox in settings.inboxes])
    for number, inbox in enumerate(settings.inboxes):
        for archive in archives(settings, inbox):
            near = paths.near(lies(archive)) | outboxes.near(lies(archive))
            for other in (settings.inboxes[n] for n in sorted(near)):
                inside = other is not inbox and lies(archive).meets(lies(other.path))
                if inside or lies(archive).meets(lies(other.outbox)):
                    where = other.path if inside else other.outbox
                    yield (
                        ("inboxes", number, "archive_to"),
                        f"{archive} and {where} lie inside each other; choose another folder",
                    )
            if lies(archive).is_same(lies(inbox.path)):
                yield ("inboxes", number, "archive_to"), f"{archive} is the inbox itself"


def _deletions(settings: Settings) -> Iterator[Problem]:
    """In a synced folder a source that goes here goes on every device."""
    for number, inbox in enumerate(settings.inboxes):
        for policy, archive, allowed in source_policies(settings, inbox):
            found = None if allowed else synced.propagates(inbox.path, policy, archive)
            if found is not None:
                yield (
                    ("inboxes", number, "source"),
                    f"{found.client} keeps {found.root} in step: with source: {policy} the "
                    "original would go on every device; add propagates_deletion: ok if you want "
                    "that, or use keep, or an archive inside that folder",
                )
                break


def _names(inboxes: list[Inbox]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, inbox in enumerate(inboxes):
        name = (inbox.name or inbox.path.name).lower()
        if inbox.name and name in seen:
            yield ("inboxes", number, "name"), f"{inbox.name!r} is used twice; choose another"
        seen.setdefault(name, number)


def _rules(settings: Settings) -> Iterator[Problem]:
    """What contradicts itself, in each inbox and each of its rules."""
    for number, inbox in enumerate(settings.inboxes):
        own = [(("defaults",), settings.defaults), (("inboxes", number), inbox)]
        told: set[str] = set()
        for row, rule in enumerate((None, *inbox.rules), -1):
            layers = [*own, (("inboxes", number, "rules", row), rule)] if rule else own
            stands: dict[str, tuple[str | int, ...]] = {}
            values: dict[str, Any] = {}
            for keys, layer in layers:
                values |= layer.written()
                stands |= {key: (*keys, key) for key in layer.written()}
            for key, sentence in _contradictions(values):
                if sentence not in told:  # what the inbox says itself, each rule would say again
                    told.add(sentence)
                    yield stands[key], sentence


def _contradictions(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    route, words = values.get("route"), values.get("instructions")
    if route is Route.LOCAL and words:
        yield "instructions", NEEDS_CLOUD
    if route is not Route.CLOUD:
        return
    for key in sorted(_ONLY_HERE):
        if values.get(key) not in (None, "h264") and not words:
            yield (
                key,
                f"{key} is made by this machine alone, so no file would go to the cloud; write "
                "route: auto or local, or leave it out",
            )
    if _is_over(str(values.get("resolution", ""))) and not words:
        yield (
            "resolution",
            "the cloud renders at most 1080p; write route: auto or local, or resolution: 1080p",
        )


def _is_over(resolution: str) -> bool:
    """More than the cloud renders?"""
    if "x" in resolution:
        width, height = (int(part) for part in resolution.split("x"))
        return min(width, height) > _CLOUD_SHORT_SIDE or max(width, height) > _CLOUD_LONG_SIDE
    return RESOLUTIONS.get(resolution, 0) > _CLOUD_SHORT_SIDE


def _encoders(settings: Settings) -> Iterator[Problem]:
    """A path that leads nowhere would fail each video only after it was paid for."""
    places: list[tuple[tuple[str | int, ...], str]] = [
        (("defaults", "encoder"), settings.defaults.encoder)
    ]
    for number, inbox in enumerate(settings.inboxes):
        places.append((("inboxes", number, "encoder"), inbox.encoder))
        places += [
            (("inboxes", number, "rules", row, "encoder"), rule.encoder)
            for row, rule in enumerate(inbox.rules)
        ]
    for keys, encoder in places:
        if encoder != "auto" and shutil.which(encoder) is None:
            yield keys, f"{encoder} is not there, or is no program; write auto, or its whole path"


@dataclass(frozen=True, slots=True)
class Lies:
    """Where a folder lies: its path behind links, and which folders it and those above it are.

    The second tells what no path tells: one folder that is mounted twice, or written in another
    case where case does not count.
    """

    real: Path
    itself: Identity | None = None  # None where nothing lies there yet
    above: frozenset[Identity] = frozenset()
    loops: bool = False

    def is_same(self, other: Lies) -> bool:
        """Are both one folder?"""
        return self.real == other.real or (self.itself is not None and self.itself == other.itself)

    def meets(self, other: Lies) -> bool:
        """Is one of them the other, or inside it?"""
        inside = self.itself in other.above or other.itself in self.above
        return overlap(self.real, other.real) or self.is_same(other) or inside

    def differs_in_case_from(self, other: Lies) -> bool:
        """In nothing else? Only where both are there it is seen that they are two folders."""
        both = self.itself is not None and other.itself is not None
        return not both and _folded(self.real) == _folded(other.real)


class Crowd:
    """Many folders, asked quickly which of them may be, hold, or lie in another one."""

    def __init__(self, folders: Sequence[Lies]) -> None:
        self._own: dict[object, set[int]] = {}
        self._all: dict[object, set[int]] = {}
        for number, each in enumerate(folders):
            for mark in _own_marks(each):
                self._own.setdefault(mark, set()).add(number)
            for mark in (*_own_marks(each), *each.real.parents, *each.above):
                self._all.setdefault(mark, set()).add(number)

    def near(self, one: Lies) -> set[int]:
        """The numbers of those that need a closer look."""
        found: set[int] = set()
        for mark in _own_marks(one):
            found |= self._all.get(mark, set())
        for mark in (*one.real.parents, *one.above):
            found |= self._own.get(mark, set())
        return found


def _own_marks(one: Lies) -> list[object]:
    return [one.real, _folded(one.real), *([] if one.itself is None else [one.itself])]


def whereabouts(path: Path) -> Lies:
    """Where a folder lies; of one that is away, what is known of it."""
    try:
        return reach.within(Path(path), lambda: _whereabouts(Path(path)))
    except reach.NoAnswer:
        return Lies(Path(path))


def _all_at_once(settings: Settings) -> Callable[[Path], Lies]:
    """Each folder is asked once, however many pairs there are, and all of them by one thread.

    When that one hangs, those that it did not come to are asked one by one.
    """
    found: dict[Path, Lies] = {}
    folders = [folder for inbox in settings.inboxes for folder in (inbox.path, inbox.outbox)]
    folders += [folder for inbox in settings.inboxes for folder in archives(settings, inbox)]

    def ask() -> None:
        for folder in folders:
            found[folder] = _whereabouts(folder)

    with contextlib.suppress(reach.NoAnswer):
        reach.within(_ALL, ask)
    return cache(lambda path: found[path] if path in found else whereabouts(path))


def _whereabouts(path: Path) -> Lies:
    try:
        real = path.resolve(strict=False)
    except (RuntimeError, OSError):  # by Python's version: a link that leads back to itself
        return Lies(path, loops=True)
    above = (_identity(folder) for folder in real.parents)
    return Lies(real, _identity(real), frozenset(each for each in above if each is not None))


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()


def _identity(folder: Path) -> Identity | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def real(path: Path) -> Path:
    """The folder behind links; of a folder that is away, what is known of it."""
    return whereabouts(path).real


def overlap(one: Path, two: Path) -> bool:
    """Is one of them the other, or inside it?"""
    return one == two or one in two.parents or two in one.parents
