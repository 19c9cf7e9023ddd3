"""Several results of one video: what each of them goes by, and what can't be wanted together. Pure.

A video goes up once and is edited once, however many results it has: one of them is the lead, the
only one that may use the cloud. Those with an edit follow it, and are made here from the cloud's
file; those without are made here from the original (docs/decisions/0011).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from hotpress.model import Route

ONLY = "main"  # the name of the result where there is just one
Values = dict[str, Any]


def split(values: Values) -> list[Values]:
    """The values of each result, with its `name`, whom it `follows`, and who is `beside` it."""
    entries = values["outputs"]
    if not entries:
        return [{**values, "name": ONLY, "follows": "", "beside": ()}]
    merged = [{**values, **entry.written(), "name": entry.name} for entry in entries]
    lead = _lead(values)
    for number, one in enumerate(merged):
        edited = bool(one["instructions"].strip())
        if number != lead:
            one["route"] = Route.LOCAL
        follows = edited and lead is not None and number != lead
        one["follows"] = merged[lead]["name"] if follows and lead is not None else ""
        one["beside"] = tuple(entry.name for entry in entries if entry.name != one["name"])
    return merged


def _lead(values: Values) -> int | None:
    """Which of them may use the cloud: the first with an edit, else the first that may at all.

    From the second on they are made here, unless they say otherwise.
    """
    entries = values["outputs"]
    merged = [{**values, **entry.written()} for entry in entries]
    away = [number for number, one in enumerate(merged) if one["route"] is not Route.LOCAL]
    edited = [number for number, one in enumerate(merged) if one["instructions"].strip()]
    if edited:
        return next((number for number in edited if number in away), edited[0])
    said = [number for number in away if not number or "route" in entries[number].written()]
    return next(iter(said), None)


def contradictions(values: Values) -> Iterator[str]:
    """Why these results can't be made together, each with what to write instead."""
    entries = values["outputs"]
    names = [entry.name.lower() for entry in entries]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"two results are called {name}; give each a name of its own"
    yield from _same_file(values)
    merged = [{**values, **entry.written()} for entry in entries]
    words = {one["instructions"].strip() for one in merged} - {""}
    if len(words) > 1:
        yield (
            "a video is edited once, and its results want different instructions; write them "
            'beside outputs, and instructions: "" at a result that is to be without'
        )
    if words and all(one["route"] is Route.LOCAL for one in merged if one["instructions"].strip()):
        yield (
            "instructions need the cloud, and route: local never opens a connection; "
            "take one of the two out"
        )


def _same_file(values: Values) -> Iterator[str]:
    """As for a source that ends in .mp4, and for another one."""
    for ending in ("mp4", "mov"):
        seen: dict[str, str] = {}
        for entry in values["outputs"]:
            one = {**values, **entry.written()}
            name = one["output"].format(
                stem="clip", ext=ending, date="date", inbox="inbox", resolution=one["resolution"]
            )
            name = name if PurePosixPath(name).suffix else f"{name}.mp4"
            other = seen.setdefault(name.lower(), entry.name)
            if other != entry.name:
                yield (
                    f"{other} and {entry.name} would both be called {name}; write for example "
                    f'output: "{{stem}} {entry.name}.mp4" at {entry.name}'
                )
                return
