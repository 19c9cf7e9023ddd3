"""A scenario: the knobs of the cloud, and its faults, read from YAML. All mistakes at once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from hotpress.standin.faults import CHOICES, KINDS, LIES, ONLY, Actions, Fault


class ScenarioError(ValueError):
    """A scenario that can't be used; one sentence per mistake, a line each."""


def _pick(*values: str) -> Any:  # noqa: ANN401 - what dataclasses.field returns
    return field(default=values[0], metadata={"choices": values})


@dataclass(frozen=True, slots=True)
class Knobs:
    """How the cloud behaves. These defaults are the pessimist's; seconds are the stand-in's own."""

    dialect: str = _pick("mixed", "simple", "adk")
    api_shape: str = _pick("envelope", "success", "bare", "mixed")
    render_shape: str = _pick("mixed", "top", "data")
    errors_as: str = _pick("http", "ok", "mixed")
    session_ids: str = _pick("mixed", "text", "digits")

    tokens: tuple[Any, ...] = ()
    credits: int = 100
    session_price: int = 50
    out_of_credits_as: str = _pick("mixed", "envelope", "event", "text")
    token_days: float = 7.0
    token_again: str = _pick("refuse", "new", "same")
    token_retry_after: int = 3600
    tokens_per_ip: int = 10
    renewed_account: str = _pick("mixed", "same", "other")
    tell_expiry: bool = True

    max_upload_bytes: int = 500_000_000
    upload_drafts: bool = True
    own_sound_track: bool = False
    state_lag_seconds: float = 5.0
    edit_lag_seconds: float = 0.0

    turn_seconds: float = 12.0
    heartbeat_seconds: float = 5.0
    unchanged_share: float = 0.3
    silent_share: float = 0.3
    screen_words: bool = True
    disconnect: str = _pick("mixed", "continues", "cancels")

    honours_size: bool = False
    render_seconds: float = 30.0
    render_unknown_seconds: float = 20.0
    one_export: bool = True
    lie: str = field(default="", metadata={"choices": ("", *LIES)})
    link_seconds: float = 86_400.0
    download_redirects: bool = False

    kill_pid_file: str = ""


PESSIMIST = Knobs()
KIND = replace(
    PESSIMIST,
    dialect="simple",
    render_shape="data",
    session_ids="text",
    out_of_credits_as="envelope",
    renewed_account="same",
    state_lag_seconds=0.0,
    turn_seconds=0.3,
    unchanged_share=0.0,
    silent_share=0.0,
    screen_words=False,
    disconnect="continues",
    honours_size=True,
    render_seconds=0.0,
    render_unknown_seconds=0.0,
    one_export=False,
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a scenario file says, complete with the defaults of its mode."""

    knobs: Knobs = PESSIMIST
    faults: tuple[Fault, ...] = ()


def read_scenario(text: str, *, kind: bool = False) -> Scenario:
    """Read YAML; `kind: true` in it is the same as the flag."""
    import yaml  # noqa: PLC0415 - most starts have no scenario and must be quick

    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScenarioError(f"the scenario is not YAML: {error}") from error
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise ScenarioError("the scenario must be a mapping of knobs")
    mistakes: list[str] = []
    rows = content.pop("faults", None) or []
    base = KIND if content.pop("kind", kind) is True else PESSIMIST
    knobs = _known(content, base, "the scenario", mistakes)
    if not isinstance(rows, list):
        mistakes.append("faults must be a list")
        rows = []
    faults = [_fault(row, f"faults[{place}]", mistakes) for place, row in enumerate(rows)]
    if mistakes:
        raise ScenarioError("\n".join(mistakes))
    return Scenario(replace(base, **knobs), tuple(fault for fault in faults if fault is not None))


def _known(
    given: dict[Any, Any], base: Knobs | Actions, where: str, mistakes: list[str]
) -> dict[str, Any]:
    """Keep the keys that `base` has and that hold a value of its kind; tell of all others."""
    spots = {spot.name: spot for spot in fields(base)}
    good: dict[str, Any] = {}
    for key, value in given.items():
        if key not in spots:
            mistakes.append(f"{where}: no such key: {key}")
            continue
        choices = spots[key].metadata.get("choices") or CHOICES.get(key)
        try:
            good[key] = _value(value, getattr(base, key), choices)
        except ValueError as error:
            mistakes.append(f"{where}: {key}: {error}")
    return good


def _value(value: Any, default: Any, choices: tuple[str, ...] | None) -> Any:  # noqa: ANN401
    """Check one value against the kind of its default, and against the words allowed."""
    if isinstance(default, tuple):
        listed = tuple(value) if isinstance(value, list) else (value,)
        strange = [word for word in listed if choices and word not in choices]
        if strange:
            raise ValueError(f"{strange[0]!r} is none of {', '.join(choices or ())}")
        return listed
    if choices is not None:
        if value not in choices:
            raise ValueError(f"{value!r} is none of {', '.join(choices)}")
        return value
    if isinstance(default, bool) or default is None:
        if not isinstance(value, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return value
    if isinstance(default, str):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{value!r} is no number of 0 or more")
    return float(value) if isinstance(default, float) else int(value)


def _fault(row: Any, where: str, mistakes: list[str]) -> Fault | None:  # noqa: ANN401 - from YAML
    if not isinstance(row, dict):
        mistakes.append(f"{where}: must be a mapping with `do`")
        return None
    keys = dict(row)
    wanted = keys.pop("do", None)
    do = _known(
        {wanted: True} if isinstance(wanted, str) else wanted if isinstance(wanted, dict) else {},
        Actions(),
        f"{where}.do",
        mistakes,
    )
    if not do:
        mistakes.append(f"{where}: `do` names no action")
    at, kind, every = keys.pop("at", None), keys.pop("kind", None), keys.pop("every", None)
    occurrence, since = keys.pop("occurrence", []), keys.pop("from", 1)
    mistakes.extend(f"{where}: no such key: {key}" for key in keys)
    if at is None and kind is None and every is not True:
        mistakes.append(f"{where}: say at which request: `at`, `kind` or `every: true`")
    if kind is not None and kind not in KINDS:
        mistakes.append(f"{where}: kind: {kind!r} is none of {', '.join(KINDS)}")
        return None
    mistakes.extend(
        f"{where}: {name} means nothing at {kind}, only at {', '.join(ONLY[name])}"
        for name in do
        if kind is not None and name in ONLY and kind not in ONLY[name]
    )
    numbers = occurrence if isinstance(occurrence, list) else [occurrence]
    if not all(isinstance(number, int) for number in [*numbers, since, at or 0]):
        mistakes.append(f"{where}: at, occurrence and from are whole numbers")
        return None
    return Fault(do=do, at=at, kind=kind, occurrence=frozenset(numbers), since=since)
