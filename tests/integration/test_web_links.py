"""Link files in a whole hotpress of one thread: to the result, and through crashes."""

import os
import plistlib
import socket
from hashlib import sha256

import pytest
from machine import Machine

from hotpress.model import Reason, State, Step
from hotpress.report import job_view
from hotpress.store.history import Wanted
from hotpress.verbs import asked_again

ADDRESS = "https://93.184.216.34/films/talk.mp4?key=secret"
CONTENT = sha256(b"a talk").hexdigest()
LINKS = {"route": "cloud", "existing": "all", "resolution": "32x24", "links": "on"}


@pytest.fixture
def house(tmp_path):
    """(rule) -> a machine whose cloud finds a video at ADDRESS."""
    built = []

    def build(**rule):
        machine = Machine(tmp_path.resolve(), {**LINKS, **rule})
        machine.sky.web[ADDRESS] = CONTENT
        built.append(machine)
        return machine

    yield build
    for machine in built:
        machine.off()
        machine.cloud.close()


def windows(address):
    return f"[InternetShortcut]\r\nURL={address}\r\nIconIndex=0\r\n".encode()


def put(machine, name="talk.url", data=None):
    path = machine.inbox / name
    path.write_bytes(windows(ADDRESS) if data is None else data)
    at = int(machine.clock.now() * 1e9)
    os.utime(path, ns=(at, at))
    for _ in range(12):
        machine.look()
        machine.clock.move(1.5)


def at(machine, name="talk.url"):
    return machine.store.at_path(str(machine.inbox), name)[0]


def test_a_link_becomes_a_result_named_after_its_file(house):
    """One fetch, one message; the size before is not known; the address is told to nobody else."""
    machine = house(source="archive")
    put(machine)
    machine.rest()
    job = at(machine)

    assert job.state is State.DELIVERED, job.why
    assert [p.name for p in machine.outbox.glob("*.mp4")] == ["talk.mp4"]
    assert [p.name for p in machine.archive.iterdir()] == ["talk.url"]
    assert [room.followed for room in machine.sky.rooms.values()] == [[ADDRESS]]
    assert len(machine.sky.said) == 1
    view = job_view(job)
    assert (view["size_before"], view["route"]) == (None, "cloud")
    told = [line.text for line in machine.store.journal(job.id)]
    assert any("a link to 93.184.216.34" in text for text in told)
    assert not any("secret" in text for text in (*told, str(view)))
    assert (machine.outbox / ".hotpress").is_dir()
    receipts = "".join(p.read_text() for p in (machine.outbox / ".hotpress").glob("receipts*"))
    assert '"path":"talk.url"' in receipts
    sums = machine.store.sums(Wanted())
    assert (sums.delivered, sums.before, sums.after) == (1, 0, 0)  # nobody knows what was saved
    assert machine.store.delivered_before(machine.clock.now()) == []  # no measure for others
    assert "secret" not in receipts


def test_what_the_cloud_cannot_do_is_made_here_from_its_own_file(house):
    """There is no original here, also none whose date and place could be kept or taken out."""
    machine = house(fps=5, metadata="strip", output="{stem} {resolution}.{ext}")
    put(machine)
    machine.rest()
    job = at(machine)
    assert (job.state, job.why) == (State.DELIVERED, "")
    assert (job.final.made_by, job.final.name) == ("encode", "talk 24p.mp4")


def test_the_same_address_in_another_file_is_paid_once(house):
    """A Mac's link and a Windows one: the second is a copy of the first one's result."""
    machine = house()
    put(machine)
    machine.rest()
    put(machine, "again.webloc", plistlib.dumps({"URL": ADDRESS}, fmt=plistlib.FMT_BINARY))
    machine.rest()

    assert {job.state for job in machine.store.jobs()} == {State.DELIVERED}
    assert at(machine, "again.webloc").final.made_by == "same"
    assert sorted(p.name for p in machine.outbox.glob("*.mp4")) == ["again.mp4", "talk.mp4"]
    assert len(machine.sky.said) == 1


def test_a_lost_state_directory_does_not_pay_again(house):
    """The receipts know the link by its file and by its address."""
    machine = house()
    put(machine)
    machine.rest()
    machine.off()
    machine.store_path.unlink()
    machine.boot()
    put(machine, "b.url")
    machine.rest()
    assert [(job.relative, job.state) for job in machine.store.jobs()] == [
        ("b.url", State.DELIVERED)
    ]
    assert len(machine.sky.said) == 1


