"""Which of an inbox's videos are wanted at all: `include` and `exclude`."""

from __future__ import annotations

from dataclasses import dataclass

from hotpress.config.globs import matches
from hotpress.config.settings import Inbox, RuleSettings, Settings
from hotpress.names import WEB_LINK

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Which key of the config leaves a file out; `glob` is "" where no glob of `include` fits."""

    keys: Keys
    glob: str


class Selection:
    """Of one inbox; asked for each file of each rescan."""

    def __init__(self, settings: Settings, inbox: Inbox) -> None:
        number = next((n for n, each in enumerate(settings.inboxes) if each is inbox), 0)
        self._rows = tuple(enumerate(inbox.rules))
        self._keys: Keys = ("inboxes", number)
        self._base: tuple[tuple[Keys, RuleSettings], ...] = (
            (self._keys, inbox),
            (("defaults",), settings.defaults),
        )
        layers = (settings.defaults, inbox, *inbox.rules)
        # Most people write neither key: then nobody is asked.
        self._any = any(layer.include or layer.exclude for layer in layers)

    def left_out(self, relative: str) -> LeftOut | None:
        """What leaves this file out; None: it is wanted."""
        if not self._any:
            return None
        row = next((r for r in self._rows if matches(r[1].match, relative)), None)
        own = () if row is None else (((*self._keys, "rules", row[0]), row[1]),)
        layers = (*own, *self._base)
        keys, globs = _written(layers, "exclude")
        for number, glob in enumerate(globs):
            if matches(glob, relative):
                return LeftOut((*keys, number), glob)
        keys, globs = _written(layers, "include")
        if globs and not any(matches(glob, relative) for glob in globs):
            return LeftOut(keys, "")
        return None

    def may_take(self, kind: str, relative: str) -> bool:
        """Is it one by its kind: a video, or a link file where the rules want those?"""
        return kind == "video" or (kind == WEB_LINK and self.takes_link(relative))

    def takes_link(self, relative: str) -> bool:
        """Is this link file one for hotpress?"""
        row = next((r for _, r in self._rows if matches(r.match, relative)), None)
        layers = [layer for layer in (row, *(each for _, each in self._base)) if layer is not None]
        said = (layer.links for layer in layers if "links" in layer.model_fields_set)
        return next(said, "off") != "off"


def _written(
    layers: tuple[tuple[Keys, RuleSettings], ...], key: str
) -> tuple[Keys, tuple[str, ...]]:
    """The value that holds: of the first layer that has one."""
    for keys, layer in layers:
        if key in layer.model_fields_set:
            return (*keys, key), getattr(layer, key)
    return (), ()
