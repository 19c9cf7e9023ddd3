"""docs/rules.md: nothing in it is wrong, and nothing is missing."""

import re
from pathlib import Path

from hotpress.config import fields, layers
from hotpress.config.infolder import ALLOWED, understood
from hotpress.config.read import read_text
from hotpress.config.settings import BUILT_IN, Inbox, RuleSettings, Settings, Timing

PAGE = (Path(__file__).parents[2] / "docs/rules.md").read_text()
OF_FILES, _, REST = PAGE.partition("## Keys of an inbox alone")
OF_INBOXES, _, OF_ALL = REST.partition("## The rest of the config")


def rows(text):
    return dict(re.findall(r"^\| `([\w.]+)` \| (.*?) \|", text, re.MULTILINE))


ROWS = rows(OF_FILES)


def blocks(kind):
    return re.findall(rf"^```yaml {kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_every_key_of_a_rule_has_its_row_and_no_other():
    """A key that is added gets its row."""
    assert ROWS.keys() == RuleSettings.model_fields.keys()


def test_every_example_is_a_value_of_its_key():
    """Each may be copied into a config as it stands."""
    for key, cell in ROWS.items():
        for example in re.findall(r"`(.*?)`", cell):
            # A program that is there on every machine.
            value = example.replace("/usr/bin/ffmpeg", "/bin/sh")
            read_text(f"defaults:\n  {key}: {value}\n", Path("config.yaml"), {})


def test_every_key_of_an_inbox_alone_has_its_row_and_its_examples_are_values():
    """The second table: what is no rule, and stands only below `inboxes`."""
    found = rows(OF_INBOXES)
    assert found.keys() == Inbox.model_fields.keys() - RuleSettings.model_fields.keys()
    for key, cell in found.items():
        for example in re.findall(r"`(.*?)`", cell):
            values = {"path": "/in", "outbox": "/out", key: example}
            body = "\n".join(f"    {k}: {v}" for k, v in values.items())
            read_text(f"inboxes:\n  -\n{body}\n", Path("config.yaml"), {})


def test_every_other_key_has_its_row_and_its_examples_are_values():
    """The third table: the sections for all inboxes, each key by its whole name."""
    tables = {"defaults", "inboxes"}  # the first two
    assert Settings.model_fields.keys() == tables | {each.split(".")[0] for each in rows(OF_ALL)}
    sections = ("cloud", "limits", "watch", "page", "log")
    found = rows(OF_ALL)
    assert found.keys() == {"notify", "history"} | {
        f"{name}.{key}" for name in sections for key in fields.known_keys(Settings, (name,))
    }
    for key, cell in found.items():
        for example in re.findall(r"`(.*?)`", cell):
            section, _, name = key.rpartition(".")
            text = f"{section}:\n  {name}: {example}\n" if section else f"{key}: {example}\n"
            read_text(text, Path("config.yaml"), {"NEMO_TOKEN": "nmv_x"})


def test_every_time_of_the_cloud_stands_in_its_row():
    """With the default that holds: whoever copies the row changes nothing."""
    [example] = re.findall(r"`(.*?)`", rows(OF_ALL)["cloud.timing"])
    found = read_text(f"cloud:\n  timing: {example}\n", Path("config.yaml"), {}).settings
    assert found.cloud.timing == Settings().cloud.timing
    assert found.cloud.timing.model_fields_set == Timing.model_fields.keys()


def test_the_configs_and_folder_rules_of_the_page_are_taken():
    """Each block is read by the reader that it is for."""
    [config], [folder] = blocks("config"), blocks("folder")
    read_text(config, Path("config.yaml"), {})
    told = understood([("trip/hotpress.yaml", folder.encode())], BUILT_IN)

    assert told.problems == ()
    assert layers.values_of(told.layers)["target_size"] == 40_000_000


def test_the_keys_that_a_folder_may_set_are_those_that_are_allowed():
    """The sentence names all of them."""
    sentence = (
        PAGE.partition("So only these may be set:")[2].partition("\n\n")[0].partition(". ")[0]
    )
    named = {word.partition(":")[0] for word in re.findall(r"`(.*?)`", sentence)}

    assert named == ALLOWED