def test_a_changed_link_is_a_new_job(house):
    """The address is frozen into a job; another one in the same file is another video."""
    other = ADDRESS.replace("talk", "other")
    machine = house()
    machine.sky.web[other] = sha256(b"another").hexdigest()
    put(machine)
    machine.run(at(machine).id)
    put(machine, data=windows(other))
    machine.rest()
    assert {job.state for job in machine.store.jobs()} == {State.CANCELLED, State.DELIVERED}
    assert [url for room in machine.sky.rooms.values() for url in room.followed] == [other]


def test_several_results_are_made_of_the_one_that_the_cloud_has(house):
    """A link is fetched and paid once; the further ones are made here from the cloud's file."""
    outputs = [{"name": "web"}, {"name": "chat", "fps": 5, "output": "{stem} chat.mp4"}]
    machine = house(outputs=outputs, source="archive")
    put(machine)
    machine.rest()
    assert {(j.state, j.why) for j in machine.store.jobs()} == {(State.DELIVERED, "")}
    assert sorted(p.name for p in machine.outbox.glob("*.mp4")) == ["talk chat.mp4", "talk.mp4"]
    assert [len(room.followed) for room in machine.sky.rooms.values()] == [1]
    assert [p.name for p in machine.archive.iterdir()] == ["talk.url"]


@pytest.mark.parametrize("fault", ["lost", "swallowed", "500", "unreachable", "1002"])
def test_no_session_is_asked_twice_for_a_link(house, fault):
    """Whatever became of the first asking: it is looked at, else there is a new session."""
    machine = house()
    put(machine)
    machine.sky.faults["upload"].append(fault)
    machine.rest()
    assert at(machine).state is State.DELIVERED
    assert machine.sky.broken == []
    assert len(machine.sky.said) == 1


def test_an_answer_that_is_lost_while_the_cloud_fetches_is_waited_for(house):
    """A large file takes the cloud minutes: nothing is asked a second time meanwhile."""
    machine = house()
    machine.sky.fetch_seconds = 200.0
    put(machine)
    machine.sky.faults["upload"].append("swallowed")
    machine.rest()
    assert at(machine).state is State.DELIVERED
    assert [len(room.followed) for room in machine.sky.rooms.values()] == [1]


def test_after_minutes_of_nothing_there_is_a_new_session(house):
    """Never a second asking in the old one: the cloud may be fetching there still."""
    machine = house()
    machine.sky.fetch_seconds = 1e9
    put(machine)
    machine.sky.faults["upload"].append("swallowed")
    shares = []
    machine.sky.around = lambda what: (
        shares.append(machine.store.uploading()),
        machine.around(what),
    )
    for _ in range(200):
        if len(machine.sky.rooms) == 2:
            break
        machine.live(1)
    machine.sky.fetch_seconds = 1.0
    machine.rest()
    assert at(machine).state is State.DELIVERED
    assert machine.sky.broken == []
    assert [len(room.followed) for room in machine.sky.rooms.values()] == [1, 1]
    assert {str(each) for each in shares} == {"{}"}  # it takes nobody's share of the line


@pytest.mark.parametrize("effects", range(0, 134, 7))
def test_the_power_may_go_out_anywhere_on_the_way_of_a_link(house, effects):
    """One message, one result, and each session follows the link once at most."""
    machine = house(source="archive")
    put(machine)
    machine.power.left = effects
    machine.guarded(machine.rest)
    machine.rest()

    assert at(machine).state is State.DELIVERED
    assert machine.sky.broken == []
    assert len(machine.sky.said) == 1
    assert [p.name for p in machine.outbox.glob("*.mp4")] == ["talk.mp4"]
    assert [p.name for p in machine.archive.iterdir()] == ["talk.url"]


def test_an_address_without_a_video_fails_before_anything_is_paid(house):
    """Nothing there, a picture there: a sentence with the host, and no message."""
    machine = house()
    machine.sky.web.clear()
    put(machine)
    machine.rest()
    job = at(machine)
    assert (job.state, job.why) == (
        State.FAILED,
        "the cloud fetched nothing (a link to 93.184.216.34)",
    )
    assert "must lead straight to a video file" in job.hint
    machine.sky.web[ADDRESS] = CONTENT
    machine.sky.fetched_as = "image"
    machine.store.ask("retry", job.id, {}, machine.clock.now())
    machine.rest()
    assert at(machine).why == "the link leads to no video (a link to 93.184.216.34)"
    assert machine.sky.said == []


@pytest.mark.parametrize("code", ["4001", "4002"])
def test_a_refusal_of_the_link_says_so(house, code, monkeypatch):
    """`route: auto` does not fall back to this machine, which has no video."""
    monkeypatch.setitem(__import__("sky")._CODES, code, (200, int(code)))
    machine = house(route="auto")
    put(machine)
    machine.sky.faults["upload"].append(code)
    machine.rest()
    job = at(machine)
    assert (job.state, job.step) == (State.FAILED, Step.UPLOAD)
    assert job.why.endswith("(a link to 93.184.216.34)")


