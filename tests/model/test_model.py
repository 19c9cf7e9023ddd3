"""The crash-safe idea of docs/decisions/0005, walked through; scripts/long model walks further."""

import dataclasses

import cases
import explorer
import pytest

pytestmark = pytest.mark.slow


def named(case):
    return case.name.replace(", ", "-").replace(" ", "-")


@pytest.mark.parametrize("case", cases.WITHOUT, ids=named)
def test_a_clause_that_is_taken_out_breaks_a_promise(case):
    """Without the clause the promise breaks within these bounds."""
    found = case.explored()

    assert found.said() == case.kind, found.violations


@pytest.mark.parametrize("case", cases.WITHOUT, ids=lambda case: named(case).replace("out", "", 1))
def test_the_clause_keeps_the_promise(case):
    """Within the same bounds and with the clause in, nothing breaks and nothing is stuck."""
    found = case.explored(whole=True)

    assert found.clean, found.violations


@pytest.mark.parametrize("case", [*cases.CLEAN, *cases.SINGLE], ids=named)
def test_all_is_clean(case):
    """Whatever happens within these bounds, all promises hold and all jobs come to an end."""
    found = case.explored()

    assert found.clean, found.violations


@dataclasses.dataclass(frozen=True)
class Stairs:
    """Down only, from 3; `trap` is a step that nothing leads away from."""

    trap: int = -1

    def first(self):
        return 3

    def moves(self, state):
        if state > 0 and state != self.trap:
            yield explorer.Move(f"to {state - 1}", state - 1)

    def wrong(self, state):
        return "P1 the cellar" if state == 0 and self.trap < 0 else ""

    def at_rest(self, state):
        return state == 0


def test_a_violation_comes_with_its_shortest_way():
    """The trace names each move from the first state to the broken promise."""
    found = explorer.explore(Stairs())

    assert [v.kind for v in found.violations] == ["P1"]
    assert found.violations[0].trace == ("to 2", "to 1", "to 0")


def test_a_job_that_can_go_nowhere_is_found():
    """A state without a way to an end is a violation of its own."""
    found = explorer.explore(Stairs(trap=1))

    assert [v.kind for v in found.violations] == [explorer.STUCK]


def test_a_walk_that_was_cut_is_not_called_clean():
    """What the cap left out is said."""
    found = explorer.explore(Stairs(trap=1), cap=2)

    assert found.cut
    assert not found.clean
    assert found.said() == "cut at 2 states"
