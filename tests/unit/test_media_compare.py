"""What is said of a result beside its original, from small pictures and marks."""

import random

import pytest

from hotpress.media import compare
from hotpress.media.compare import HEIGHT, WIDTH, Marks, Span


def picture(seed=1, low=20, high=230):
    """Blocks of colours by chance."""
    chance = random.Random(seed)
    rows = []
    for _ in range(HEIGHT // 6):
        row = b"".join(
            bytes(chance.randint(low, high) for _ in range(3)) * 8 for _ in range(WIDTH // 8)
        )
        rows.append(row * 6)
    return b"".join(rows)


def grey(level):
    return bytes([level]) * compare.PICTURE_BYTES


def altered(raw, contrast=1.0, brighter=0.0, colour=1.0):
    """What ffmpeg's `eq` does, by pixel."""
    out = bytearray()
    for n in range(0, len(raw), 3):
        y = compare.light(raw[n : n + 3])[0]
        for value in raw[n : n + 3]:
            new = (y - 128) * contrast + 128 + brighter + (value - y) * contrast * colour
            out.append(max(0, min(255, round(new))))
    return bytes(out)


def said(*pairs):
    return compare.other_colours([compare.likeness(a, b) for a, b in pairs])


def timed(levels, step=0.25, start=0.3):
    return [(start + n * step, grey(level)) for n, level in enumerate(levels)]


def test_marks_are_heard_between_lines_of_progress():
    """Black and still stretches come out of the lines of a decode; what is no mark is nothing."""
    marks = Marks()
    for line in (
        "frame=12", "lavfi.black_start=1.5", "out_time_us=4", "lavfi.freezedetect.freeze_start=1.5",
        "lavfi.black_end=4", "lavfi.freezedetect.freeze_end=9", "lavfi.black_start=nonsense",
        "lavfi.black_end=12", "lavfi.signalstats.YAVG=16", "black_start=3",
    ):  # fmt: skip
        marks.hear(line)

    assert (marks.black, marks.still) == ([Span(1.5, 4)], [Span(1.5, 9)])


def test_what_goes_on_to_the_end_ends_there():
    """A freeze that runs to the end of a file has no end of its own."""
    marks = Marks()
    marks.hear("lavfi.freezedetect.freeze_start=5.24")
    marks.finish(9.2)
    short = Marks()
    short.hear("lavfi.black_start=5.2")
    short.finish(6.1)

    assert (marks.still, short.black) == ([Span(5.24, 9.2)], [])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"contrast": 0.5, "brighter": 38, "colour": 0.6}, "washed out"),
        ({"colour": 0.3}, "pale"),
        ({"brighter": 60}, "brighter than the original"),
        ({"brighter": -60}, "darker than the original"),
        ({"contrast": 0.86, "brighter": 5}, ""),  # a wrong range is seen by hardly anyone
        ({"contrast": 1.16, "colour": 0.9}, ""),
        ({}, ""),
    ],
)
def test_colours(changes, words):
    """Washed out, pale, bright and dark are found; what a wrong range or an encode does, is not."""
    pairs = [(p := picture(seed, 60, 190), altered(p, **changes)) for seed in range(4)]
    found = said(*pairs)

    assert words in found if words else found == ""


def test_too_much_contrast_is_told():
    """A dull original that comes back harsh."""
    pairs = [(p := picture(seed, 100, 150), altered(p, contrast=2)) for seed in range(4)]

    assert said(*pairs).startswith("its contrast is 2")


def test_a_dark_a_grey_and_another_picture_prove_nothing():
    """Without light and shade, without colours, or of another moment: no word on colours."""
    dark = [(grey(3 + n), grey(5)) for n in range(4)]
    colourless = [(p := altered(picture(n), colour=0), p) for n in range(4)]
    others = [(picture(n), altered(picture(n + 50), contrast=0.5)) for n in range(4)]
    two = [(p := picture(n), altered(p, contrast=0.4)) for n in range(2)]

    assert [said(*pairs) for pairs in (dark, colourless, others, two)] == [""] * 4


def test_black_counts_only_where_the_original_is_lit():
    """A second and more; with its times; half a second of it is no fault."""
    span = Span(3.0, 7.0)
    lit = compare.lit(timed([90] * 14, start=3.3), 0.25, span)
    late = compare.lit(timed([4] * 6 + [90] * 8, start=3.3), 0.25, span)

    assert lit == "it is black from 3.0 s to 7.0 s, the original is not"
    assert late == "it is black from 4.8 s to 7.0 s, the original is not"
    assert compare.lit(timed([4] * 14, start=3.3), 0.25, span) == ""
    assert compare.lit(timed([30] * 14, start=3.3), 0.25, span) == ""  # a night
    assert compare.lit(timed([4] * 11 + [90] + [4] * 2, start=3.3), 0.25, span) == ""
    assert compare.lit([], 0.25, span) == ""


def test_a_still_picture_counts_only_where_the_original_moves():
    """More than two seconds of it; a still camera and an encode that lost the grain are none."""
    span = Span(1.0, 5.0)
    moves, rests = timed(range(50, 190, 10), start=1.3), timed([50] * 14, start=1.3)
    slow = timed([50 + n // 7 for n in range(14)], start=1.3)

    assert compare.moved(moves, rests, 0.25, span) == (
        "it stands still from 1.0 s to 5.0 s, the original moves"
    )
    assert compare.moved(rests, rests, 0.25, span) == ""
    assert compare.moved(moves, moves, 0.25, span) == ""
    assert compare.moved(slow, rests, 0.25, span) == ""
    assert compare.moved(moves[:6], rests[:6], 0.25, Span(1.0, 2.9)) == ""
    assert compare.moved([], [], 0.25, span) == ""


def test_a_long_stretch_is_looked_at_at_both_ends():
    """So that ten minutes of a slide cost as much as twenty seconds."""
    assert compare.windows(Span(0, 10), 20) == [Span(0.3, 9.7)]
    assert compare.windows(Span(0, 600), 20) == [Span(0.3, 10.3), Span(589.7, 599.7)]
    assert compare.windows(Span(2, 3.1), 20) == [Span(2, 3.1)]
