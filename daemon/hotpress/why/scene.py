"""All that is known of one path, as values. Sizes in bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hotpress.model import Job


@dataclass(frozen=True, slots=True)
class Folder:
    """An inbox with its outbox, as the config has them."""

    name: str
    path: str
    outbox: str


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link. `leads`: inside, outside (of its inbox), folder, or nowhere."""

    leads: str
    target: str


@dataclass(frozen=True, slots=True)
class Barrier:
    """A folder on the way that is not entered. `kind`: link, bundle, system, outbox, archive."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """A result, and the source that it was made of, as the outbox has them on record."""

    output: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One path. What does not apply to it, or could not be found out, is left empty."""

    path: str
    name: str
    inboxes: tuple[Folder, ...] = ()
    running: bool = False  # the daemon
    inbox: Folder | None = None  # that it lies in
    outbox: Folder | None = None  # that it lies in, by its outbox
    archive: str = ""  # that it lies in
    unreachable: str = ""  # why nothing in its inbox can be looked at
    there: str = ""  # file, folder, link, other; "" when nothing is
    size_bytes: int = 0
    kind: str = ""  # as names.kind_of, for a file
    half_of: str = ""  # whose half file it is, by its name
    barrier: Barrier | None = None
    link: Link | None = None
    left_out: str = ""  # the place in the config, or in a rule file, that leaves it out
    rules_wrong: str = ""  # of a rule file: what can't be understood in it
    still: str = ""  # the picture that it is the film of
    job: Job | None = None  # of this very version
    now: str = ""  # what a running or queued job does or waits for
    output_there: bool = True  # does its result still lie where it was delivered?
    older: Job | None = None  # of an older version of it
    delivered: str = ""  # its result, known from the outbox alone
    result: Made | None = None  # it is one, by its place or by its bytes
    namesake: str = ""  # a file elsewhere that it is taken for, by inbox, name, size and time
    copy_of: str = ""  # another source of the same content
    arriving: str = ""  # why it is not finished yet
    paused: str = ""  # the word that ends the pause of its inbox
    states: Mapping[str, int] = field(default_factory=dict)  # of a folder: state -> videos
    ignored: Mapping[str, int] = field(default_factory=dict)  # of a folder: kind -> files
    note: bool = False  # one of the notes that hotpress writes into an outbox
