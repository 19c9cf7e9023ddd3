"""What a person asks here becomes a command in the store, as from the terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from hotpress.clock import fresh_id
from hotpress.human import one_line
from hotpress.page.answers import Answer
from hotpress.page.scene import Scene

VERBS = ("retry", "cancel", "pause", "resume", "approve", "decline", "ask")
_FOLDERS_TOO = ("pause", "resume", "approve", "decline", "cancel", "retry")
_ALL_TOO = ("pause", "resume")
_ANSWER_SECONDS = 3.0
_LOOK_SECONDS = 0.05
_MOST_WORDS = 500
_NOTED = "noted; hotpress does it as soon as the step that runs now has ended"
_PLACES = re.compile(r"/|/history|/folders|/jobs/[a-z0-9]{1,40}")


def asked(scene: Scene, verb: str, fields: Mapping[str, str]) -> Answer:
    """Leave the command, and wait a little for its answer."""
    job_id, inbox = fields.get("job", ""), fields.get("inbox", "")
    detail: dict[str, object] = {}
    about = ""
    if job_id:
        job = scene.store.get(job_id)
        if job is None:
            return f"there is no job {one_line(job_id, 40)}", False
        about = f"{one_line(job.relative)}: "
    elif inbox and verb in _FOLDERS_TOO:
        if inbox not in scene.served().names:
            return f"there is no folder {one_line(inbox, 60)} in the config", False
        detail["inbox"] = inbox
        about = f"{one_line(inbox)}: "
    elif not (fields.get("all") and verb in _ALL_TOO):
        return "say what it is about: a job, or a folder", False
    problem = _filled(scene, verb, fields, detail)
    if problem:
        return problem, False
    text, done = _answered(scene, scene.store.ask(verb, job_id, detail, scene.clock.now()))
    return about + text, done


def _filled(scene: Scene, verb: str, fields: Mapping[str, str], detail: dict[str, object]) -> str:
    """What belongs to some verbs; or what is wrong with it."""
    if verb == "retry":
        detail["again"] = False  # what may cost a second time is asked for in the terminal
    newest = fields.get("newest", "").strip()
    if verb == "approve" and newest:
        if not newest.isdecimal() or int(newest[:9]) < 1:
            return "how many is no number; write 1 or more, or leave it empty for all"
        detail["newest"] = int(newest[:9])
    if verb == "ask":
        words = fields.get("words", "").strip()
        if not words or len(words) > _MOST_WORDS:
            return f"write what you want, in at most {_MOST_WORDS} characters"
        detail.update(words=words, id=fresh_id(scene.chance, 40))
    return ""


def _answered(scene: Scene, number: int) -> Answer:
    end = scene.clock.steady() + _ANSWER_SECONDS
    while scene.clock.steady() < end:
        answer = scene.store.answer_to(number)
        if answer is not None:
            return answer
        if scene.clock.wait(_LOOK_SECONDS, scene.stop):
            break
    return _NOTED, True


def way_back(referer: str) -> str:
    """The page that the form was on; only one of ours."""
    path = urlsplit(referer).path if referer else "/"
    return path if _PLACES.fullmatch(path) else "/"
