from pathlib import Path

import pytest

from hotpress.config import sample
from hotpress.config.globs import matches
from hotpress.config.read import read_file, read_text
from hotpress.config.rules import inbox_names, rules_for
from hotpress.config.selection import Selection
from hotpress.config.sense import Lies, whereabouts
from hotpress.errors import ConfigError

INBOX = "inboxes:\n  - path: /in\n    outbox: /out\n"
ROOT = Path(__file__).parents[2]


def read(text, env=None):
    return read_text(text, Path("config.yaml"), env or {})


def problems(text, env=None):
    with pytest.raises(ConfigError) as caught:
        read(text, env)
    return caught.value.problems


def test_the_example_is_what_the_settings_say():
    """config.example.yaml is generated, never edited."""
    assert (ROOT / "config.example.yaml").read_text() == sample.text()


def test_the_example_is_a_valid_config():
    """A copied example can be run as it is."""
    config = read_file(ROOT / "config.example.yaml", {})

    assert config.settings.inboxes[0].name == "travel"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("60 MB", 60_000_000),
        ("60MB", 60_000_000),
        ("25 MiB", 26_214_400),
        ("1.5 GB", 1_500_000_000),
        ("500 kB", 500_000),
        ("40 %", 0.4),
        ("none", None),
    ],
)
def test_sizes_are_what_people_mean(written, meant):
    """MB is 1000^2, MiB 1024^2, and a share is of the source."""
    assert read(f"defaults: {{target_size: {written}}}").settings.defaults.target_size == meant


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("defaults:\n  targt_size: 60 MB", "config.yaml:2  defaults.targt_size: is no key"),
        ("defaults:\n  target_size: 60", "config.yaml:2  defaults.target_size: 60 is not a size"),
        (
            "limits:\n  uploads: 0",
            "config.yaml:2  limits.uploads: 0 is too small; write at least 1",
        ),
        ("a: 1\na: 2", "config.yaml:2  a: is written twice"),
        ("watch:\n  settle: 5", "config.yaml:2  watch.settle: 5 is not a time"),
        ("log:\n  level: off", "config.yaml:2  log.level: off is none of them; write one of debug"),
        ("defaults:\n\ttarget_size: 1 MB", "config.yaml:2  found character"),
        ("- a", "config.yaml:1  this is no list of `key: value` lines"),
        (
            "inboxes:\n  - path: in\n    outbox: /o",
            "config.yaml:2  inboxes[0].path: in must start",
        ),
        ("inboxes:\n  - path: /in", "config.yaml:2  inboxes[0].outbox: is missing"),
        (
            INBOX + "    output: ../x.mp4",
            "config.yaml:4  inboxes[0].output: '../x.mp4' is no name",
        ),
        (
            INBOX + "    output: '{bad}.mp4'",
            "config.yaml:4  inboxes[0].output: '{bad}.mp4' has",
        ),
        ("cloud:\n  api_url: http://example.org", "config.yaml:2  cloud.api_url: is plain"),
        ("cloud:\n  language: ${NOPE}", "config.yaml:2  cloud.language: ${NOPE} is not set"),
        (
            "inboxes:\n  - path: /a\n    outbox: /a/out",
            "config.yaml:3  inboxes[0].outbox: /a/out and /a lie inside each other",
        ),
        (
            INBOX + "  - path: /in/sub\n    outbox: /o2",
            "config.yaml:4  inboxes[1].path: /in/sub and inboxes[0]",
        ),
        (
            "inboxes:\n  - path: /a/My.photoslibrary/originals\n    outbox: /o",
            "config.yaml:2  inboxes[0].path: /a/My.photoslibrary/originals lies in a library "
            "(My.photoslibrary), which is never looked into; use a folder beside it, for example "
            "/a/Inbox",
        ),
        (
            "inboxes:\n  - path: /a/@eaDir/in\n    outbox: /o",
            "config.yaml:2  inboxes[0].path: /a/@eaDir/in lies in a system's own folder",
        ),
        (
            "inboxes:\n  - path: /a/.Trash-1000/in\n    outbox: /o",
            "config.yaml:2  inboxes[0].path: /a/.Trash-1000/in lies in a system's own folder",
        ),
        (
            INBOX + "  - path: /out/in\n    outbox: /o2",
            "config.yaml:4  inboxes[1].path: /out is an outbox and /out/in an inbox; results would "
            "be taken as new videos; put them side by side, for example /Inbox and /Compressed",
        ),
        (
            INBOX + "    route: local\n    instructions: cut it",
            "config.yaml:5  inboxes[0].instructions: instructions need the cloud",
        ),
    ],
)
def test_each_problem_names_its_line_and_key(text, problem):
    """A wrong config is refused with file, line, key and what is wrong."""
    assert any(found.startswith(problem) for found in problems(text)), problems(text)


