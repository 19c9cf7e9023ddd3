"""Looks at one path, and at what the daemon has written down; changes nothing, asks no cloud."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from hotpress import reach
from hotpress.config.read import Config
from hotpress.config.rules import named_inboxes
from hotpress.config.settings import Settings
from hotpress.files import ignore_lease_breaks
from hotpress.places import Places
from hotpress.store import Store
from hotpress.store.lock import is_held
from hotpress.telling.failed_note import ENDING as FAILED_NOTE
from hotpress.telling.status_note import NAME as STATUS_NOTE
from hotpress.why.around import PATIENCE_SECONDS, Around, real, same_content, what_lies
from hotpress.why.inside import Spot
from hotpress.why.scene import Folder, Made, Scene


def look(path: Path, config: Config, where: Places) -> Scene:
    """The scene of one path."""
    ignore_lease_breaks()  # a writer that comes while it is asked for would end this program
    store = Store(where.store) if where.store.exists() else None
    try:
        return _look(path, Around(config, store, is_held(where.lock)))
    finally:
        if store is not None:
            store.close()


def _look(named: Path, around: Around) -> Scene:
    settings = around.config.settings
    path = named.expanduser().absolute()
    known = named_inboxes(settings)
    folders = [Folder(name, str(each.path), str(each.outbox)) for name, each in known.items()]
    scene = Scene(path=str(path), name=path.name, running=around.running, inboxes=tuple(folders))
    path = _placed(path, settings)
    for folder in folders:
        inbox = known[folder.name]
        root, outbox = real(inbox.path), real(inbox.outbox)
        if path.is_relative_to(root):
            return Spot(path, root, inbox, around).seen(replace(scene, inbox=folder))
        if path.is_relative_to(outbox):
            return _in_outbox(replace(scene, outbox=folder), path, outbox, around)
    return _elsewhere(scene, path, around)


def _placed(path: Path, settings: Settings) -> Path:
    """Behind links; but those below an inbox stay, because they are what has to be told."""
    for inbox in settings.inboxes:
        if path.is_relative_to(inbox.path) and ".." not in path.parts:
            return real(inbox.path) / path.relative_to(inbox.path)
    with contextlib.suppress(reach.NoAnswer):
        return reach.within(path, lambda: _behind_links(path), PATIENCE_SECONDS)
    return path  # by its name alone


def _behind_links(path: Path) -> Path:
    """All but the last part, which may be the link that is asked about."""
    return path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()


def _in_outbox(scene: Scene, path: Path, outbox: Path, around: Around) -> Scene:
    scene = what_lies(scene, path)
    note = path.name == STATUS_NOTE or path.name.endswith(FAILED_NOTE)
    scene = replace(scene, note=note and scene.there == "file")
    if around.store is None or scene.outbox is None:
        return scene
    relative = path.relative_to(outbox).as_posix()
    found = around.store.result_called(scene.outbox.outbox, relative)
    return replace(scene, result=Made(found.output, found.path) if found else None)


def _elsewhere(scene: Scene, path: Path, around: Around) -> Scene:
    archive = next((str(a) for a in around.archives() if path.is_relative_to(a)), "")
    scene = replace(what_lies(scene, path), archive=archive)
    return scene if archive else same_content(scene, path, around.store)
