"""What the stand-in renders: honest in kind mode, careless as a pessimist, and every lie."""

from __future__ import annotations

import io

import av
import httpx
import pytest
from integration.test_standin_program import Caller, Inside, clip_bytes, data_of, until

TARGET = 60_000


def looked(content: bytes) -> dict:
    """Streams, frame, rate, length and mean saturation of a rendered file."""
    with av.open(io.BytesIO(content)) as container:
        video = container.streams.video[0]
        found = {
            "size": (video.width, video.height),
            "fps": float(video.average_rate),
            "seconds": container.duration / 1e6,
            "sound": bool(container.streams.audio),
        }
        frame = next(container.decode(video))
        plane = bytes(frame.planes[1])
        found["colour"] = sum(abs(value - 128) for value in plane) / len(plane)
        return found


def rendered(folder, faults=(), message="under 60 KB", **knobs):
    """One whole job; the file, and the ledger."""
    scenario = {"kind": True, "turn_seconds": 0, **knobs, "faults": list(faults)}
    with Inside(folder, scenario) as standin, Caller(standin) as caller:
        caller.ready()
        if message:
            caller.say(message)
        caller.submit()
        return httpx.get(caller.finished())


def test_kind_keeps_to_the_target(tmp_path):
    """Under the target and near it, with the frame rate, the length and the sound."""
    busy = clip_bytes(2, "640x360")
    with Inside(tmp_path, {"kind": True}) as standin, Caller(standin) as caller:
        caller.token()
        caller.session()
        caller.upload("v.mp4", busy)
        caller.say(f"under {TARGET // 1000} KB at 240p")
        caller.submit()
        content = httpx.get(caller.finished()).content
    assert 0.6 * TARGET < len(content) <= TARGET
    found = looked(content)
    assert found["size"] == (426, 240)
    assert found["fps"] == 20
    assert found["seconds"] == pytest.approx(2.0, abs=0.15)
    assert found["sound"]


def test_pessimist_ignores_the_size(tmp_path):
    """The size is not heard; the frame is."""
    answer = rendered(tmp_path, honours_size=False, message="under 10 KB at 120p")
    assert len(answer.content) > 10_000
    assert looked(answer.content)["size"] == (214, 120)


def test_the_submitted_draft_is_what_is_rendered(tmp_path):
    """A trim in the client's own draft counts, and so does a sound track that it takes out."""
    fault = {"kind": "run_sse", "do": {"music": True}}
    with Inside(tmp_path, {"kind": True, "faults": [fault]}) as standin, Caller(standin) as caller:
        caller.ready()
        caller.say("mute it")
        draft = caller.state()["draft"]
        segment = draft["t"][0]["sg"][0]
        segment["in"], segment["d"] = 500, 1000
        caller.submit("with_music", draft)
        with_music = looked(httpx.get(caller.finished("with_music")).content)
        draft["t"] = [track for track in draft["t"] if track["tt"] == 0]
        caller.submit("without", draft)
        without = looked(httpx.get(caller.finished("without")).content)
    assert with_music["seconds"] == pytest.approx(1.0, abs=0.15)
    assert (with_music["sound"], without["sound"]) == (True, False)


def test_two_files_in_one_draft_are_joined(tmp_path):
    """Two segments, of different frames, make one film."""
    with Inside(tmp_path, {"kind": True}) as standin, Caller(standin) as caller:
        caller.ready()
        caller.upload("v-2.mp4", clip_bytes(1, "180x320"))
        caller.submit()
        found = looked(httpx.get(caller.finished()).content)
    assert found["seconds"] == pytest.approx(3.0, abs=0.2)