def test_folders_inside_each_other_are_found_behind_links(tmp_path):
    """An inbox that leads into another, and an outbox that leads into its own inbox."""
    (tmp_path / "in").mkdir()
    (tmp_path / "door").symlink_to(tmp_path / "in", target_is_directory=True)
    text = f"inboxes:\n  - path: {tmp_path}/in\n    outbox: {tmp_path}/door/out\n"
    assert "lie inside each other" in problems(text)[0]
    text = f"inboxes:\n  - path: {tmp_path}/in\n    outbox: {tmp_path}/out\n"
    text += f"  - path: {tmp_path}/door\n    outbox: {tmp_path}/out2\n"
    assert "lie inside each other" in problems(text)[0]


def test_one_folder_under_two_paths_is_one_folder(tmp_path):
    """Mounted twice, or written in another case: which folder it is says its own number."""
    one = Lies(Path("/a/Inbox"), (1, 7), frozenset({(1, 2)}))
    again = Lies(Path("/A/inbox"), (1, 7), frozenset({(1, 2)}))
    inside = Lies(Path("/mnt/x"), (1, 9), frozenset({(1, 7), (1, 2)}))
    beside = Lies(Path("/a/Compressed"), (1, 8), frozenset({(1, 2)}))
    away = Lies(Path("/b"))

    assert one.meets(again)
    assert one.meets(inside)
    assert inside.meets(one)
    assert not one.meets(beside)
    assert not one.meets(away)
    assert not away.meets(Lies(Path("/c")))
    assert whereabouts(tmp_path / "new").above >= {whereabouts(tmp_path).itself}


def test_a_link_that_leads_back_to_itself_is_told_with_its_line(tmp_path):
    """It leads nowhere, and whoever asks where it leads gets an error instead of an answer."""
    (tmp_path / "loop").symlink_to(tmp_path / "pool")
    (tmp_path / "pool").symlink_to(tmp_path / "loop")
    [said] = problems(f"inboxes:\n  - path: {tmp_path}/loop/in\n    outbox: {tmp_path}/out\n")

    assert said.startswith(f"config.yaml:2  inboxes[0].path: {tmp_path}/loop/in goes over a link")


def test_all_problems_come_at_once():
    """Nobody has to start hotpress five times to find five slips."""
    found = problems("limits: {uploads: 0}\ndefaults: {route: sideways}\nlogg: {}\n")

    assert len(found) == 3


def test_what_makes_no_sense_is_told_beside_slips_elsewhere():
    """From the top; what a slip may have changed is not judged: the slip comes first."""
    text = "limits: {uploads: 0}\ninboxes:\n  - path: /a\n    outbox: /a/out\n"
    assert [each.split(":")[1][0] for each in problems(text)] == ["1", "4"]
    assert "inside each other" in problems(text)[1]

    text = "defaults: {route: sideways}\n" + INBOX + "    instructions: cut it\n"
    assert len(problems(text)) == 1
    text = INBOX + "    route: lcl\n  - path: /in/sub\n    outbox: /o2\n"
    assert [each.partition("  ")[2][:15] for each in problems(text)] == [
        "inboxes[0].rout",
        "inboxes[1].path",
    ]


def test_an_unknown_key_gets_the_nearest_known_one():
    """A slip of the pen is answered with the word that was meant."""
    assert "did you mean resolution?" in problems("defaults: {resolutin: 720p}")[0]


def test_an_unset_variable_is_only_nothing_in_the_token():
    """`token: ${NEMO_TOKEN}` works with and without the variable."""
    assert read("cloud: {token: '${NEMO_TOKEN}'}").settings.cloud.token is None


def test_the_environment_wins_over_the_file():
    """NEMO_API_URL and its like come first, as in the service's other clients."""
    config = read("cloud: {api_url: https://a.example}", {"NEMO_API_URL": "http://127.0.0.1:9"})

    assert config.settings.cloud.api_url == "http://127.0.0.1:9"


def test_a_token_is_never_in_a_message():
    """A config that is wrong elsewhere does not print its token."""
    text = "cloud: {token: nmv_usr_secret123, language: [1]}\nx: 1"

    assert "secret123" not in "".join(problems(text))


@pytest.mark.parametrize("text", ["&a [*a]", "a: &b {c: *b}", "[" * 500, "\x00", "a: !!python/x 1"])
def test_hostile_yaml_is_a_located_error(text):
    """Loops, depth and foreign tags end in ConfigError, never in a crash."""
    assert problems(text)


