"""Can Apprise use each address of `notify`? Asked at a start: it takes a second."""

from __future__ import annotations

from hotpress.config.notify import EXAMPLE, Notify, apprise_of
from hotpress.config.read import Config
from hotpress.config.yaml_text import Keys, dotted


def unusable_addresses(config: Config) -> list[str]:
    """Located sentences, without the addresses: they may hold passwords."""
    found = _of(config, ("notify",), config.settings.notify)
    for number, inbox in enumerate(config.settings.inboxes):
        found += _of(config, ("inboxes", number, "notify"), inbox.notify)
    return found


def _of(config: Config, keys: Keys, notify: tuple[Notify, ...]) -> list[str]:
    return [
        f"{config.place((*keys, number))}  {dotted((*keys, number))}: Apprise can't use this "
        f"{each.scheme} address; {EXAMPLE}"
        for number, each in enumerate(notify)
        if each.url and not (each.is_web or each.is_desktop) and apprise_of(each.address) is None
    ]
