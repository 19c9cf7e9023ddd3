"""cloud-api.md, "Session", "Upload", "State" and "Credits"."""

from __future__ import annotations

import contextlib
import hashlib
import io
import subprocess
import threading

import imageio_ffmpeg
import pytest
from cloudstage import CARRIERS, DIALECTS, MARK, SHAPES, Place, answer, at, good, header
from integration.test_standin_program import clip_bytes, until

from hotpress.cloud import Draft
from hotpress.errors import (
    FileTooLarge,
    Lost,
    SessionGone,
    SourceChanged,
    UnsupportedFormat,
)

FORMATS = (
    "mp4",
    "mov",
    "avi",
    "webm",
    "mkv",
    "jpg",
    "png",
    "gif",
    "webp",
    "mp3",
    "wav",
    "m4a",
    "aac",
)


@pytest.fixture
def place(tmp_path):
    with Place(tmp_path) as made:
        yield made


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ids", ["text", "digits"])
def test_session(place, shape, ids):
    """`data.session_id` and `data.task_id` are kept as they are, as opaque strings."""
    place.cloud(session_ids=ids, api_shape=shape)
    client = place.client().open()
    (made,) = place.facts("session_made")
    assert client.session == made["session"]
    assert client.session.isdigit() is (ids == "digits")
    assert client.task.startswith("task_")
    client.call("state")


def test_session_id_that_comes_as_a_number_of_19_digits(place):
    """A number loses none of its digits."""
    server = place.odd(good({"task_id": 7, "session_id": 7123456789012345679}), good({"state": {}}))
    client = place.client(server.url, token=MARK).open()
    client.call("state")
    assert server.asked[1].path.endswith("/me/7123456789012345679/latest")


def test_session_id_stays_one_part_of_the_path(place):
    """An opaque string is quoted: it can't lead to another address."""
    server = place.odd(good({"session_id": "../a b?c=/%"}), good({"state": {}}))
    place.client(server.url, token=MARK).open().call("state")
    assert server.asked[1].path == "/api/state/nemo_agent/me/..%2Fa%20b%3Fc%3D%2F%25/latest"


@pytest.mark.parametrize("language", ["en", "zh", "de"])
def test_session_language(place, language):
    """`language` is the ISO code that was detected, `task_name` is "project"."""
    server = place.odd(good({"session_id": "s"}))
    place.client(server.url, token=MARK).cloud.make_session(language)
    assert server.asked[0].json == {"task_name": "project", "language": language}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("errors_as", CARRIERS)
@pytest.mark.parametrize("kind", ["upload", "run_sse", "state", "submit"])
def test_session_idle_too_long_vanishes(place, kind, errors_as, dialect):
    """Later calls are told 1002: the session is gone, and nothing is sent a second time."""
    shape = "bare" if dialect == "adk" else "success"
    place.cloud(
        at(kind, 1, lose_session=True), dialect=dialect, errors_as=errors_as, api_shape=shape
    )
    client = place.client().open()
    with pytest.raises(SessionGone):
        client.call(kind)
    assert len(place.of(kind)) == 1
    assert len(place.of("token")) == 1


def test_several_files_in_one_session(place):
    """Several files go into one session, each with its own message and its own render."""
    place.cloud(one_export=False)
    client = place.client().open()
    for name in ("v-1.mp4", "v-2.mp4"):
        client.upload(name=name)
        client.say(f"compress {name} to under 60 KB")
        client.look()
        client.submit(f"render_{name}")
    state = client.cloud.state(client.session, client.number)
    assert [media.filename for media in state.media] == ["v-1.mp4", "v-2.mp4"]
    assert [fact["accepted"] for fact in place.facts("render_submitted")] == [True, True]
    assert len(place.facts("session_made")) == 1


def sample(ending, folder):
    """A real file of one of the 13 kinds."""
    made = (
        "sine=f=300:d=0.3" if ending in ("mp3", "wav", "m4a", "aac") else "testsrc=s=64x48:r=5:d=1"
    )
    one = ["-frames:v", "1"] if ending in ("jpg", "png", "webp") else []
    coder = {"webm": ["-c:v", "libvpx"], "webp": ["-c:v", "libwebp"]}.get(ending, [])
    path = folder / f"sample.{ending}"
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", made]
    subprocess.run([*words, *one, *coder, str(path)], check=True, timeout=30)
    return path.read_bytes()


