"""The words of `status`: what runs, is held, arrives, and what is left of the account."""

from rich.console import Console

from hotpress.cli.status_text import told
from hotpress.cli.terminal import drawn

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z, a Friday
JOB = {
    "id": "k3f9ab2c",
    "inbox": "in",
    "relative": "clip.mov",
    "state": "running",
    "step": "upload",
    "reason": None,
    "why": None,
    "hint": None,
    "progress": 0.634,
    "eta_seconds": 125.0,
    "wake_at": None,
    "waits_for": None,
    "rate": {"per_second": 3_100_000.0, "of": "bytes"},
    "size_before": 104_000_000,
    "size_after": None,
}
INBOX = {
    "name": "in",
    "path": "/in",
    "outbox": "/out",
    "watch": "polling",
    "why": None,
    "watch_why": "a network folder does not tell of changes",
    "paused": False,
    "counts": {"delivered": 1_204, "running": 1},
    "arriving": [],
    "ignored": {"jpg": 12},
}
ACCOUNT = {
    "kind": "anonymous",
    "token_expires_at": "2027-01-18T08:00:00Z",
    "credits": {"available": 42, "frozen": 50, "total": 100},
    "videos_left": 0,
    "enough_until": "2027-01-19T08:00:00Z",
    "checked_at": "2027-01-15T07:58:00Z",
}
HELD = {
    "inbox": "in",
    "reason": "credits",
    "count": 812,
    "since": "2027-01-15T06:00:00Z",
    "why": "the credits are used up",
    "hint": "Top up, or set route: auto.",
    "cost": "It costs nothing to wait.",
    "jobs": [{"id": f"held{n}", "relative": f"{n}.mov"} for n in range(20)],
}
VIEW = {
    "version": "1",
    "daemon": {"running": True, "pid": 7, "since": "2027-01-13T08:00:00Z"},
    "config": {"problems": []},
    "notes": [],
    "page": {},
    "account": ACCOUNT,
    "inboxes": [INBOX],
    "counts": {"running": 1, "delivered": 1_204},
    "jobs": [JOB],
    "held": [],
    "lately": [],
}


def lines(wide=True, **changes):
    return [one.start.plain + one.rest.plain for one in told({**VIEW, **changes}, NOW, wide=wide)]


def one_inbox(**changes):
    return lines(inboxes=[{**INBOX, **changes}])


def test_one_who_waits_reads_how_far_how_fast_and_how_long():
    """In one line where there is room, in two where there is not; the name stands last."""
    wide = next(text for text in lines() if "clip.mov" in text)
    assert wide.split("  ", 1) == [
        "k3f9ab2c",
        f" 63 %  {'upload, 3.1 MB/s, about 2 min 5 s left':<46}  in/clip.mov",
    ]
    name, rest = lines(wide=False)[2:4]
    assert name == "k3f9ab2c  in/clip.mov"
    assert rest.strip() == "63 %  upload, 3.1 MB/s, about 2 min 5 s left"


def test_what_waits_says_why_and_until_when():
    """A time is told as a time that is left; who is in line says what for."""
    wait = {"state": "waiting", "reason": "rate_limit", "why": "the cloud asked for a pause"}
    waits = lines(jobs=[{**JOB, **wait, "wake_at": "2027-01-15T08:00:30Z", "eta_seconds": 240.0}])
    assert "the cloud asked for a pause, goes on in 30 s" in "\n".join(waits)
    queued = {"state": "queued", "eta_seconds": None, "waits_for": "a place in the upload line"}
    text = "\n".join(lines(jobs=[{**JOB, **queued}], counts={"queued": 4_001}))
    assert "waits for a place in the upload line" in text
    assert "and 4,000 more are in line: hotpress jobs --state queued" in text


def test_what_is_held_says_since_when_what_frees_it_and_what_that_costs():
    """Eight hundred of one kind are one paragraph, with a few names and the way to the rest."""
    text = lines(jobs=[], held=[HELD])
    start = text.index("held: 812 videos of in: the credits are used up (credits), for 2 h")
    assert text[start + 1].strip() == "Top up, or set route: auto. It costs nothing to wait."
    assert text[start + 2].split() == ["held0", "0.mov"]
    more = "and 807 more: hotpress jobs --state held --inbox in"
    assert text[start + 7].strip() == more


