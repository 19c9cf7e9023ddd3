"""The manual, made from the program itself: `hotpress(1)`, one page a verb, `hotpress.yaml(5)`.

`python scripts/manpages.py FOLDER [DATE]` writes them there. They are not kept in the repository:
scripts/package makes them anew, and a test holds them against man and mandoc.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer.main

from hotpress import __version__, cli
from hotpress.config.schema import schema

_COLUMNS = 78
_EXIT_CODES = (
    ("0", "fine"),
    ("1", "something failed"),
    ("2", "wrong use, or a config that can't be taken; all that is wrong is said at once"),
    ("3", "nothing failed, but something is held"),
    ("4", "another hotpress owns this state directory"),
)
_ENVIRONMENT = (
    ("HOTPRESS_CONFIG", "the config file, where --config is not given"),
    ("HOTPRESS_STATE_DIR", "where hotpress remembers, where --state-dir is not given"),
    ("NEMO_TOKEN", "a token of the cloud's; better in a file than in your shell's history"),
    ("NEMO_API_URL, NEMO_WEB_URL, NEMO_CLIENT_ID, SKILL_SOURCE", "win over the config's `cloud`"),
)
_FILES = (
    ("~/.config/hotpress/config.yaml", "the config: hotpress.yaml(5)"),
    ("~/.config/hotpress/environment", "lines such as NEMO_TOKEN=..., for the unit (chmod 600)"),
    ("~/.local/state/hotpress", "jobs, and files under way"),
    ("~/.config/nemovideo", "the free account, readable by you alone"),
    ("OUTBOX/.hotpress", "half files, and the record of what was delivered"),
)
_WHOLE = (
    "hotpress watches hot folders. A video that was dropped there and has stopped growing is made "
    "smaller, in the NemoVideo cloud or on this machine, by that folder's rules; the result is "
    "checked and appears in the outbox. The source is never written to. Commands work whether or "
    "not the daemon runs; a running one obeys within a second."
)
_CONFIG = (
    "One YAML file. Every key has a default; an unknown key is refused with its line. A change "
    "counts within two seconds of being saved; a broken file changes nothing, and `hotpress "
    "status` says what is wrong. `hotpress config show` tells where each value was written. "
    "Sizes: MB is 1000 kB, MiB is 1024 KiB. Times: 30s, 10m, 2h, 1d, 1y."
)
_SECTIONS = (
    ("cloud", "CloudSettings", "The NemoVideo cloud; all optional."),
    ("defaults", "RuleSettings", "A rule, inherited by every inbox."),
    ("inboxes", "Inbox", "A list of hot folders. Each key of `defaults` may stand here, too."),
    ("rules of an inbox", "MatchRule", "The first that matches wins, over the inbox's own keys."),
    ("outputs", "OutputSettings", "Several results of each video; with keys of `defaults`."),
    ("limits", "Limits", "How much at once."),
    ("watch", "Watch", "How folders are watched."),
    ("notify", "Notify", "Whom to tell: an address of Apprise's, or a list of these."),
    ("page", "Page", "The page in the browser."),
    ("log", "Log", "What is written to the log."),
)


def escaped(text: str) -> str:
    """Plain text for roff: nothing in it is a command, `words` are bold."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = text.replace('"', "\\(dq").replace("~", "\\(ti").replace("^", "\\(ha")
    text = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", text)
    text = text.replace("`", "\\(ga")
    lines = textwrap.wrap(text, _COLUMNS, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"\\&{line}" if line.startswith(".") else line for line in lines)


def _head(name: str, section: int, date: str) -> Iterator[str]:
    yield f'.TH "{escaped(name.upper())}" "{section}" "{date}" "hotpress {__version__}"'


