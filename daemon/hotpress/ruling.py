"""Which rule a new job gets: the config's, and what rule files in the synced folder say over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hotpress import rulefiles
from hotpress.config import infolder, layers
from hotpress.config.layers import Layer
from hotpress.config.outputs import contradictions
from hotpress.config.rules import rules_for
from hotpress.config.settings import Inbox, Settings
from hotpress.files import Key
from hotpress.model import Route, Rule
from hotpress.names import SIDECAR_WORDS

# What decides between several results, the dearest to blame first.
_FOR_RESULTS = ("route", "instructions", "resolution")
_READINGS = 5  # until two in a row are the same: nothing that is just being written is taken half


@dataclass(frozen=True, slots=True)
class Ruled:
    """The rule of each result of a file.

    `problem` and `hint`: why its rule files can't be obeyed; "" else.
    """

    rules: tuple[Rule, ...]
    problem: str = ""
    hint: str = ""
    left_out: str = ""  # where a rule file leaves the video out

    @property
    def rule(self) -> Rule:
        """Of the first result."""
        return self.rules[0]

    def named(self, before: Rule) -> Rule:
        """Of the same result as the rule from before."""
        found = (rule for rule in self.rules if rule.output_name == before.output_name)
        return next(found, None) or replace(self.rule, output_name=before.output_name)


@dataclass(slots=True)
class Rest:
    """Since when the rule files of an inbox are quiet; owned by the inbox's thread."""

    _seen: dict[str, tuple[Key | None, float]] = field(default_factory=dict)

    def seconds(self, root: Path, relative: str, now: float, need: float) -> float:
        """How long those for a file must still rest; 0: they may be read. Raises OSError."""
        there = rulefiles.keys(root, relative)
        rest = 0.0
        for name in rulefiles.names_for(relative):
            key, known = there.get(name), self._seen.get(name)
            if known is None and key is None:
                continue  # it has never been there
            if known is None or known[0] != key:
                known = self._seen[name] = (key, now)
            rest = max(rest, need - (now - known[1]))
            if key is None and rest <= 0:
                del self._seen[name]
        return rest


def read(root: Path, relative: str, settings: Settings, inbox: Inbox) -> Ruled:
    """The rule as it stands now. Raises OSError when the folder is away."""
    plain = tuple(rules_for(settings, inbox, relative))
    found = in_folder(root, relative, settings, inbox)
    if not found.problems:
        rules = tuple(rules_for(settings, inbox, relative, found.layers))
        return Ruled(rules, left_out=infolder.left_out(found.layers, relative))
    name = found.problems[0].partition(":")[0]
    return Ruled(plain, found.problems[0], f"Mend {name}; hotpress goes on by itself.")


def in_folder(root: Path, relative: str, settings: Settings, inbox: Inbox) -> infolder.Understood:
    """What the rule files for a file say. Raises OSError when the folder is away."""
    if len(Path(relative).parts) > rulefiles.FOLDERS_LIMIT:
        sentence = f"{relative[:40]}...:1  lies too deep for rules; move it up"
        return infolder.Understood(problems=(sentence,))
    before = layers.values_of(layers.of_config(settings, inbox, relative))
    files = rulefiles.read(root, relative)
    for _ in range(_READINGS):
        again = rulefiles.read(root, relative)
        if again == files:
            break
        files = again
    else:
        return infolder.Understood(problems=(f"{files[-1].name}:1  is being written; wait",))
    if before["words"] == "off":
        files = [file for file in files if not file.name.endswith(SIDECAR_WORDS)]
    unread = tuple(f"{file.name}:1  {file.problem}" for file in files if file.problem)
    if unread:
        return infolder.Understood(problems=unread)
    if sum(len(file.text) for file in files) > rulefiles.SUM_LIMIT_BYTES:
        sentence = f"{files[-1].name}:1  is over 64 kB with those above it; make them shorter"
        return infolder.Understood(problems=(sentence,))
    found = infolder.understood([(file.name, file.text) for file in files], before)
    problem = "" if found.problems else _undone(settings, inbox, relative, found.layers)
    return infolder.Understood(problems=(problem,)) if problem else found


def _undone(settings: Settings, inbox: Inbox, relative: str, found: Sequence[Layer]) -> str:
    """Why the several results can't be made as the folder wants them; "" when they can."""
    own = [layer for layer in found if layer.values.keys() & set(_FOR_RESULTS)]
    if not own:
        return ""
    values = layers.values_of([*layers.of_config(settings, inbox, relative), *found])
    before = rules_for(settings, inbox, relative)
    rules = rules_for(settings, inbox, relative, found)
    here = all(rule.route is Route.LOCAL for rule in before)
    lost = next((r.output_name for r in rules if _is_unmade(r)), "")
    sentence = next(contradictions(values), "")
    if lost:
        sentence = f"the result {lost} needs the cloud for its edit, and route: local forbids it"
    elif here and any(rule.route is not Route.LOCAL for rule in rules):
        sentence = "need the cloud, and the config keeps every result here; take them out"
    key = next(key for key in _FOR_RESULTS if key in own[-1].values)
    return f"{own[-1].origins[key]}  {key}: {sentence}" if sentence else ""


def _is_unmade(rule: Rule) -> bool:
    """A result with an edit that nobody may make."""
    return rule.route is Route.LOCAL and bool(rule.instructions) and not rule.follows