def test_what_has_just_ended_is_still_there():
    """Who looks a minute late sees that it is done, and what it saved; or why not."""
    done = {**JOB, "state": "delivered", "size_after": 38_000_000}
    failed = {**JOB, "state": "failed", "why": "the video is damaged"}
    text = lines(jobs=[], lately=[done, failed])
    assert "k3f9ab2c  delivered  104 MB -> 38 MB (-63 %)  in/clip.mov" in text
    assert "k3f9ab2c  failed     in/clip.mov: the video is damaged" in text


def test_each_inbox_says_how_it_is_watched_and_why_and_what_it_left_alone():
    """Polling is no secret, a pause names its end, photos are counted."""
    text = one_inbox(paused=True)
    start = text.index("in: /in -> /out (looked at again and again)")
    assert [each.strip() for each in text[start + 1 : start + 5]] == [
        "paused: hotpress resume in",
        "a network folder does not tell of changes",
        "1,204 delivered, 1 running",
        "left alone: 12 photos (hotpress why FILE)",
    ]


def test_what_arrives_says_since_when_and_how_much():
    """Nothing is waited for in silence: the size, the reason and the time stand there at once."""
    one = {"path": "/in/clip.mp4", "bytes": 2_100_000_000, "since": "2027-01-15T02:00:00Z"}
    for why, words in (
        ("growing", "(growing for 6 h)"),
        ("online only", "(online only; first seen 6 h ago)"),
    ):
        text = one_inbox(arriving=[{**one, "why": why}])
        assert f"  arriving: /in/clip.mp4, 2.1 GB so far {words}" in text
    many = one_inbox(arriving=[{**one, "why": "growing"}] * 50)
    assert "  and 30 more arriving" in many


def test_the_account_says_what_is_left_for_how_many_until_when():
    """Balance, reserve, videos, the pace of the last week, the token's end; and what is unknown."""
    assert lines()[1] == (
        "free account: 42 credits (50 reserved), about 0 videos, seen 2 min ago; "
        "at this pace enough until Tuesday; its token ends in 3 days"
    )
    unknown = {**ACCOUNT, "credits": None, "enough_until": None, "token_expires_at": None}
    own = lines(account={**unknown, "kind": "token"})[1]
    assert own == (
        "your account (own token): its credits have not been asked yet (hotpress credits)"
    )
    until = {
        "2027-01-15T09:00:00Z": "until today",
        "2027-01-16T07:00:00Z": "until tomorrow",
        "2027-02-20T08:00:00Z": "until 20 February",
        "2028-01-15T08:00:00Z": "enough for months",
    }
    for at, words in until.items():
        assert words in lines(account={**ACCOUNT, "enough_until": at})[1]


def test_a_daemon_that_does_not_run_and_a_broken_config_come_first():
    """What keeps everything from going on is not found below a hundred jobs."""
    text = lines(
        daemon={"running": False, "pid": None, "since": None},
        config={"problems": ["config.yaml:3  target_size: no size"]},
        counts={"queued": 3},
    )
    assert text[0] == "hotpress 1 does not run: hotpress run"
    assert text[2:5] == [
        "Nothing goes on until it runs.",
        "The config can't be taken as it is; the last good one counts:",
        "  config.yaml:3  target_size: no size",
    ]


def test_odd_names_shift_nothing_and_lose_nothing_at_any_width():
    """Chinese, emoji, right-to-left, controls and 200 letters: each wraps in its place."""
    names = [
        "旅行/" + "视频" * 60 + ".mov",
        "👩‍👩‍👧 🎬.mov",
        "שלום\u202e.mov",
        "a\x1b[31m\r\nb.mov",
        "x" * 200,
    ]
    for width in (40, 80, 200):
        out = Console(width=width, color_system=None, force_terminal=True, legacy_windows=False)
        view = {**VIEW, "jobs": [{**JOB, "relative": name} for name in names]}
        with out.capture() as seen:
            out.print(drawn(told(view, NOW, wide=width > 100, bars=True)))
        text = seen.get()
        assert "\x1b" not in text
        assert "\u202e" not in text
        flat = text.replace("\n", "").replace(" ", "")
        assert "视频" * 60 in flat
        assert "x" * 200 in flat
        starts = [row for row in text.splitlines() if "k3f9ab2c" in row]
        assert len(starts) == len(names)
        assert all(row.startswith("k3f9ab2c  ") for row in starts)


def test_a_page_that_can_not_be_shown_is_told():
    """Where it would be and what helps; one that is there needs no line."""
    why = "the page can't be shown at 127.0.0.1:8420 (Address already in use); free that port"
    assert why in lines(page={"why": why})
    assert lines(page={"url": "http://127.0.0.1:8420/"}) == lines()
