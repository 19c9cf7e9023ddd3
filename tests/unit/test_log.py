"""Every line of the log is redacted before every sink, wherever the secret stands in it."""

import io
import json
import logging

import pytest
from cloudstage import MARK
from saying import log_as_it_was

from hotpress import log
from hotpress.log import redact

OPAQUE = "kE9-opaque.secret"  # looks like no token of the service


class Odd:
    """Something whose text holds a secret."""

    def __repr__(self):
        return f"<Odd {MARK}>"


def _raised(text):
    try:
        {}[text]
    except KeyError as error:
        raise RuntimeError(f"while {text}") from error


SAID = f"said {MARK}"
PLACES = {
    "the event": lambda logger: logger.info(SAID),
    "a field": lambda logger: logger.info("x", why=f"{MARK} was refused"),
    "a field by its name": lambda logger: logger.info("x", token=OPAQUE, claim_link=OPAQUE),
    "a name in capitals": lambda logger: logger.info("x", Authorization=OPAQUE),
    "bytes by their name": lambda logger: logger.info("x", password=OPAQUE.encode()),
    "a list by its name": lambda logger: logger.info("x", bearer=[OPAQUE], token={"a": OPAQUE}),
    "bytes": lambda logger: logger.info("x", body=f"Bearer {OPAQUE}".encode()),
    "nested": lambda logger: logger.info("x", a={"b": [{"c": (MARK, {MARK})}]}),
    "nested headers": lambda logger: logger.info("x", sent={"headers": {"Authorization": OPAQUE}}),
    "a key": lambda logger: logger.info("x", seen={MARK: 1}),
    "an object": lambda logger: logger.info("x", what=Odd()),
    "a query": lambda logger: logger.info("x", url=f"https://h/r/1.mp4?sig={OPAQUE}&x=1"),
    "a path": lambda logger: logger.info("x", url=f"https://h/a%20{MARK}/b"),
    "a user": lambda logger: logger.info("x", url=f"json://me:{OPAQUE}@h:8080/p"),
    "a database": lambda logger: logger.info("x", store=f"postgresql://me:{OPAQUE}@db/x"),
    "a header line": lambda logger: logger.info("x", raw=f"GET / Authorization: Basic {OPAQUE}"),
    "a header of a dict": lambda logger: logger.info("x", raw=str({"Authorization": OPAQUE})),
    "another case": lambda logger: logger.info("x", raw=f"BEARER {OPAQUE} {MARK.upper()}"),
}


def logged(form, do):
    """All that reaches the sink."""
    sink = io.StringIO()
    with log_as_it_was():
        log.setup("debug", form, sink)
        do()
    return sink.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_not_logged(place, form):
    """In a field, its name, a nested value, bytes, an object, an address, a header."""
    said = logged(form, lambda: PLACES[place](log.get("test")))

    assert "***" in said or "?..." in said
    for secret in (MARK, MARK.upper(), OPAQUE):
        assert secret not in said


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_secret_in_a_trace_is_not_logged(form):
    """Neither in the text of an error, nor of the one that it came from; of our own and foreign."""

    def do():
        for report in (log.get("test").exception, logging.getLogger("foreign").exception):
            try:
                _raised(f"{MARK} at https://h/x?sig={OPAQUE}")
            except RuntimeError:
                report("it broke")

    said = logged(form, do)
    assert said.count("it broke") == 2
    assert MARK not in said
    assert OPAQUE not in said


@pytest.mark.parametrize("form", ["json", "console"])
def test_foreign_libraries_are_redacted_too(form):
    """Their words, and what they fill in."""

    def do():
        logging.getLogger("watchdog").warning("got %s and %r", MARK, {"Authorization": OPAQUE})

    said = logged(form, do)
    assert "got" in said
    assert MARK not in said
    assert OPAQUE not in said


def test_what_is_no_secret_stays():
    """Numbers under such names, addresses, paths and hashes."""
    text = "https://h:8080/a/b clip.mov a@b.example 12:30 token 3 c0ffee"
    assert redact(text) == text
    [line] = logged("json", lambda: log.get("t").info("x", token=3, tokens=None)).splitlines()
    assert json.loads(line)["token"] == 3


def test_an_event_is_one_line_whatever_it_holds():
    """Line breaks of names and answers stay inside."""
    names = "a\nb\r\x1b[31mc\u2028d"
    for form in ("json", "console"):
        said = logged(form, lambda: log.get("t").info("file.seen", path=names, why=names))
        assert len(said.splitlines()) == 1, said
        assert "\x1b[31m" not in said
