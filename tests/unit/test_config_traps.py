"""YAML's traps, and people's spellings: the value that was meant."""

from pathlib import Path

import pytest

from hotpress.config import units
from hotpress.config.read import read_file, read_text
from hotpress.errors import ConfigError

INBOX = "inboxes:\n  - path: /in\n    outbox: /out\n"


def read(text, env=None):
    return read_text(text, Path("config.yaml"), env or {}).settings


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        ("resolution: 1080", "resolution", "1080p"),
        ("resolution: 4K", "resolution", "2160p"),
        ("resolution: SOURCE", "resolution", "source"),
        ("words: off", "words", "off"),
        ("words: 'off'", "words", "off"),
        ("instructions: off", "instructions", "off"),
        ("instructions: no", "instructions", "no"),
        ("instructions: true", "instructions", "true"),
        ("instructions: 1.10", "instructions", "1.10"),
        ("instructions: 0o17", "instructions", "0o17"),
        ("instructions: 1_000", "instructions", "1_000"),
        ("instructions: 22:00", "instructions", "22:00"),
        ("instructions: 2026-11-28", "instructions", "2026-11-28"),
        ("instructions: .nan", "instructions", ".nan"),
        ("instructions: keep\u00a0it", "instructions", "keep\u00a0it"),
        ("instructions: >\n    keep\n    it\n  fps: 30", "instructions", "keep it\n"),
        ("instructions: '{target} at {resolution}'", "instructions", "{target} at {resolution}"),
        ("instructions: ''", "instructions", ""),
        ("target_size: 60\u00a0MB", "target_size", 60_000_000),
        ("target_size: 60 MB\t# no more", "target_size", 60_000_000),
        ("target_size: '60 MB'", "target_size", 60_000_000),
        ("target_size: !!str 60 MB", "target_size", 60_000_000),
        ("target_size: ~", "target_size", None),
        ("target_size: None", "target_size", None),
        ("target_size: 4.1 TB", "target_size", 4_100_000_000_000),
        ("target_size: 0.1 MiB", "target_size", 104_857),
        ("target_size: 29 %", "target_size", 0.29),
        ("max_rate: 0.3 kbit/s", "max_rate", 300),
        ("auto_after: 0s", "auto_after", 0.0),
        ("auto_after: 0.1s", "auto_after", 0.1),
        ("auto_after: 300ms", "auto_after", 0.3),
        ("auto_after: 1y", "auto_after", 31_557_600.0),
        ("fps: 29.97", "fps", 29.97),
        ("min_saving: 0%", "min_saving", 0.0),
        ("quality_floor: 93", "quality_floor", 93.0),
        ("hours: 22:00-07:00", "hours", ("22:00-07:00",)),
        (
            "hours: Mo-Fr 18:00-24:00, Sa 0:00-24:00",
            "hours",
            ("Mo-Fr 18:00-24:00", "Sa 0:00-24:00"),
        ),
        ("hours: [22:00-07:00]", "hours", ("22:00-07:00",)),
        ("hours: none", "hours", ()),
    ],
)
def test_a_rule_key_means_what_was_written(text, key, meant):
    """Words stay words, numbers keep their digits, sizes are exact."""
    assert getattr(read(f"defaults:\n  {text}\n").defaults, key) == meant


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: ("\ufeff" + text).encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "---\n" + text + "...\n",
        lambda text: "# a config\n\n" + text,
    ],
)
def test_what_editors_put_around_a_text_changes_nothing(change):
    """Byte order marks, UTF-16, the line ends of Windows and of old Macs, document marks."""
    text = INBOX + "    target_size: 60 MB\n"

    assert read(change(text)) == read(text)


def test_an_anchor_and_a_merge_key_mean_what_they_mean():
    """What stands in the mapping itself wins over what is merged, wherever it stands."""
    settings = read(
        "defaults: &usual\n  target_size: 60 MB\n  resolution: 720p\n"
        "inboxes:\n  - <<: *usual\n    path: /in\n    outbox: /out\n    resolution: 480p\n"
    )

    assert settings.inboxes[0].written() == {"target_size": 60_000_000, "resolution": "480p"}


@pytest.mark.parametrize("section", ["defaults", "cloud", "limits", "watch", "log", "inboxes"])
def test_a_section_that_is_all_commented_out_is_as_if_it_were_not_there(section):
    """Nothing below `watch:` but comments is what is left when somebody tries things out."""
    assert read(f"{section}:\n  # nothing\n") == read("")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20 Mbit/s", (("", 20_000_000),)),
        ("none", ()),
        (
            '{"08:00-18:00": 5 Mbit/s, else: none}',
            (("08:00-18:00", 5_000_000), ("", None)),
        ),
        (
            "\n    Mo-Fr 08:00-18:00: 1 Mbit/s\n    else: 50 Mbit/s",
            (("Mo-Fr 08:00-18:00", 1_000_000), ("", 50_000_000)),
        ),
        ("{22:00-07:00: none}", (("22:00-07:00", None), ("", None))),
    ],
)
def test_the_upload_rate_may_depend_on_the_time_of_day(text, meant):
    """Spans as in `hours`; `else` is the rest of the week."""
    assert read(f"limits:\n  upload_rate: {text}\n").limits.upload_rate == meant