@pytest.mark.parametrize("ending", FORMATS)
def test_upload_format(place, tmp_path, ending):
    """Each of the 13 kinds goes up whole, under its own name."""
    place.cloud()
    content = sample(ending, tmp_path)
    digest = place.client().open().upload(content, f"file.{ending}")
    (received,) = place.facts("upload_received")
    assert received["filename"] == f"file.{ending}"
    assert received["sha256"] == digest == hashlib.sha256(content).hexdigest()
    assert received["bytes"] == len(content)


def test_upload_multipart_field_files_with_its_exact_length(place):
    """One part named `files`, an exact Content-Length, never chunked."""
    place.cloud()
    place.client().open().upload()
    (line,) = place.of("upload")
    assert header(line, "Content-Type").startswith("multipart/form-data; boundary=")
    assert header(line, "Transfer-Encoding") is None
    assert int(header(line, "Content-Length")) == line["bytes_in"]


def test_upload_json_urls(place):
    """`{"urls": [...], "source_type": "url"}` lets the cloud fetch by itself."""
    server = place.odd(good({"files": []}))
    client = place.client(server.url, token=MARK)
    client.cloud.upload_urls("s", 0, ["https://x.example/a.mp4", "https://x.example/b.mp4"])
    (asked,) = server.asked
    assert asked.path == "/api/upload-video/nemo_agent/me/s"
    assert asked.json == {
        "urls": ["https://x.example/a.mp4", "https://x.example/b.mp4"],
        "source_type": "url",
    }


