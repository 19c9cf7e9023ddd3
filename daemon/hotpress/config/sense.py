"""What is well written but can't work: folders inside each other, rules that contradict."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

from hotpress import reach, synced
from hotpress.config.outputs import contradictions
from hotpress.config.rules import archives, outputs_at, source_policies
from hotpress.config.settings import Inbox, Settings
from hotpress.model import Route

_ONLY_HERE = frozenset({"codec", "fps", "audio_bitrate"})  # where they are set at all
Problem = tuple[tuple[str | int, ...], str]


def nonsense(settings: Settings) -> list[Problem]:
    """Every problem with the keys that it stands at."""
    once = cache(real)  # each folder is asked once, however many pairs there are
    return [
        *_folders(settings.inboxes, once),
        *_archives(settings, once),
        *_deletions(settings),
        *_names(settings.inboxes),
        *_routes(settings),
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


def _folders(inboxes: list[Inbox], real: Callable[[Path], Path]) -> Iterator[Problem]:
    for number, inbox in enumerate(inboxes):
        keys = ("inboxes", number)
        inside, outside = real(inbox.path), real(inbox.outbox)
        if overlap(inside, outside):
            yield (
                (*keys, "outbox"),
                f"{inbox.outbox} and {inbox.path} lie inside each other; put them side by side, "
                f"for example {inbox.path.parent / 'Inbox'} and {inbox.path.parent / 'Compressed'}",
            )
    for (a, one), (b, two) in combinations(enumerate(inboxes), 2):
        if overlap(real(one.path), real(two.path)):
            yield (
                ("inboxes", b, "path"),
                f"{two.path} and inboxes[{a}] ({one.path}) lie inside each other; "
                "use one inbox with `rules`, or two folders side by side",
            )
        for first, second, at in ((one, two, b), (two, one, b)):
            if overlap(real(first.path), real(second.outbox)):
                yield (
                    ("inboxes", at),
                    f"{second.outbox} is an outbox and {first.path} an inbox; "
                    "results would be taken as new videos; choose another folder",
                )


def _archives(settings: Settings, real: Callable[[Path], Path]) -> Iterator[Problem]:
    """An archive in an outbox, or in another inbox, would be taken as new videos."""
    for number, inbox in enumerate(settings.inboxes):
        for archive in archives(settings, inbox):
            for other in settings.inboxes:
                inside = other is not inbox and overlap(real(archive), real(other.path))
                if inside or overlap(real(archive), real(other.outbox)):
                    where = other.path if inside else other.outbox
                    yield (
                        ("inboxes", number, "archive_to"),
                        f"{archive} and {where} lie inside each other; choose another folder",
                    )
            if real(archive) == real(inbox.path):
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


def _routes(settings: Settings) -> Iterator[Problem]:
    for number, inbox in enumerate(settings.inboxes):
        written = {**settings.defaults.written(), **inbox.written()}
        if written.get("route") is Route.LOCAL and written.get("instructions"):
            yield (
                ("inboxes", number),
                "instructions need the cloud, and route: local never opens a connection; "
                "take one of the two out",
            )
        only_here = written.keys() & _ONLY_HERE
        if written.get("route") is Route.CLOUD and only_here and not written.get("instructions"):
            key = min(only_here)
            yield (
                ("inboxes", number, key),
                f"{key} is made by this machine alone, so no file would go to the cloud; write "
                "route: auto or local, or leave it out",
            )
        if written.get("route") is Route.CLOUD and written.get("resolution") in ("2160p", "1440p"):
            yield (
                ("inboxes", number),
                "the cloud renders at most 1080p; write route: auto or local, or resolution: 1080p",
            )


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


def real(path: Path) -> Path:
    """The folder behind links; of a folder that is away, what is known of it."""
    try:
        return reach.within(Path(path), lambda: Path(path).resolve(strict=False))
    except reach.NoAnswer:
        return Path(path)


def overlap(one: Path, two: Path) -> bool:
    """Is one of them the other, or inside it?"""
    return one == two or one in two.parents or two in one.parents
