"""`config show`: what holds and where it was written; `config schema`: what editors check."""

from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hotpress.config import shown
from hotpress.config.read import read_file, read_text
from hotpress.config.schema import schema
from hotpress.config.settings import RuleSettings
from hotpress.config.spelling import spelled

ROOT = Path(__file__).parents[2]
SECRET = "nmv_usr_do_not_tell"
CONFIG = f"""\
cloud:
  token: {SECRET}
defaults:
  resolution: 720p
limits: {{upload_rate: {{"08:00-18:00": 5 Mbit/s, else: none}}}}
inboxes:
  - path: /in
    outbox: /out
    target_size: 26214400 B
    instructions: "keep: the #sound"
    exclude: ["*.avi"]
    rules:
      - match: "a b/**"
        target_size: 40 %
  - {{path: /in2, outbox: /out2, timezone: Europe/Berlin, hours: "22:00-07:00"}}
"""


class Core(yaml.SafeLoader):
    """As editors read YAML today: `on` and `off` are words."""


Core.yaml_implicit_resolvers = {
    letter: [row for row in rows if row[0] != "tag:yaml.org,2002:bool" or letter in "tTfF"]
    for letter, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def edited(text):
    return yaml.load(text, Loader=Core)


def read(text, env=None):
    return read_text(text, Path("config.yaml"), env or {})


def test_what_is_shown_is_read_back_as_the_same_settings():
    """It is a config itself: whoever wants to start from what holds now can copy it."""
    config = read(CONFIG)
    again = read(shown.text(config)).settings

    for number, inbox in enumerate(config.settings.inboxes):
        other = again.inboxes[number]
        assert (other.path, other.timezone, other.hours) == (
            inbox.path,
            inbox.timezone,
            inbox.hours,
        )
        assert [rule.written() for rule in other.rules] == [rule.written() for rule in inbox.rules]
    assert again.inboxes[0].written().items() >= config.settings.inboxes[0].written().items()
    assert again.limits == config.settings.limits
    assert again.defaults == config.settings.defaults


def test_each_value_is_shown_with_where_it_was_written():
    """File and line, the variable, or that nobody wrote it."""
    view = shown.view(read(CONFIG, {"NEMO_WEB_URL": "https://web.example"}))

    assert view["defaults.resolution"] == {"value": "720p", "origin": "config.yaml:4"}
    assert view["inboxes[0].resolution"] == {"value": "720p", "origin": "config.yaml:4"}
    assert view["inboxes[0].target_size"] == {"value": "25 MiB", "origin": "config.yaml:9"}
    assert view["inboxes[0].rules[0].target_size"] == {"value": "40 %", "origin": "config.yaml:14"}
    assert view["inboxes[1].name"] == {"value": "in2", "origin": "built-in"}
    assert view["cloud.web_url"] == {"value": "https://web.example", "origin": "NEMO_WEB_URL"}
    assert view["limits.uploads"] == {"value": "2", "origin": "built-in"}


def test_a_secret_is_never_shown():
    """Only that there is one, and where."""
    config = read(CONFIG)

    assert SECRET not in shown.text(config)
    assert shown.view(config)["cloud.token"] == {"value": "(hidden)", "origin": "config.yaml:2"}


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "target_size": st.integers(1, 10**15),
            "max_rate": st.integers(1, 10**12),
            "auto_after": st.integers(0, 10**7).map(float) | st.sampled_from([0.3, 1.5, 90.0]),
            "min_saving": st.integers(0, 99).map(lambda n: n / 100),
            "quality_floor": st.integers(1, 99).map(float),
            "fps": st.sampled_from([23.976, 25.0, 29.97, 239.5]),
            "instructions": st.text(
                st.characters(max_codepoint=0x2FF) | st.sampled_from("\u2028\u202e\U0001f600"),
                max_size=20,
            ),
            "exclude": st.lists(st.sampled_from(["*.avi", 'a "b"/**', "é*"]), max_size=3).map(
                tuple
            ),
            "archive_to": st.sampled_from([Path("/a b/c"), Path("/é"), Path("/#x")]),
        },
    )
)
def test_each_value_is_spelled_so_that_it_is_read_back(values):
    """Exactly: no rounded size, no word that YAML takes for something else."""
    values = {k: v for k, v in values.items() if k != "instructions" or "${" not in v}
    rows = [f"  {key}: {spelled(key, value)}" for key, value in values.items()]
    found = read("\n".join(["defaults:", *rows])).settings.defaults

    assert found.written() == {k: v for k, v in values.items() if k in RuleSettings.model_fields}


def test_the_schema_takes_the_example_and_what_is_shown():
    """What an editor underlines as wrong must be wrong."""
    check = jsonschema.Draft202012Validator(schema())

    for text in ((ROOT / "config.example.yaml").read_text(), shown.text(read(CONFIG)), CONFIG):
        check.validate(edited(text))
    check.validate(edited(shown.text(read_file(ROOT / "config.example.yaml", {}))))


@pytest.mark.parametrize(
    "text", ["defaults: {targt_size: 1 MB}", "limits: {uploads: 99}", "defaults: {route: sideways}"]
)
def test_the_schema_refuses_slips(text):
    """Unknown keys, numbers out of bounds, words that are none of them."""
    check = jsonschema.Draft202012Validator(schema())

    assert not check.is_valid(edited(text))


def test_every_key_has_its_sentence_in_the_schema():
    """The sentence of config.example.yaml, where an editor shows it."""
    rule = schema()["$defs"]["RuleSettings"]["properties"]

    for key, info in RuleSettings.model_fields.items():
        assert rule[key]["description"] == info.description
    assert rule["target_size"]["default"] == "100 MB"