def _entry(head: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield head
    yield escaped(text) if text else "\\&"


def _table(name: str, rows: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield f".SH {name}"
    for head, text in rows:
        yield from _entry(f"\\fB{escaped(head)}\\fR", text)


def _words(param: Any) -> str:  # noqa: ANN401 - typer's own, whatever class it has this year
    """An option or argument as it is typed."""
    if param.param_type_name == "argument":
        return f"\\fI{escaped(param.name.upper())}\\fR"
    names = ", ".join(f"\\fB{escaped(each)}\\fR" for each in (*param.opts, *param.secondary_opts))
    if param.is_flag or param.name in ("install_completion", "show_completion"):
        return names
    return f"{names} \\fI{escaped(param.name.upper().replace('_', ' '))}\\fR"


def _synopsis(path: str, command: Any) -> Iterator[str]:  # noqa: ANN401 - see _words
    parts = [f"\\fB{escaped(path)}\\fR"]
    params = _shown(command)
    if any(param.param_type_name == "option" for param in params):
        parts.append("[\\fIoptions\\fR]")
    arguments = [param for param in params if param.param_type_name == "argument"]
    parts += [_words(each) if each.required else f"[{_words(each)}]" for each in arguments]
    yield " ".join(parts)


def _shown(command: Any) -> list[Any]:  # noqa: ANN401 - see _words
    return [param for param in command.params if not getattr(param, "hidden", False)]


def _about(command: Any) -> Iterator[str]:  # noqa: ANN401 - see _words
    """What it does, and its options."""
    for number, paragraph in enumerate((command.help or "").split("\n\n")):
        if number:
            yield ".PP"
        yield escaped(" ".join(paragraph.split()))
    for param in sorted(_shown(command), key=lambda each: each.param_type_name):
        yield from _entry(_words(param), getattr(param, "help", None) or "")


def verb_page(verb: str, date: str) -> str:
    """The page of one verb, with those below it."""
    command = cli.Verbs(name="hotpress").get_command(None, verb)
    below: dict[str, Any] = getattr(command, "commands", None) or {}
    line = " ".join((command.help or "").split("\n\n")[0].split()).rstrip(".")
    text = [*_head(f"hotpress-{verb}", 1, date), ".SH NAME"]
    text += [f"hotpress\\-{verb} \\-", escaped(line.replace("`", ""))]
    text.append(".SH SYNOPSIS")
    paths = {f"hotpress {verb} {name}": each for name, each in below.items()}
    if paths and command.invoke_without_command:
        paths = {f"hotpress {verb}": command, **paths}
    for number, (path, each) in enumerate((paths or {f"hotpress {verb}": command}).items()):
        text += [".br"] * bool(number)
        text += _synopsis(path, each)
    text.append(".SH DESCRIPTION")
    if paths:
        text.append(escaped(command.help or ""))
    for path, each in paths.items():
        text += [f".SS {escaped(path)}", *_about(each)]
    if not paths:
        text += _about(command)
    text += _table("EXIT STATUS", _EXIT_CODES)
    text += [".SH SEE ALSO", ".BR hotpress (1),", ".BR hotpress.yaml (5)"]
    return "\n".join(text) + "\n"


def main_page(date: str) -> str:
    """The page of the whole program."""
    whole: Any = typer.main.get_command(cli.app)
    text = [*_head("hotpress", 1, date), ".SH NAME"]
    text += ["hotpress \\-", escaped((whole.help or "").rstrip("."))]
    text += [".SH SYNOPSIS", "\\fBhotpress\\fR [\\fIoptions\\fR] \\fIverb\\fR ..."]
    text += [".SH DESCRIPTION", escaped(_WHOLE), ".SH OPTIONS"]
    for param in _shown(whole):
        text += _entry(_words(param), getattr(param, "help", None) or "")
    text.append(".SH VERBS")
    for verb in cli.VERBS:
        command = whole.get_command(None, verb)
        line = (command.help or "").split("\n\n")[0]
        text += _entry(f".BR hotpress\\-{verb} (1)", " ".join(line.split()))
    text += _table("EXIT STATUS", _EXIT_CODES)
    text += _table("ENVIRONMENT", _ENVIRONMENT)
    text += _table("FILES", _FILES)
    text += [".SH SEE ALSO", ".BR hotpress.yaml (5)"]
    return "\n".join(text) + "\n"


def _value(prop: dict[str, Any]) -> str:
    """Its default, and what else it may be."""
    said = []
    if prop.get("default") not in (None, '""', "null"):
        said.append(f"Default: {prop['default']}.")
    if prop.get("enum"):
        said.append(f"One of {', '.join(map(str, prop['enum']))}.")
    elif not said and prop.get("examples"):
        plain = [str(each) for each in prop["examples"] if not isinstance(each, dict)]
        said.append(f"Such as {', '.join(plain)}.")
    return " ".join(said)


def _key(key: str, prop: dict[str, Any]) -> Iterator[str]:
    sentence = str(prop.get("description", "")).rstrip(".")
    sentence += "." * bool(sentence)
    yield from _entry(f"\\fB{escaped(key)}\\fR", f"{sentence} {_value(prop)}".strip())


def config_page(date: str) -> str:
    """The page of the config, from the schema that editors are given."""
    found = schema()
    kinds = found["$defs"]
    text = [*_head("hotpress.yaml", 5, date), ".SH NAME"]
    text.append("hotpress.yaml \\- the config of hotpress, and rules in a hot folder")
    text += [".SH DESCRIPTION", escaped(_CONFIG), ".SH KEYS"]
    for key, prop in found["properties"].items():
        if not any(key == name for name, _, _ in _SECTIONS):
            text += _key(key, prop)
    told = set(kinds["RuleSettings"]["properties"])
    for name, kind, sentence in _SECTIONS:
        if kind not in kinds:
            continue
        text += [f".SH {escaped(name.upper())}", escaped(sentence)]
        for key, prop in kinds[kind]["properties"].items():
            if kind == "RuleSettings" or key not in told:
                text += _key(key, prop)
                text += _below(key, prop, kinds)
    text += [".SH SEE ALSO", ".BR hotpress (1),", ".BR hotpress\\-config (1)"]
    return "\n".join(text) + "\n"


def _below(key: str, prop: dict[str, Any], kinds: dict[str, Any]) -> Iterator[str]:
    """The keys of a section within a section: `budget.per_day`."""
    kind = str(prop.get("$ref", "")).rpartition("/")[2]
    for name, each in kinds.get(kind, {}).get("properties", {}).items():
        yield from _key(f"{key}.{name}", each)


def pages(date: str) -> dict[str, str]:
    """File name -> text, of all of them."""
    verbs = {f"hotpress-{verb}.1": verb_page(verb, date) for verb in cli.VERBS}
    return {"hotpress.1": main_page(date), **verbs, "hotpress.yaml.5": config_page(date)}


def main() -> int:
    """Write them."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    date = sys.argv[2] if len(sys.argv) > 2 else datetime.now(UTC).date().isoformat()
    for name, text in pages(date).items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