def test_without_credits_a_link_waits_for_the_cloud(house):
    """Where a video would be made here, a link is held, with the reason."""
    machine = house(route="auto")
    machine.sky.available = 0.0
    put(machine)
    for _ in range(6):
        machine.live(1)
    job = at(machine)
    assert (job.state, job.reason) == (State.HELD, Reason.CREDITS)
    machine.sky.available = 1_000.0
    machine.rest()
    assert at(machine).state is State.DELIVERED


def test_links_are_left_alone_where_nobody_wants_them(house):
    """`links: off` is the default: no job, and they are counted."""
    machine = house(links="off")
    put(machine)
    assert machine.store.jobs() == []
    assert machine.hotfolder.leaves.ignored() == {"web_link": 1}


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"route": "local"}, "only the cloud can fetch what a link leads to, and its rule says "),
        (
            {"target_size": "40 %"},
            "nobody knows how large a link's video is, so target_size: 40",
        ),
    ],
)
def test_what_cannot_be_done_with_a_link_is_said(house, rule, why):
    """Before anything is asked or paid, with what to write instead."""
    machine = house(**rule)
    put(machine)
    machine.rest()
    job = at(machine)
    assert job.state is State.FAILED
    assert job.why.startswith(why)
    assert f"hotpress retry --new-rule {job.id}" in job.hint
    assert machine.sky.calls == 0


def test_a_link_has_a_session_of_its_own(house):
    """`session: inbox` is not for links, and instructions are followed as for a video."""
    machine = house(instructions="brighter", session="inbox")
    put(machine)
    machine.rest()
    job = at(machine)
    assert job.state is State.DELIVERED
    assert not job.session.shared
    assert job.session.upload_name.startswith("talk.mp4")


def test_a_link_may_be_edited_once_more(house):
    """`ask` finds the video in its session by the name that the cloud gave it."""
    machine = house(instructions="brighter")
    put(machine)
    machine.rest()
    now = machine.clock.now()
    machine.store.add(
        asked_again(at(machine), "message", "darker", job_id="second", number=2, now=now), "asked"
    )
    machine.rest()
    assert machine.store.get("second").state is State.DELIVERED
    assert sorted(p.name for p in machine.outbox.glob("*.mp4")) == ["talk v2.mp4", "talk.mp4"]
    assert [len(room.followed) for room in machine.sky.rooms.values()] == [1]


@pytest.fixture
def names(monkeypatch):
    """What names lead to, each look after the other: an address, or an error number."""
    answers = []

    def looked_up(_host, _port):
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(found, int):
            raise socket.gaierror(found, "no")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return answers


NAMED = "https://films.example/talk.mp4"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1"])
def test_a_name_that_leads_into_this_network_is_refused(house, names, address):
    """Also one that led elsewhere a moment before: the cloud is not asked."""
    names += ["93.184.216.34", address]
    machine = house()
    machine.sky.web[NAMED] = CONTENT
    put(machine, data=windows(NAMED))
    machine.rest()
    job = at(machine)
    assert (job.state, job.step) == (State.FAILED, Step.UPLOAD)
    assert job.why.startswith("films.example lies in this machine or network")
    assert "links: local" in job.hint
    assert [url for room in machine.sky.rooms.values() for url in room.followed] == []


def test_a_private_address_is_followed_where_the_rule_says_so(house, names):
    """`links: local`: nobody is asked where it lies."""
    machine = house(links="local")
    machine.sky.web["http://192.168.1.2/talk.mp4"] = CONTENT
    put(machine, data=windows("http://192.168.1.2/talk.mp4"))
    machine.rest()
    assert at(machine).state is State.DELIVERED


def test_a_name_that_nobody_knows_fails_and_one_without_an_answer_waits(house, names):
    """A slip of the pen is told at once; a machine without a network goes on by itself."""
    names += [socket.EAI_AGAIN]
    machine = house()
    machine.sky.web[NAMED] = CONTENT
    put(machine, data=windows(NAMED))
    for _ in range(8):
        machine.live(1)
    assert (at(machine).state, at(machine).reason) == (State.HELD, Reason.OFFLINE)
    names[:] = ["93.184.216.34"]
    machine.rest()
    assert at(machine).state is State.DELIVERED
    names[:] = [socket.EAI_NONAME]
    put(machine, "b.url", windows("https://flims.example/talk.mp4"))
    machine.rest()
    assert at(machine, "b.url").why == "there is no computer called flims.example"
