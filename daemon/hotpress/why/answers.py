"""What to say of a path: a kind for programs, a sentence and a next step for people. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from hotpress import takes
from hotpress.human import count_text, joined, one_line, size_text
from hotpress.names import FOLDER_RULES, WEB_LINK
from hotpress.why.job_words import sentence
from hotpress.why.scene import Scene

_NOTHING = "Nothing to do."
_BY_ITSELF = "Nothing to do: hotpress goes on by itself."
_START = "hotpress does not run: start it with `hotpress run`."


@dataclass(frozen=True, slots=True)
class Answer:
    """One sentence, and what a person can do next."""

    kind: str
    sentence: str
    next: str


def answer(scene: Scene) -> Answer:
    """The first of the decisions that has something to say."""
    found = (decide(scene) for decide in _DECISIONS)
    return next(each for each in found if each is not None)


def _result(scene: Scene) -> Answer | None:
    if scene.result is None or scene.job is not None:
        return None
    source = one_line(scene.result.source)
    if scene.outbox is not None and scene.there:
        said = f"{_name(scene)} is a result of hotpress, made of {source}."
        return Answer(takes.RESULT, said, _NOTHING)
    if scene.outbox is not None:
        said = f"{_name(scene)}, made of {source}, was delivered here and is no longer there."
        again = "If you want it again: `hotpress retry --new-rule` with the path of the original."
        return Answer(takes.RESULT, said, again)
    said = f"{_name(scene)} is a result of hotpress itself, made of {source}; it is left alone."
    return Answer(takes.RESULT, said, "Drop the original to have it made in another way.")


def _job(scene: Scene) -> Answer | None:
    if scene.job is None:
        return None
    said, then = sentence(scene.job, scene.now, output_there=scene.output_there)
    if scene.job.live and not scene.running:
        then = f"{_START} {then}"
    elif scene.paused and scene.job.live:
        then = f"Its inbox is paused: `hotpress resume {scene.paused}`."
    return Answer("job", said, then)


def _unreachable(scene: Scene) -> Answer | None:
    if not scene.unreachable or scene.inbox is None:
        return None
    said = f"The inbox {scene.inbox.name} can't be reached: {one_line(scene.unreachable)}."
    then = "Mount or make the folder again; hotpress goes on by itself, and nothing in it counts "
    then += "as deleted."
    if scene.unreachable.endswith("is an outbox"):
        then = "Results lie in it: use another folder as the inbox."
    return Answer("unreachable", said, then)


def _outside(scene: Scene) -> Answer | None:
    if scene.inbox is not None:
        return None
    if scene.archive:
        said = f"{_name(scene)} lies in {one_line(scene.archive)}, where originals go after their "
        said += "result is delivered; nothing is taken from there."
        return Answer("archive", said, _NOTHING)
    if scene.note:
        said = f"{_name(scene)} is a note that hotpress writes into the outbox."
        return Answer("note", said, "Read it; it says what to do.")
    if scene.outbox is not None:
        said = f"{_name(scene)} lies in the outbox of {scene.outbox.name}; hotpress takes nothing "
        said += "from there."
        return Answer("outbox", said, f"Drop videos into {scene.outbox.path}.")
    if not scene.there:
        return Answer("missing", f"Nothing lies at {one_line(scene.path)}.", "Check the name.")
    said = f"{_name(scene)} lies in no inbox of hotpress."
    if scene.copy_of:
        said += f" It is the same video as {one_line(scene.copy_of)}."
    return Answer("copy" if scene.copy_of else "outside", said, _inboxes(scene))


def _inboxes(scene: Scene) -> str:
    known = ", ".join(f"{each.name} ({each.path})" for each in scene.inboxes)
    return f"Drop it into one of these: {known}." if known else "`hotpress init DIR` makes one."


def _barrier(scene: Scene) -> Answer | None:
    if scene.barrier is None or scene.inbox is None:
        return None
    name, inbox = one_line(scene.barrier.name), scene.inbox
    sentences = {
        takes.LINK: (
            f"{name} is a link to another folder, and linked folders are not entered.",
            f"Move the folder itself into {inbox.path}, or make it an inbox of its own.",
        ),
        takes.BUNDLE: (
            f"{name} is a library, and libraries are never looked into.",
            f"Export the video from the program that keeps it, into {inbox.path}.",
        ),
        "system": (
            f"{name} is a hidden or a system's own folder, and nothing is taken from it.",
            f"Move the video into {inbox.path}.",
        ),
        "outbox": (
            f"{name} is an outbox of hotpress inside the inbox {inbox.name}; nothing is taken "
            "from it.",
            f"Put the outbox beside the inbox, and videos into {inbox.path}.",
        ),
        "archive": (
            f"{name} is where originals go after their result is delivered; it is not watched.",
            _NOTHING,
        ),
        "bad_name": (
            f"The name of the folder {name} is no text that other programs could read.",
            "Rename it; then its videos are taken.",
        ),
    }
    return Answer(scene.barrier.kind, *sentences[scene.barrier.kind])


def _nothing_there(scene: Scene) -> Answer | None:
    if scene.there:
        return None
    said = f"Nothing lies at {one_line(scene.path)}, and hotpress knows no job of that name."
    return Answer("missing", said, "Check the name; `hotpress jobs` lists all that is known.")


def _link(scene: Scene) -> Answer | None:
    if scene.link is None or scene.inbox is None:
        return None
    target, inbox = one_line(scene.link.target), scene.inbox
    sentences = {
        "nowhere": (f"leads to {target}, where nothing lies.", "Delete it, or mend it."),
        "folder": (
            f"leads to the folder {target}; linked folders are not entered.",
            f"Move the folder itself into {inbox.path}, or make it an inbox of its own.",
        ),
        "inside": (
            f"leads to {target}, which lies in the inbox, too, and is taken there.",
            _NOTHING,
        ),
        "outside": (
            f"leads to {target}, outside the inbox; only what lies in the inbox itself is taken.",
            f"Copy or move the video itself into {inbox.path}.",
        ),
    }
    said, then = sentences[scene.link.leads]
    return Answer(takes.LINK, f"{_name(scene)} is a link and {said}", then)


def _folder(scene: Scene) -> Answer | None:
    if scene.there == "other":
        said = f"{_name(scene)} is no file but a pipe, a socket or a device; it is left alone."
        return Answer(takes.OTHER, said, _NOTHING)
    if scene.there != "folder":
        return None
    count = sum(scene.states.values())
    states = ", ".join(f"{n} {state}" for state, n in sorted(scene.states.items()))
    left = takes.told(dict(scene.ignored))
    said = joined(
        f"{_name(scene)} has {count_text(count, 'video')}" + (f": {states}" if states else ""),
        f"left alone: {left}" if left else "",
    )
    then = "`hotpress why` with the path of a file says more of it."
    return Answer("folder", f"{said}.", then if scene.running else f"{_START} {then}")


def _by_name(scene: Scene) -> Answer | None:
    """What the name alone says."""
    if scene.kind == "video":
        return None
    name, then = _name(scene), _NOTHING
    if scene.kind == "rules":
        return _rules(scene)
    if scene.kind == "arriving":
        said = f"{name} is a half file: {scene.half_of} gives such names until all is there."
        then = "Wait until it is finished; or, if it is whole, give it its final name."
    elif scene.kind == "bad_name":
        said = f"{name} is a name that is no text, which no other program could be told."
        then = "Rename it; then it is taken."
    elif scene.kind == "hidden":
        said = f"{name} is hidden, because its name begins with a dot; hidden files are left alone."
        then = "If it is a video for hotpress, rename it without the dot."
    elif scene.kind == WEB_LINK:
        said = f"{name} names a web address; link files are left alone (links: off)."
        then = "With links: on in the config the cloud fetches the video that it leads to."
    elif scene.kind == "proxy":
        said = f"{name} is a camera's own small copy of a video; the video itself is taken."
    else:
        said, then = _no_video(scene)
    return Answer(takes.group(scene.kind), said, then)


def _rules(scene: Scene) -> Answer:
    """A rule file in the synced folder."""
    if scene.rules_wrong:
        said = f"The videos that {_name(scene)} is for wait: {one_line(scene.rules_wrong)}."
        return Answer("rules", said, "Mend that line; they go on by themselves.")
    whose = "the videos of its folder"
    if scene.name not in FOLDER_RULES:
        whose = "the video that it lies beside"
    said = f"{_name(scene)} holds rules for {whose}, and they can be understood."
    return Answer("rules", said, "`hotpress plan` with the path of a video shows what comes of it.")


def _no_video(scene: Scene) -> tuple[str, str]:
    name, group = _name(scene), takes.group(scene.kind)
    if group == "photo":
        return f"{name} is a photo; hotpress takes only videos.", _NOTHING
    if group == "companion":
        return (
            f"{name} is no video; it is copied beside the result of a video of the same name "
            "when that is delivered.",
            _NOTHING,
        )
    return (
        f"{name} does not have a video's name; it is left alone.",
        "If it is a video, give it its right ending, such as .mp4 or .mov.",
    )


def _by_rule(scene: Scene) -> Answer | None:
    if not scene.left_out:
        return None
    said = f"{_name(scene)} is left out by {one_line(scene.left_out)}."
    return Answer(takes.EXCLUDED, said, "Change that line if you want it, or rename the file.")


def _live_photo(scene: Scene) -> Answer | None:
    if not scene.still:
        return None
    said = f"{_name(scene)} is the short film of a Live Photo: {one_line(scene.still)} lies "
    said += "beside it. Such films are left alone."
    return Answer(takes.LIVE_PHOTO, said, "If you want it, move it away from the picture.")


def _arriving(scene: Scene) -> Answer | None:
    if not scene.arriving:
        return None
    if scene.arriving.startswith("online only"):
        said = f"{_name(scene)} is kept online only: its {size_text(scene.size_bytes)} are not on "
        said += "this machine."
        then = "Let the sync program keep it on this device; with online_only: fetch hotpress "
        return Answer("arriving", said, then + "does that by itself, one video at a time.")
    so_far = f"{size_text(scene.size_bytes)} so far" if scene.size_bytes else "nothing in it yet"
    said = f"{_name(scene)} is still arriving, {so_far}: {one_line(scene.arriving)}."
    then = "Wait until it has stopped growing; hotpress takes it by itself."
    if "lies beside it" in scene.arriving:
        then = "Wait; or, if nobody is fetching it any more, delete the file that lies beside it."
    return Answer("arriving", said, then if scene.running else f"{_START} {then}")


def _known(scene: Scene) -> Answer | None:
    if scene.delivered:
        said = f"{_name(scene)} was delivered before, as {one_line(scene.delivered)}."
        return Answer("delivered", said, _NOTHING)
    if scene.copy_of:
        said = f"{_name(scene)} is the same video as {one_line(scene.copy_of)}; it is not made "
        said += "or paid for twice."
        return Answer("copy", said, _BY_ITSELF if scene.running else _START)
    return None


def _namesake(scene: Scene) -> Answer | None:
    """Two folders had one name, one after the other: nothing else tells the two files apart."""
    if not scene.namesake or scene.inbox is None:
        return None
    said = f"{_name(scene)} is taken for {one_line(scene.namesake)}: that folder was called "
    said += f"{one_line(scene.inbox.name)}, too, and both files have the same size and time."
    return Answer("namesake", said, f"touch {shlex.quote(scene.path)}; then it is taken up.")


def _new(scene: Scene) -> Answer:
    said = f"{_name(scene)} is a video that hotpress has not taken up yet."
    if scene.older is not None:
        said = f"{_name(scene)} is another file than the one that hotpress knows by this name."
    if not scene.running:
        return Answer("new", said, _START)
    if scene.paused:
        return Answer("new", said, f"Its inbox is paused: `hotpress resume {scene.paused}`.")
    return Answer("new", said, "Wait a moment; it is taken at the next look at the folder.")


def _name(scene: Scene) -> str:
    return one_line(scene.name) or one_line(scene.path)


_DECISIONS: tuple[Callable[[Scene], Answer | None], ...] = (
    _result,
    _job,
    _unreachable,
    _outside,
    _barrier,
    _nothing_there,
    _link,
    _folder,
    _by_name,
    _by_rule,
    _live_photo,
    _arriving,
    _known,
    _namesake,
    _new,
)
