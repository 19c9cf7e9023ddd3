"""Is hotpress well? One word for programs that look again and again, and the reason when not."""

from __future__ import annotations

import json

from hotpress.errors import StoreError
from hotpress.human import one_line
from hotpress.overview import ILL
from hotpress.page.scene import Scene


def reasons(scene: Scene) -> list[str]:
    """Why hotpress is not well, each in a sentence; none when it is."""
    try:
        return [*scene.live.problems, *_unreachable(scene), *_held(scene)]
    except StoreError as error:
        return [error.why]


def _unreachable(scene: Scene) -> list[str]:
    hung = json.loads(scene.store.note("hung") or "{}")
    found = list(hung.values())
    for name in scene.served().names:
        note = json.loads(scene.store.note(f"inbox:{name}") or "{}")
        if note.get("watch") == "unreachable" and name not in hung:
            found.append(note.get("why") or f"the folder of {name} can't be reached")
    return [one_line(str(why)) for why in found]


def _held(scene: Scene) -> list[str]:
    held = scene.store.glance_held(most=1)
    return [
        f"{group.count} held in {one_line(group.inbox)}: {group.reason}"
        for group in held
        if group.reason in ILL
    ]