def test_upload_json_urls_are_fetched(place):
    """What the cloud has fetched shows in the state as any other upload."""
    place.cloud()
    client = place.client().ready()
    (media,) = client.cloud.state(client.session, client.number).media
    url = next(name for name in media.names if name.startswith("http"))
    client.open()
    client.cloud.upload_urls(client.session, client.number, [url])
    state = client.cloud.state(client.session, client.number)
    assert [media.filename for media in state.media] == ["v-1.mp4"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("errors_as", CARRIERS)
def test_upload_above_the_limit_is_4002(place, errors_as, shape):
    """A file over the limit is FileTooLarge, with what to do instead."""
    place.cloud(max_upload_bytes=1000, errors_as=errors_as, api_shape=shape)
    with pytest.raises(FileTooLarge) as caught:
        place.client().open().upload()
    assert caught.value.code == 4002
    assert "local" in caught.value.hint
    assert len(place.of("upload")) == 1


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("errors_as", CARRIERS)
def test_upload_of_another_kind_is_4001(place, errors_as, shape):
    """A kind that is none of the 13 is UnsupportedFormat, and the hint names all that are."""
    place.cloud(errors_as=errors_as, api_shape=shape)
    with pytest.raises(UnsupportedFormat) as caught:
        place.client().open().upload(b"text", "notes.txt")
    assert caught.value.code == 4001
    assert not [name for name in FORMATS if name not in caught.value.hint.replace(".", " ").split()]


@pytest.mark.parametrize("lag", [0, 5], ids=["true", "false"])
def test_upload_session_state_applied(place, lag):
    """Applied at once or only later: the upload is done, and the state shows it in its time."""
    place.cloud(state_lag_seconds=lag)
    client = place.client().open()
    client.upload()
    state = client.cloud.state(client.session, client.number)
    assert (state.find("v-1.mp4") is not None) is (lag == 0)


def test_upload_after_1001_is_sent_whole_once_more(place):
    """The one repetition starts at the first byte again."""
    place.cloud(
        at("upload", 1, expire_token=True), renewed_account="same", token_days=0.4, errors_as="ok"
    )
    digest = place.client().open().upload()
    assert [fact["sha256"] for fact in place.facts("upload_received")] == [digest]
    assert len(place.of("upload")) == 2


@pytest.mark.parametrize("real", [-1, 1], ids=["shorter", "longer"])
def test_upload_of_a_file_that_changes_is_not_taken(place, real):
    """A source that is not as long as promised ends the upload: the cloud has received nothing."""
    place.cloud()
    client = place.client().open()
    raw = clip_bytes(1, "160x90")
    with pytest.raises(SourceChanged):
        client.cloud.upload(
            client.session,
            client.number,
            io.BytesIO(raw),
            name="v-1.mp4",
            size_bytes=len(raw) - real,
            progress=lambda _: None,
        )
    until(lambda: place.of("upload"))
    assert place.facts("upload_received") == []


def test_upload_progress(place):
    """Progress tells bytes that only grow, up to the file's size."""
    place.cloud(max_upload_bytes=1)
    client = place.client().open()
    told = []
    raw = bytes(3_000_000)
    with pytest.raises(FileTooLarge):
        client.cloud.upload(
            client.session,
            client.number,
            io.BytesIO(raw),
            name="v.mp4",
            size_bytes=len(raw),
            progress=told.append,
        )
    assert told == sorted(told)
    assert told[-1] == len(raw)
    assert len(told) == 3


def test_upload_refused_before_its_body_was_read(place):
    """413 from a proxy in front, as a page: the file is too large, also then."""
    page = answer(413, b"<html>too large</html>", content_type="text/html")
    with pytest.raises(FileTooLarge):
        place.client(place.odd(page).url, token=MARK).upload()


STATE = {
    "state": {
        "draft": {
            "t": [
                {"tt": 0, "sg": [{"d": 10_000, "m": {"title": "city timelapse"}}], "m": {}},
                {"tt": 1, "sg": [{"d": 10_000, "m": {"title": "Lo-fi"}, "volume": 0.35}], "m": {}},
                {"tt": 7, "sg": [{"d": 3_000, "m": {"title": "Urban Dreams"}}], "m": {}},
            ],
            "m": {"title": "project", "width": 1080, "height": 1920},
        },
        "video_infos": [{"filename": "v-1.mp4", "duration": 10.0, "width": 1080, "height": 1920}],
        "generated_media": [{"type": "bgm", "title": "Lo-fi"}],
        "canvas_config": {"width": 720, "height": 1280},
    },
    "user_id": "anon_1",
}
TIMELINE = (
    "Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) "
    '3. Title: "Urban Dreams" (0-3s)'
)


def ignoring(call, *errors):
    """The call, for a thread that may end in one of these errors."""

    def run() -> None:
        with contextlib.suppress(*errors):
            call()

    return run


def shown(place, data=STATE, shape="envelope"):
    """The state that the client reads out of this answer."""
    bodies = {
        "envelope": {"code": 0, "message": "success", "data": data},
        "success": {"success": True, "data": data},
        "bare": data,
    }
    client = place.client(place.odd(answer(200, bodies[shape])).url, token=MARK)
    return client.cloud.state("s", 0)


FIELDS = {
    "data.state.draft": lambda state: len(state.draft.tracks) == 3,
    "data.state.video_infos": lambda state: state.media[0].filename == "v-1.mp4",
    "data.state.generated_media": lambda state: "Lo-fi" in str(state.generated_media),
    "data.state.canvas_config": lambda state: state.canvas == (720, 1280),
    "data.user_id": lambda state: state.bind_id == "anon_1",
    "t tracks": lambda state: len(state.draft.tracks) == 3,
    "tt track type": lambda state: [track.kind for track in state.draft.tracks] == [0, 1, 7],
    "sg segments": lambda state: [len(track.segments) for track in state.draft.tracks] == [1, 1, 1],
    "d duration in ms": lambda state: state.draft.tracks[2].segments[0].duration_seconds == 3.0,
    "m title": lambda state: state.draft.tracks[2].segments[0].title == "Urban Dreams",
    "m width, height": lambda state: (state.draft.width, state.draft.height) == (1080, 1920),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("field", FIELDS)
def test_state_field(place, field, shape):
    """Each field of the state is read in every shape of the answer."""
    assert FIELDS[field](shown(place, shape=shape))


def test_state_bind_id(place):
    """`data.bind_id` is the id for a registration link; `data.user_id` where there is none."""
    assert shown(place, {**STATE, "bind_id": "bind_1"}).bind_id == "bind_1"


READY = {
    "no track": ([], False),
    "a track without sg": ([{"tt": 0}], False),
    "an empty sg": ([{"tt": 0, "sg": []}], False),
    "sg that is no list": ([{"tt": 0, "sg": "x"}], False),
    "a non-empty sg": ([{"tt": 0, "sg": []}, {"tt": 0, "sg": [{"d": 1}]}], True),
    "a non-empty sg in a sound track": ([{"tt": 1, "sg": [{"d": 1}]}], True),
}


@pytest.mark.parametrize("case", READY)
def test_ready_for_export(case):
    """Ready for export when a track has a non-empty `sg`."""
    tracks, ready = READY[case]
    assert Draft.parse({"t": tracks}).ready is ready


@pytest.mark.parametrize("draft", [None, {}, [], "x", {"t": 5}, {"m": {}}])
def test_state_without_a_draft(place, draft):
    """A session in which nothing has happened has no draft, and that is no error."""
    assert shown(place, {"state": {"draft": draft, "video_infos": []}}).draft is None


def test_timeline(place):
    """People see the contract's own words for a draft of three tracks."""
    assert shown(place).draft.timeline() == TIMELINE


def test_timeline_of_what_the_agent_added(place):
    """A real draft with music and a title that the agent has laid reads the same way."""
    place.cloud(at("run_sse", 1, music=True, title=True))
    client = place.client().ready()
    client.say()
    draft = client.cloud.state(client.session, client.number).draft
    assert draft.timeline() == (
        "Timeline (3 tracks): 1. Video: v-1.mp4 (0-1s) 2. BGM: Lo-fi (0-1s, 35%) "
        '3. Title: "Urban Dreams" (0-3s)'
    )


VOLUMES = {
    "segment volume 0-1": ({"volume": 0.35}, {}, "35%"),
    "segment volume 0-100": ({"volume": 35}, {}, "35%"),
    "segment m.volume": ({"m": {"title": "Lo-fi", "volume": 0.35}}, {}, "35%"),
    "track m.volume": ({}, {"volume": 0.35}, "35%"),
    "full": ({"volume": 1}, {}, "100%"),
    "silent": ({"volume": 0}, {}, "0%"),
    "no volume known": ({}, {}, None),
}


@pytest.mark.parametrize("case", VOLUMES)
def test_volume(case):
    """A sound track's volume is shown when `m` or the segment has one, as 0-1 or as 0-100."""
    segment, meta, wanted = VOLUMES[case]
    sound = {"tt": 1, "sg": [{"d": 10_000, "m": {"title": "Lo-fi"}, **segment}], "m": meta}
    volume = "" if wanted is None else f", {wanted}"
    line = f"Timeline (1 tracks): 1. BGM: Lo-fi (0-10s{volume})"
    assert Draft.parse({"t": [sound]}).timeline().replace("1 track)", "1 tracks)") == line


CREDITS = {"data.available": 70, "data.frozen": 50, "data.total": 120}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("field", CREDITS)
def test_credits(place, field, shape):
    """`available`, `frozen` (reserved by running work) and `total` are told as they are."""
    place.cloud(credits=120, turn_seconds=60, disconnect="continues", api_shape=shape)
    client = place.client().open()
    said = threading.Thread(target=ignoring(client.say, Lost))
    said.start()
    try:
        until(lambda: client.cloud.credits(client.number).frozen)
        balance = client.cloud.credits(client.number)
        assert getattr(balance, field.removeprefix("data.")) == CREDITS[field]
        assert client.seen[-1] == balance
    finally:
        client.stop.set()
        client.cloud.cut()
        said.join(10)


def test_credits_without_a_total(place):
    """A missing total is what is available and what is frozen."""
    server = place.odd(good({"available": 30, "frozen": 20}))
    assert place.client(server.url, token=MARK).cloud.credits().total == 50


def test_credits_without_numbers_is_lost(place):
    """No numbers, no balance: Lost, never 0."""
    with pytest.raises(Lost):
        place.client(place.odd(good({})).url, token=MARK).cloud.credits()
