"""Which rule holds for which file: built-in, `defaults`, the inbox, its first matching rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hotpress.config import layers
from hotpress.config.layers import Layer
from hotpress.config.outputs import split
from hotpress.config.settings import BUILT_IN, Inbox, Settings
from hotpress.model import LINK_ENDINGS, Route, Rule


def inbox_names(settings: Settings) -> list[str]:
    """A name for each inbox: as written, else from the path, made unique by a number."""
    names: list[str] = []
    for inbox in settings.inboxes:
        wish = name = inbox.name or inbox.path.name or "inbox"
        number = 2
        while name in names:
            name = f"{wish}-{number}"
            number += 1
        names.append(name)
    return names


def named_inboxes(settings: Settings) -> dict[str, Inbox]:
    """Each inbox by its name, in the order of the config."""
    return dict(zip(inbox_names(settings), settings.inboxes, strict=True))


def rules_for(
    settings: Settings, inbox: Inbox, relative: str, in_folder: Sequence[Layer] = ()
) -> list[Rule]:
    """A rule for each result of the file at `relative`, ready to be frozen into its job.

    `in_folder`: what rule files in the synced folder say, over the config. What they say of all
    results gives way to what the config says of one, but for `route: local`, which is for all.
    """
    values = layers.values_of([*layers.of_config(settings, inbox, relative), *in_folder])
    here = any(layer.values.get("route") is Route.LOCAL for layer in in_folder)
    only = {"route": Route.LOCAL} if here else {}
    rules = [_rule({**one, **only}, inbox) for one in split(values)]
    return _of_a_link(rules) if relative.lower().endswith(LINK_ENDINGS) else rules


def _of_a_link(rules: list[Rule]) -> list[Rule]:
    """Only the cloud fetches what a link leads to: all results are made of its one file."""
    lead = next((rule for rule in rules if rule.route is not Route.LOCAL), None)
    if lead is None:
        return rules
    name = lead.output_name
    return [r if r is lead or r.follows else replace(r, follows=name) for r in rules]


def _rule(values: dict[str, Any], inbox: Inbox) -> Rule:
    target = values["target_size"]
    archive = _archive(values, inbox)
    return Rule(
        target_bytes=target if isinstance(target, int) else None,
        target_share=target if isinstance(target, float) else None,
        max_bits_per_second=values["max_rate"],
        resolution=values["resolution"],
        instructions=values["instructions"].strip(),
        route=values["route"],
        source=values["source"],
        archive_to=str(archive) if values["source"] == "archive" else None,
        auto_after_seconds=values["auto_after"],
        codec=values["codec"],
        encoder=values["encoder"],
        fps=values["fps"],
        audio_bits_per_second=values["audio_bitrate"],
        oversize=values["oversize"],
        already_small=values["already_small"],
        min_saving=values["min_saving"],
        quality_floor=values["quality_floor"],
        hdr=values["hdr"],
        metadata=values["metadata"],
        links=values["links"],
        companions=values["companions"],
        output=values["output"],
        collision=values["collision"],
        session=values["session"],
        hours=values["hours"],
        timezone=inbox.timezone,
        propagates_deletion=values["propagates_deletion"],
        output_name=values["name"],
        follows=values["follows"],
        beside=values["beside"],
    )


def outputs_at(settings: Settings) -> list[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Where several results are wanted: the keys to point at, and the values that hold there."""
    found: list[tuple[tuple[str | int, ...], dict[str, Any]]] = []
    for number, inbox in enumerate(settings.inboxes):
        base = _own(settings, inbox)
        here: tuple[str | int, ...] = ("inboxes", number)
        at = (*here, "outputs") if "outputs" in inbox.written() else ("defaults", "outputs")
        found.append((at, base))
        for row, rule in enumerate(inbox.rules):
            own = (*here, "rules", row, "outputs") if "outputs" in rule.written() else at
            found.append((own, {**base, **rule.written()}))
    if not settings.inboxes:
        found.append((("defaults", "outputs"), {**BUILT_IN, **settings.defaults.written()}))
    return [(keys, values) for keys, values in found if values["outputs"]]


def _values(settings: Settings, inbox: Inbox, relative: str) -> dict[str, Any]:
    """What holds for one file: what the inbox says, then its first rule that matches."""
    return layers.values_of(layers.of_config(settings, inbox, relative))


def fetches(settings: Settings, inbox: Inbox, relative: str) -> bool:
    """Is it fetched when a sync client keeps it online only?"""
    return bool(_values(settings, inbox, relative)["online_only"] == "fetch")


def archives(settings: Settings, inbox: Inbox) -> list[Path]:
    """Every folder that this inbox's sources may be archived to: none of them is ever watched."""
    found = (archive for _, archive, _ in source_policies(settings, inbox))
    return [archive for archive in found if archive is not None]


def _own(settings: Settings, inbox: Inbox) -> dict[str, Any]:
    """What holds in an inbox before its rules for some files."""
    return {**BUILT_IN, **settings.defaults.written(), **inbox.written()}


def _archive(values: dict[str, Any], inbox: Inbox) -> Path:
    return Path(values["archive_to"] or inbox.path.parent / "Archive")


def existing_policy(settings: Settings, inbox: Inbox) -> str:
    """What becomes of the videos that lay in the inbox before hotpress first saw it."""
    return str(_own(settings, inbox)["existing"])


def source_policies(settings: Settings, inbox: Inbox) -> list[tuple[str, Path | None, bool]]:
    """Each way that this inbox's sources may go: policy, archive, and whether that is allowed."""
    base = _own(settings, inbox)
    return [
        (
            values["source"],
            _archive(values, inbox) if values["source"] == "archive" else None,
            values["propagates_deletion"] == "ok",
        )
        for values in (base, *({**base, **rule.written()} for rule in inbox.rules))
    ]
