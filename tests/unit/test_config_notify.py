"""`notify`: whom to tell; its secrets are in no error and in no `config show`."""

from pathlib import Path

import pytest

from hotpress.config import shown
from hotpress.config.addresses import unusable_addresses
from hotpress.config.read import read_text
from hotpress.errors import ConfigError

SECRET = "s3cr3t-pass"
URL = f"json://me:{SECRET}@localhost:8080/hook"


def read(text):
    return read_text(text, Path("config.yaml"), {"HOOK": URL})


def told(text):
    with pytest.raises(ConfigError) as error:
        read(text)
    return "\n".join(error.value.problems)


def test_the_short_and_the_long_form():
    """A URL alone, a URL with choices, a command; per inbox, too."""
    settings = read(
        f"notify:\n  - {URL}\n"
        '  - {url: "${HOOK}", events: [delivered], names: true, quiet: 22:00-07:00}\n'
        "  - {command: /bin/cat -, events: [failed]}\n"
        "inboxes:\n  - {path: /in, outbox: /out, notify: []}\n  - {path: /a, outbox: /b}\n"
    ).settings
    short, long, command = settings.notify

    assert short.events == ("failed", "held", "token", "weekly")
    assert short.names == "off"
    assert (long.address, long.names, long.quiet) == (URL, "on", ("22:00-07:00",))
    assert command.command == ("/bin/cat", "-")
    assert "notify" in settings.inboxes[0].model_fields_set
    assert "notify" not in settings.inboxes[1].model_fields_set


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f"[{{url: '{URL}', events: [deliverd]}}]", "did you mean delivered?"),
        ("[{events: [failed]}]", "needs a url or a command"),
        (f"[nonsense://{SECRET}]", "begins with nonsense://, which nobody knows"),
        (f"[{SECRET}]", "is no address for notices; write for example ntfys://"),
        (f"[{{url: '{URL}', command: /bin/cat}}]", "not both"),
        (f"[{{url: '{URL}', quiet: late}}]", "is no time of day"),
        (f"[{{url: '{URL}', evnts: [failed]}}]", "did you mean events?"),
        ("[{command: cat}]", "whole path"),
        (f"[https://example.org/{SECRET}]", "events: [ping]"),
    ],
)
def test_each_slip_has_its_line_and_what_to_write(written, said):
    """And never the address itself, which may hold a password."""
    text = told(f"log: {{level: info}}\nnotify: {written}\n")

    assert text.startswith("config.yaml:2  notify[0]")
    assert said in text
    assert SECRET not in text


def test_what_is_shown_has_no_secret():
    """`config show` says that there is one, and to which events it goes."""
    text = shown.text(read(f"notify: [{{url: '{URL}', events: [failed]}}]\n"))

    assert SECRET not in text
    assert "url: (hidden)" in text.replace('"', "")
    assert "failed" in text


def test_an_address_that_can_not_work_is_told_at_the_start():
    """Apprise knows the service, but not such an address of it: its line, and nothing of it."""
    config = read(
        f"notify: [slack://{SECRET}, 'ntfys://ntfy.sh/topic']\n"
        f"inboxes: [{{path: /in, outbox: /out, notify: [tgram://{SECRET}]}}]\n"
    )
    general, own = unusable_addresses(config)

    assert general.startswith(
        "config.yaml:1  notify[0]: Apprise can't use this slack address; write"
    )
    assert own.startswith(
        "config.yaml:2  inboxes[0].notify[0]: Apprise can't use this tgram address"
    )
    assert SECRET not in general + own


def test_the_own_desktop_is_an_address():
    """Alone, and beside others; Apprise is not asked about it."""
    config = read("notify: ['desktop://', {url: Desktop://, events: [failed]}]\n")

    assert [each.is_desktop for each in config.settings.notify] == [True, True]
    assert unusable_addresses(config) == []
    assert "desktop://" in (Path(__file__).parents[2] / "docs/notices.md").read_text()


def test_the_ready_lines_of_the_page_work():
    """Each service in docs/notices.md, with made-up secrets of the right shape."""
    page = (Path(__file__).parents[2] / "docs/notices.md").read_text()
    filled = {
        "USER:PASSWORD@": "me:pw@",
        "YOU@example.org": "you@example.org",
        "TOKENA/TOKENB/TOKENC": "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "HOST:443/WORKFLOW/SIGNATURE": "prod-05.example.org:443/643e69f83c8944438d/KODxxx",
        "BOT-TOKEN/CHAT-ID": "123456789:abcdefg_hijklmnop/12315544",
    }
    for old, new in filled.items():
        assert old in page
        page = page.replace(old, new)
    short, *_ = page.split("```yaml\n")[1:]
    config = read(short.partition("```")[0])

    assert len(config.settings.notify) == 5
    assert unusable_addresses(config) == []