def test_variables_and_the_home_folder_are_put_in():
    """${X} anywhere in a value, ~ at the start of a path; $X and $(x) stay what they are."""
    settings = read(
        "inboxes:\n  - path: ${BASE}/In ${N}\n    outbox: ~/Out\n    instructions: $5, $(x)\n",
        {"BASE": "/data", "N": "1"},
    )
    inbox = settings.inboxes[0]

    assert (inbox.path, inbox.outbox) == (Path("/data/In 1"), Path.home() / "Out")
    assert inbox.instructions == "$5, $(x)"


def test_names_of_folders_may_look_like_numbers():
    """An inbox called 2024 is called so."""
    assert read(INBOX + "    name: 2024\n").inboxes[0].name == "2024"


def test_a_problem_of_the_environment_names_the_variable():
    """NEMO_API_URL is nowhere in the file: there is no line to point at."""
    with pytest.raises(ConfigError) as caught:
        read("cloud: {language: en}", {"NEMO_API_URL": "ftp://x"})

    [said] = caught.value.problems
    assert said.startswith("NEMO_API_URL  cloud.api_url: is no address")


def test_two_paths_to_one_folder_are_one_folder(tmp_path):
    """By a link, an inbox would be taken twice; and an outbox by a link lies where it lies."""
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "in")
    text = (
        f"inboxes:\n  - path: {tmp_path}/in\n    outbox: {tmp_path}/out\n"
        f"  - path: {tmp_path}/link\n    outbox: {tmp_path}/out2\n"
    )
    with pytest.raises(
        ConfigError, match=r"config.yaml:4  inboxes\[1\].path: .* inside each other"
    ):
        read(text)
    with pytest.raises(ConfigError, match=r"config.yaml:3  inboxes\[0\].outbox: .* inside each"):
        read(f"inboxes:\n  - path: {tmp_path}/in\n    outbox: {tmp_path}/link/out\n")


def test_folders_that_are_there_may_differ_in_case_alone(tmp_path):
    """On a disk that knows case, Inbox and inbox are two folders, and both may be used."""
    for name in ("Inbox", "inbox"):
        (tmp_path / name).mkdir()
    text = "".join(
        f"  - path: {tmp_path}/{name}\n    outbox: {tmp_path}/out\n" for name in ("Inbox", "inbox")
    )

    assert len(read("inboxes:\n" + text).inboxes) == 2


def test_a_config_that_is_no_file_is_refused_at_once(tmp_path):
    """A folder, and a file that may not be read: a sentence, never a trace."""
    with pytest.raises(ConfigError, match="can't be read"):
        read_file(tmp_path, {})
    with pytest.raises(ConfigError, match="there is no config yet"):
        read_file(tmp_path / "none.yaml", {})


def test_each_size_is_read_back_as_it_was_meant():
    """Whole bytes, whatever the unit and the decimals: no floating point in between."""
    for count in (1, 3, 7, 41, 99, 1_001):
        for tenth in range(10):
            assert units.size(f"{count}.{tenth} TB") == (count * 10 + tenth) * 10**11


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", " "])
def test_a_token_is_taken_without_the_line_end_behind_it(end):
    """From a file with Windows line ends, or a variable that was filled by `cat`."""
    by_variable = read_text("cloud: {token: '${T}'}\n", Path("config.yaml"), {"T": f"nmv_x{end}"})
    by_environment = read_text("", Path("config.yaml"), {"NEMO_TOKEN": f"nmv_x{end}"})
    assert by_variable.settings.bearer() == "nmv_x"
    assert by_environment.settings.bearer() == "nmv_x"


@pytest.mark.parametrize("token", ["nmv_x nmv_y", "nmv_\u00e9", '"nmv_x\\ny"'])
def test_what_is_no_token_is_refused_and_never_shown(token):
    """It could not be sent, and each job would fail by that; it may be a secret all the same."""
    with pytest.raises(ConfigError) as told:
        read_text(f"cloud:\n  token: {token}\n", Path("config.yaml"), {})
    assert told.value.problems == [
        "config.yaml:2  cloud.token: is no token; write it without spaces, or take the line out"
    ]


def test_a_token_that_stands_beside_its_key_is_not_shown():
    """`cloud: TOKEN`: what stands in the wrong place there may well be it."""
    with pytest.raises(ConfigError) as told:
        read_text("cloud: my-secret-token\n", Path("config.yaml"), {})
    assert "secret" not in str(told.value.problems)
    assert "`key: value` lines belong" in told.value.problems[0]
