"""The words of the notes in an outbox, and which deletions mean "try again"."""

import pytest

from hotpress.store import Failed, Waiting
from hotpress.telling import deletions, failed_note, status_note
from hotpress.telling.scene import Arriving, Scene

NO_CREDITS = Waiting("a.mov", "credits", "the account has 10 credits", "Register.", None)
FAILED = Failed("job1", "/in", "trip/clip.mov", "main", 9, 1, "it is no video", "Drop one.", True)
FIVE = frozenset("abcde")


def test_nothing_to_tell_is_no_file():
    """An ordinary drop, its render and its queue make no note."""
    scene = Scene(
        waiting=(Waiting("a.mov", "render", "", "", 1e9), Waiting("b.mov", "hours", "", "", 30.0)),
        arriving=(Arriving("c.mov", 5, 59.0, "growing"),),
        in_line=3,
        in_line_seconds=500,
    )
    assert status_note.text(scene) == ""


def test_what_waits_is_told_once_a_cause():
    """Seven videos without credits are one part, with five names and the next step."""
    waiting = tuple(
        Waiting(f"{n}.mov", "credits", "no credits left", "Register.", None) for n in range(7)
    )
    text = status_note.text(Scene(waiting=waiting))

    assert "7 videos wait: no credits left\n" in text
    assert "0.mov, 1.mov, 2.mov, 3.mov, 4.mov and 2 more" in text
    assert text.count("What to do: Register.") == 1


def test_slow_arrivals_failures_and_a_long_line_are_told():
    """Each with what there is to know of it."""
    scene = Scene(
        failed=(FAILED,),
        arriving=(Arriving("drone.mp4", 2_100_000_000, 7_300.0, "growing"),),
        in_line=397,
        in_line_seconds=601,
        troubles=("The folder /in can't be looked at: gone",),
        notes={"job1": "trip/clip.mov.failed.txt"},
    )
    text = status_note.text(scene)

    assert "1 arriving: drone.mp4, 2.1 GB so far, for 2 h (growing)" in text
    assert "1 failed: trip/clip.mov: it is no video\n  See trip/clip.mov.failed.txt" in text
    assert "397 videos are being made, or in line for it." in text
    assert "can't be looked at: gone" in text


def test_a_long_list_is_cut_and_says_so():
    """Twenty parts are shown, of the rest the number."""
    waiting = tuple(Waiting(f"{n}", "quality", f"why {n}", "", None) for n in range(30))
    assert "... and 10 more" in status_note.text(Scene(waiting=waiting))


def test_names_of_others_cannot_write_lines():
    """A line break in a name stays inside its line."""
    waiting = (Waiting("a\n1 failed: b.mov", "credits", "none left", "", None),)
    lines = status_note.text(Scene(waiting=waiting)).splitlines()
    assert not any(line.startswith("1 failed") for line in lines)


@pytest.mark.parametrize(("free", "words"), [(True, "no credits"), (False, "about 50 credits")])
def test_the_first_line_says_what_trying_again_costs(free, words):
    """Nothing where this machine does it or the agent was asked already."""
    failed = Failed("job1", "/in", "clip.mov", "main", 9, 1, "it broke", "", free)
    first, *rest = failed_note.text(failed, 50).splitlines()

    assert first.startswith("Delete this file to try again, within ten minutes (")
    assert words in first
    assert "What happened: it broke" in rest


@pytest.mark.parametrize(
    ("relative", "output", "name"),
    [
        ("clip.mov", "main", "clip.mov.failed.txt"),
        ("trip/day 1/clip.mov", "main", "trip/day 1/clip.mov.failed.txt"),
        ("clip.mov", "whatsapp", "clip.mov whatsapp.failed.txt"),
    ],
)
def test_where_a_note_lies(relative, output, name):
    """Beside where the result would be, named after the source."""
    failed = Failed("job1", "/in", relative, output, 9, 1, "", "", False)
    assert failed_note.name_of(failed) == name


def in_folder(job, root, relative="clip.mov", output="main"):
    return Failed(job, root, relative, output, 9, 1, "", "", False)


def test_no_two_notes_lie_at_one_place():
    """Whatever the folders are called; each stays where it was, in whatever order they are seen."""
    failed = [in_folder("j1", "/a/In"), in_folder("j2", "/b/In"), in_folder("j3", "/c/In")]
    first = failed_note.placed(failed, {})
    known = {place: each.id for place, each in first.items()}

    assert list(first) == [
        "clip.mov.failed.txt",
        "clip.mov (In).failed.txt",
        "clip.mov (5069c78a).failed.txt",
    ]
    assert failed_note.placed(failed[::-1], known) == first
    assert failed_note.placed(failed[1:], known) == {k: first[k] for k in list(first)[1:]}
    longest = failed_note.name_of(in_folder("j1", "/" + "é" * 127, "é" * 120), "é" * 20)
    assert len(longest.encode()) <= 200


def test_commands_are_told_with_the_computer_that_they_are_for():
    """Once, at the end, and only where there are any."""
    held = Waiting("a.mov", "paused", "somebody paused it", "`hotpress resume travel`", None)

    assert status_note.text(Scene(waiting=(held,), host="studio")).endswith(
        "\n\n`hotpress ...` is typed on studio, the computer that runs it.\n"
    )
    assert "studio" not in status_note.text(Scene(waiting=(NO_CREDITS,), host="studio"))


def test_long_names_stay_apart():
    """Two names of 255 bytes that differ at the end have two notes of at most 200 bytes."""
    names = {
        failed_note.name_of(Failed("j", "/in", "é" * 120 + x, "main", 9, 1, "", "", False))
        for x in ("1.mov", "2.mov")
    }
    assert len(names) == 2
    assert all(len(name.encode()) <= 200 for name in names)


def seen(gone, before=frozenset(), notes=frozenset("abcdefgh"), had=(), have=()):
    return deletions.Seen(
        notes, frozenset(gone), frozenset(before), frozenset(had), frozenset(have)
    )


@pytest.mark.parametrize(
    ("look", "wished", "accident"),
    [
        (seen("a"), "", ""),  # a sync client may be replacing it
        (seen("a", "a"), "a", ""),
        (seen("ab", "a"), "a", ""),
        (seen(FIVE, FIVE), "abcde", ""),
        (seen("abcdef"), "", "abcdef"),
        (seen("abcdef", "ab"), "", "abcdef"),
        (seen("ab", "ab", notes=frozenset("ab")), "ab", ""),
        # All results and all notes: somebody emptied the folder.
        (seen("a", "a", notes=frozenset("a"), had="x"), "", "a"),
        (seen("a", "a", notes=frozenset("a"), had="xy", have="y"), "a", ""),
        (seen("a", "a", notes=frozenset("ab"), had="x"), "a", ""),
    ],
)
def test_which_deletions_are_wishes(look, wished, accident):
    """A few, at two looks in a row; never many at once, or all that was there."""
    assert deletions.judge(look) == deletions.Verdict(frozenset(wished), frozenset(accident))