@pytest.mark.parametrize(
    ("pattern", "path", "does"),
    [
        ("*.mov", "a/b/Clip.MOV", True),
        ("under 25 MB/**", "under 25 mb/x/y.mp4", True),
        ("under 25 MB/**", "x/under 25 mb/y.mp4", False),
        ("**/raw/*.mp4", "a/raw/x.mp4", True),
        ("raw/*.mp4", "raw/a/x.mp4", False),
        ("clip?.mp4", "clip1.mp4", True),
        ("*a*b*.mp4", "xaybz.mp4", True),
        ("*a*b*.mp4", "xbya.mp4", False),
        ("*ab", "aab", True),
        ("a*a*a", "aa", False),
        ("raw/**.mov", "raw/a/b.mov", True),
        ("Raw/", "raw/a/b.mov", True),
        ("raw/**/x.mov", "raw/x.mov", True),
        ("*/x.mov", "a/b/x.mov", False),
        ("**/b*/**/c.mov", "a/b/b1/d/c.mov", True),
        ("**/b*/**/c.mov", "b/c.mov", True),
        ("a**b*c**d/**/e?", "axbbxcbc/dd/f/e1", True),
        ("a**b*c**d/**/e?", "axb/cbxd/f/e1", False),
        ("under 25 MB", "under 25 mb/x.mov", True),  # what no video is called is a folder
        ("private", "trips/Private/a/x.mov", True),
        ("private", "privates/x.mov", False),
        ("trips/private", "trips/private/x.mov", True),
        ("trips/private", "a/trips/private/x.mov", False),
        ("x.mov", "x.mov/y.mov", False),
        ("**", "a/b.mov", True),
        ("[a].mov", "[a].mov", True),
        ("e\u0301*.mov", "\u00c9t\u00e9.mov", True),
    ],
)
def test_globs_match_as_people_expect(pattern, path, does):
    """Case is ignored, and without a slash a glob matches names at any depth."""
    assert matches(pattern, path) is does


def test_no_glob_takes_long():
    """One from a folder that others write to can't make hotpress stand still."""
    assert not matches("*a" * 100 + "b", "a" * 255)
    assert not matches("**a**a**a/*a*a*a*a*a*ab", "a/" * 60 + "a" * 200)
    deep = "/".join(["a" * 200] * 20)  # no other thread runs while one glob is tried
    assert not matches("**a**a**/b", deep)
    assert not matches("**/a**a*/**a/b", deep)


@pytest.mark.parametrize("glob", ["''", "'/'", "[[]]", f"'{'a' * 301}'", "'**/a/**/b/**/c/**'"])
def test_what_is_no_glob_is_refused(glob):
    """With its line, as every other mistake."""
    assert problems(INBOX + f"    exclude: {glob}\n")[0].startswith("config.yaml:4  ")


def left_out(text, relative):
    settings = read(text).settings
    found = Selection(settings, settings.inboxes[0]).left_out(relative)
    return None if found is None else ".".join(map(str, found.keys))


def test_include_and_exclude_say_which_videos_are_wanted():
    """`exclude` wins; a key of the inbox stands in the place of the same one of `defaults`."""
    text = "defaults: {exclude: '*draft*'}\n" + INBOX
    assert left_out(text, "a/my draft.mov") == "defaults.exclude.0"
    assert left_out(text, "a/clip.mov") is None
    text += "    include: ['*.mov', 'Raw/**']\n    exclude: [a.mov, 'Raw/old/**']\n"
    assert left_out(text, "my draft.mov") is None
    assert left_out(text, "b.mp4") == "inboxes.0.include"
    assert left_out(text, "raw/b.mp4") is None
    assert left_out(text, "raw/old/b.mp4") == "inboxes.0.exclude.1"
    text += "    rules: [{match: 'Raw/**', exclude: '*.mxf'}]\n"
    assert left_out(text, "raw/old/b.mp4") is None
    assert left_out(text, "raw/b.mxf") == "inboxes.0.rules.0.exclude.0"


def test_companions_are_copied_unless_the_rule_says_otherwise():
    """The key is frozen into each job."""
    config = read(INBOX + "    rules: [{match: '*.mov', companions: ignore}]\n")
    inbox = config.settings.inboxes[0]
    assert rules_for(config.settings, inbox, "a.mp4")[0].companions == "copy"
    assert rules_for(config.settings, inbox, "a.mov")[0].companions == "ignore"
    assert problems(INBOX + "    companions: all\n")


def test_the_first_matching_rule_wins_over_the_inbox_and_the_defaults():
    """Built-in, defaults, inbox, rule: the later one wins, key by key."""
    config = read(
        "defaults: {resolution: 480p, max_rate: none}\n"
        + INBOX
        + "    target_size: 60 MB\n"
        + "    rules:\n      - {match: 'small/**', target_size: 25 MB}\n"
        + "      - {match: '**', resolution: 720p}\n"
    )
    inbox = config.settings.inboxes[0]
    small, other = (
        rules_for(config.settings, inbox, "small/a.mp4")[0],
        rules_for(config.settings, inbox, "b.mp4")[0],
    )

    assert (small.target_bytes, small.resolution) == (25_000_000, "480p")
    assert (other.target_bytes, other.resolution) == (60_000_000, "720p")
    assert small.max_bits_per_second is None


def test_inboxes_without_a_name_get_one_from_their_path():
    """Two folders called Inbox are told apart by a number."""
    config = read(
        "inboxes:\n  - {path: /a/Inbox, outbox: /a/Out}\n  - {path: /b/Inbox, outbox: /b/Out}\n"
    )

    assert inbox_names(config.settings) == ["Inbox", "Inbox-2"]