@pytest.mark.parametrize(
    ("lie", "differs"),
    [
        ("wrong_length", {"seconds": pytest.approx(1.0, abs=0.15)}),
        ("sideways", {"size": (180, 320)}),
        ("no_sound", {"sound": False}),
        ("other_fps", {"fps": 10.0}),
    ],
)
def test_a_lie_differs_in_one_thing(tmp_path, lie, differs):
    """The file plays well, but is not what was asked for."""
    content = rendered(tmp_path, [{"kind": "submit", "do": {"lie": lie}}]).content
    found = looked(content)
    truth = {"size": (320, 180), "fps": 20.0, "sound": True} | {
        "seconds": pytest.approx(2.0, abs=0.15)
    }
    for key, value in {**truth, **differs}.items():
        assert found[key] == value


def test_the_lie_of_washed_out_colours(tmp_path):
    """A good part of the colour is gone."""
    honest = tmp_path / "honest"
    honest.mkdir()
    true = looked(rendered(honest).content)["colour"]
    assert looked(rendered(tmp_path, lie="washed_out").content)["colour"] < 0.6 * true


@pytest.mark.parametrize("lie", ["oversize", "cut", "corrupt", "html", "empty"])
def test_a_lie_about_the_bytes(tmp_path, lie):
    """Too many, too few, spoiled, a page, or none: announced as if all were well."""
    answer = rendered(tmp_path, lie=lie)
    assert answer.status_code == 200
    content = answer.content
    assert len(content) == int(answer.headers["content-length"])
    if lie == "oversize":
        assert len(content) > TARGET
    elif lie == "empty":
        assert content == b""
    elif lie == "html":
        assert content.startswith(b"<!DOCTYPE html>")
        assert answer.headers["content-type"].startswith("text/html")
    else:
        assert content[4:8] == b"ftyp"


def test_render_fails_and_the_next_id_works(tmp_path):
    """A failed render says so at the poll; a new id is a new chance."""
    fault = {"kind": "submit", "occurrence": 1, "do": "render_fails"}
    with Inside(tmp_path, {"kind": True, "faults": [fault]}) as standin:
        with Caller(standin) as caller:
            caller.ready()
            caller.submit("one")
            data = until(lambda: data_of(caller.poll("one")))
            assert until(lambda: data_of(caller.poll("one"))["status"] == "failed")
            assert data["id"] == "one"
            caller.submit("two")
            caller.finished("two")
        assert len(standin.facts("render_failed")) == 1


def test_render_sticks_until_it_is_cancelled(tmp_path):
    """It stays at processing; cancelled, it lets the next one of the session in."""
    fault = {"kind": "submit", "occurrence": 1, "do": "render_sticks"}
    scenario = {"kind": True, "one_export": True, "faults": [fault]}
    with Inside(tmp_path, scenario) as standin, Caller(standin) as caller:
        caller.ready()
        caller.submit("one")
        assert data_of(caller.poll("one"))["status"] == "processing"
        assert caller.submit("two").status_code == 429
        caller.http.post("/api/render/proxy/lambda/one/cancel")
        assert data_of(caller.poll("one"))["status"] == "cancelled"
        assert caller.submit("three").status_code == 200
        caller.finished("three")
        assert len(standin.facts("render_cancelled")) == 1


def test_stale_link_is_mended_by_a_poll(tmp_path):
    """The address is dead until the next poll gives another one."""
    fault = {"kind": "cdn", "occurrence": 1, "do": "stale_link"}
    with Inside(tmp_path, {"kind": True, "faults": [fault]}) as standin, Caller(standin) as caller:
        caller.ready()
        caller.submit()
        url = caller.finished()
        assert [httpx.get(url).status_code for _ in range(2)] == [403, 404]
        again = caller.finished()
        assert again != url
        assert httpx.get(again).status_code == 200


def test_a_draft_without_its_source_fails(tmp_path):
    """A segment of a file that the session doesn't have makes the render fail, not the cloud."""
    with Inside(tmp_path, {"kind": True}) as standin, Caller(standin) as caller:
        caller.ready()
        caller.submit(draft={"t": [{"tt": 0, "sg": [{"src": "other.mp4", "d": 1000}]}]})
        data = until(lambda: (d := data_of(caller.poll())).get("status") == "failed" and d)
        assert "other.mp4" in data["error"]
