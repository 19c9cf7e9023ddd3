"""Several results of one video: what each goes by, and what can't be wanted together."""

from pathlib import Path

import pytest

from hotpress.config.layers import Layer
from hotpress.config.read import read_text
from hotpress.config.rules import rules_for
from hotpress.config.settings import Inbox, Settings
from hotpress.errors import ConfigError
from hotpress.model import Route

INBOX = "inboxes:\n  - path: /in\n    outbox: /out\n"
CHAT = "{name: chat, target_size: 16 MB, output: '{stem} chat.mp4'}"


def rules(text, relative="clip.mov"):
    settings = read_text(text, Path("config.yaml"), {}).settings
    return rules_for(settings, settings.inboxes[0], relative)


def test_without_outputs_there_is_one_result():
    """It is called main, and stands alone."""
    (rule,) = rules(INBOX)
    assert (rule.output_name, rule.follows, rule.beside) == ("main", "", ())


def test_a_result_inherits_what_it_does_not_say():
    """Its own keys win over the inbox's."""
    web, chat = rules(f"{INBOX}    target_size: 60 MB\n    outputs: [{{name: web}}, {CHAT}]\n")
    assert (web.target_bytes, chat.target_bytes) == (60_000_000, 16_000_000)
    assert (web.output, chat.output) == ("{stem}.mp4", "{stem} chat.mp4")
    assert (web.beside, chat.beside) == (("chat",), ("web",))


@pytest.mark.parametrize(
    ("inbox", "entries", "routes", "follows"),
    [
        ("", "{name: a}, {name: b, output: b}", ["auto", "local"], ["", ""]),
        ("route: cloud", "{name: a}, {name: b, output: b}", ["cloud", "local"], ["", ""]),
        ("", "{name: a, route: local}, {name: b, output: b}", ["local", "local"], ["", ""]),
        (
            "",
            "{name: a, route: local}, {name: b, output: b, route: cloud}",
            ["local", "cloud"],
            ["", ""],
        ),
        (
            "",
            "{name: a}, {name: b, output: b, route: cloud}",
            ["auto", "local"],
            ["", ""],
        ),
        ("instructions: x", "{name: a}, {name: b, output: b}", ["auto", "local"], ["", "a"]),
        (
            "instructions: x",
            "{name: a, instructions: ''}, {name: b, output: b}, {name: c, output: c}",
            ["local", "auto", "local"],
            ["", "", "b"],
        ),
        (
            "instructions: x",
            "{name: a, route: local}, {name: b, output: b, route: cloud}",
            ["local", "cloud"],
            ["b", ""],
        ),
    ],
)
def test_one_of_them_leads(inbox, entries, routes, follows):
    """At most one may use the cloud; those with an edit follow the one that has it made."""
    extra = f"    {inbox}\n" if inbox else ""
    found = rules(f"{INBOX}{extra}    outputs: [{entries}]\n")
    assert [rule.route.value for rule in found] == routes
    assert [rule.follows for rule in found] == follows
    assert sum(rule.route is not Route.LOCAL for rule in found) <= 1


def test_outputs_may_stand_in_defaults_and_in_a_rule_for_some_files():
    """As any other key of a rule: the nearest wins."""
    text = f"defaults: {{outputs: [{{name: web}}, {CHAT}]}}\n{INBOX}    rules:\n"
    text += "      - {match: 'one/**', outputs: []}\n"
    assert [rule.output_name for rule in rules(text)] == ["web", "chat"]
    assert [rule.output_name for rule in rules(text, "one/clip.mov")] == ["main"]


@pytest.mark.parametrize(
    ("outputs", "problem"),
    [
        ("[{name: web}, {name: b}]", ":4  inboxes[0].outputs: web and b would both be called"),
        ("[{name: a}, {name: A, output: x}]", ":4  inboxes[0].outputs: two results are called a"),
        ("[{name: a, output: '{stem}.{ext}'}, {name: b}]", "both be called clip.mp4"),
        ("[{name: a, output: Clip}, {name: b, output: clip.mp4}]", "both be called clip.mp4"),
        (
            "[{name: a, instructions: x}, {name: b, output: b, instructions: y}]",
            "outputs: a video is edited once",
        ),
        (
            "[{name: a, route: local, instructions: x}]",
            "outputs: instructions need the cloud",
        ),
        ("[{name: a, source: trash}]", ":4  inboxes[0].outputs[0]: source is for the whole video"),
        ("[{name: a, outputs: []}]", "outputs[0]: outputs is for the whole video"),
        ("[{name: a, target: 1}]", "outputs[0].target: is no key of hotpress; did you mean"),
        ("[{output: a.mp4}]", "outputs[0].name: is missing"),
        ("[{name: a b}]", "outputs[0].name: a b is no name for it"),
        ("{name: a}", "outputs: is no list"),
    ],
)
def test_what_can_not_be_made_together_is_refused(outputs, problem):
    """With the line, and with what to write instead."""
    with pytest.raises(ConfigError) as caught:
        rules(f"{INBOX}    outputs: {outputs}\n")
    assert problem in caught.value.problems[0]


def test_a_mistake_in_defaults_is_told_once():
    """Though three inboxes inherit it."""
    rows = "".join(f"  - {{path: /in{n}, outbox: /out{n}}}\n" for n in range(3))
    with pytest.raises(ConfigError) as caught:
        rules(f"defaults: {{outputs: [{{name: a}}, {{name: b}}]}}\ninboxes:\n{rows}")
    assert len(caught.value.problems) == 1
    assert "config.yaml:1  defaults.outputs" in caught.value.problems[0]


def test_who_shares_the_folder_may_keep_every_result_here():
    """`route: local` of a rule file wins over a result's own: never to the cloud after all."""
    inbox = Inbox(
        path="/in", outbox="/out", outputs=[{"name": "web"}, {"name": "chat", "route": "cloud"}]
    )
    stays = Layer({"route": Route.LOCAL}, {"route": "hotpress.yaml:1"})
    rules = rules_for(Settings(inboxes=[inbox]), inbox, "a.mp4", [stays])
    assert [rule.route for rule in rules] == [Route.LOCAL, Route.LOCAL]
