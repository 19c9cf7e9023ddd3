"""Each reason and each end without a result, brought about for real, and read wherever people look.

docs/reasons.md has what was read; `pytest tests/integration/test_every_reason.py --rewrite` writes
it anew.
"""

import ast
import os
import re
from pathlib import Path

import pytest
from clips import make_clip
from cloudstage import MARK
from never import NEVER
from onejob import MEDIA
from plights import ELSEWHERE, HOLDS_UP, NO_VIDEO, QUIET, SCENES, lived
from saying import say

from hotpress.cli.explain import told
from hotpress.errors import ConfigError, HotpressError, NoGain, NoSuchJob
from hotpress.media import Wish
from hotpress.model import Cause, Reason, State
from hotpress.words import ALL, ERRORS, REASONS

pytestmark = pytest.mark.usefixtures("utc")
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reasons.md"
RAW = re.compile(r"Errno|Traceback|\[lib|@ 0x|\.\.(?!\.)(?<!\.\.\.)|None\b|\bnull\b")
ENDS = (State.FAILED, State.SKIPPED, State.CANCELLED)


@pytest.fixture
def rewrite(request):
    return request.config.getoption("--rewrite")


def test_every_reason_and_every_end_is_in_the_table():
    """By the enums and the errors: whoever adds one says how it comes about."""
    tables = [set(SCENES), set(ELSEWHERE), set(NO_VIDEO), set(HOLDS_UP)]

    assert set.union(*tables) == set(ALL)
    assert sum(map(len, tables)) == len(ALL)
    assert {reason.value for reason in Reason} <= set(SCENES)
    assert {cause.value for cause in Cause} <= set(SCENES) | set(ELSEWHERE)


@pytest.mark.parametrize("name", [*ELSEWHERE, *NO_VIDEO])
def test_what_is_provoked_elsewhere_has_its_test(name):
    """The named test is there."""
    place = ELSEWHERE.get(name) or NO_VIDEO[name]
    file, _, test = place.partition("::")
    tree = ast.parse((ROOT / "tests" / file).read_text())

    assert test in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


@pytest.mark.parametrize("name", SCENES)
def test_it_is_said_wherever_people_look(name, tmp_path, rewrite):
    """The outbox, `status` or `show`, and `why` say in plain words what happened and what to do."""
    scene = SCENES[name]
    if scene.root and os.geteuid() != 0:
        pytest.skip("needs root: mounts of its own")
    with lived(tmp_path.resolve(), scene) as (house, video):
        read, job = house.read(video), house.at(video)
        why, hint = house.plain(job.why), house.plain(job.hint)

    if name in REASONS:
        assert (job.state in (State.HELD, State.WAITING), job.reason) == (True, Reason(name))
    else:
        assert (job.state in ENDS, job.cause) == (True, name)
    assert why
    assert hint
    flat = {key: " ".join(getattr(read, key).split()) for key in read.__dataclass_fields__}
    first = " ".join(why.split())
    note = f"{flat['status_note']} {flat['failed_note']}"
    if name not in QUIET and job.state not in (State.SKIPPED, State.CANCELLED):
        assert first in note
        assert " ".join(hint.split()) in note
    elif name not in QUIET:
        assert note == " "  # nothing waits and nothing failed
    assert first in flat["show"]
    if job.state is State.HELD:
        assert first in flat["status"]
        assert hint in flat["status"]
        assert f"({name})" in flat["status"]  # the word for `hotpress explain`
    elsewhere = name in ("source_changed", "first_failed")  # it tells of the version, the first
    if not elsewhere:
        assert first in flat["why"]
        assert " ".join(hint.split()) in flat["why"]
        assert job.state is State.WAITING or f"`hotpress explain {name}`" in flat["why"]
    for text in flat.values():
        assert not NEVER.search(text), text
        assert not RAW.search(text), text
        assert MARK not in text
    compare(name, section(name, job, read), rewrite=rewrite)


def test_what_ends_a_command_says_what_to_do(tmp_path):
    """A config that can't be taken, a job that is none, and a file that is not there."""
    (tmp_path / "config.yaml").write_text("inboxes: 5\n")
    start = ["--config", str(tmp_path / "config.yaml"), "--state-dir", str(tmp_path)]
    for words, kind, told_so in (
        (["status"], ConfigError, "config.yaml:1  inboxes"),
        (["show", "xyz"], NoSuchJob, "there are no jobs yet"),
        (["demo", str(tmp_path / "none.mp4")], HotpressError, "none.mp4 is no file"),
    ):
        found = say(*start, *words).exception
        assert type(found) is kind
        assert told_so in found.why
        assert found.hint.endswith(".")


def test_what_cannot_gain_says_so(tmp_path):
    """Where anything smaller would look worse than the original."""
    clip = make_clip(tmp_path, "tiny")
    facts = MEDIA.probe(clip)
    wish = Wish(frame=(64, 48), target_bytes=None, most_bytes=2_000)
    with pytest.raises(NoGain) as found:
        MEDIA.fit(clip, facts, tmp_path / "out.mp4", wish)

    assert "without a loss that shows" in found.value.why
    assert "target_size" in found.value.hint


def section(name, job, read):
    """Of the page: the explanation, and the texts as they were read."""
    parts = [f"## {name}", f"```\n$ hotpress explain {name}\n{told(ALL[name])}\n```"]
    if read.failed_note:
        parts += ["The note in the outbox:", fenced(read.failed_note)]
    elif read.status_note:
        parts += ["`hotpress-status.txt` in the outbox:", fenced(read.status_note)]
    else:
        parts.append(f"In the outbox: {QUIET.get(name, 'nothing, because nothing waits.')}")
    if job.state in (State.HELD, State.WAITING):
        parts.append(fenced(f"$ hotpress status\n{read.status}"))
    else:
        start = re.split(r"^\d{4}-", read.show, flags=re.MULTILINE)[0]
        parts.append(fenced(f"$ hotpress show {job.id}\n{start}"))
    parts.append(fenced(f"$ hotpress why {job.relative}\n{read.why}"))
    text = "\n\n".join(parts) + "\n"
    if name == "quality":  # what an encoder makes of it differs a little from machine to machine
        text = re.sub(r"\b\d+(\.\d+)? ?kB (would|in)|--target \d+(\.\d+)?kB", _example, text)
    return text


def _example(found):
    return re.sub(r"\d+(\.\d+)?", "90", found[0])


def fenced(text):
    return f"```\n{text.strip()}\n```"


def sections():
    """Name -> the page's section."""
    parts = re.split(r"^(?=## )", PAGE.read_text(), flags=re.MULTILINE)
    return parts[0], {part.partition("\n")[0][3:]: part.rstrip() + "\n" for part in parts[1:]}


def compare(name, text, *, rewrite):
    head, known = sections()
    if rewrite:
        known[name] = text
        order = [each for each in SCENES if each in known]
        PAGE.write_text(head + "\n".join(known[each] for each in order))
    assert sections()[1].get(name) == text


def test_the_page_has_each_scene_once_and_in_order():
    """Nothing is left of what is gone; what ends no video is only in `hotpress explain`."""
    head, known = sections()

    assert list(known) == list(SCENES)
    assert all(name in ERRORS for name in NO_VIDEO)
    assert "hotpress explain" in head
