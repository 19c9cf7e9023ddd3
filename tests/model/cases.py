"""The cases by name: clean ones with all clauses in, and one a clause where it is taken out.

A case with a clause taken out has the smallest bounds at which that is found; within the same
bounds and with the clause in all must be clean. The hashes and the syncs protect against the same
power loss, so that one alone may be missing: they are taken out as pairs. That a job keeps its
final name when it goes back was a clause of an earlier model, too; no bounds were found at which
it matters, beside the name's claim.

Two daemons, the last of several outputs and the key of a content are modelled as DESIGN says.
Known and accepted, and so in no case: another's render under our id of 128 random bits, when the
answer to the submit is lost, too; an owner who moves a result away before it is on record.
"""

from __future__ import annotations

from dataclasses import dataclass

import cloud_state
import file_state
from clauses import EVERY, Clause, Rules
from cloud_half import CloudHalf
from explorer import CAP_STATES, Found, Model, explore
from file_half import FileHalf

UPLOADING = frozenset({"upload shows late", "upload lost"})
TALKING = frozenset({"message lost", "stop", "sleep", "turn does nothing", "turn half done"})
RENDERING = frozenset({"render shows late", "submit lost", "submit refused", "render fails"})
ANYTIME = frozenset({"not sent", "1002", "music", "cancel", "retry", "top-up"})
IN_CLOUD = UPLOADING | TALKING | RENDERING | ANYTIME
ON_DISK = frozenset({"stranger", "spool gone", "temp gone", "source saved anew", "source vanishes"})
Bounds = cloud_state.Bounds | file_state.Bounds


@dataclass(frozen=True)
class Case:
    """One walk. `out`: the clauses that are taken out; `kind`: the promise that then breaks."""

    name: str
    bounds: Bounds
    out: frozenset[Clause] = frozenset()
    kind: str = ""

    def explored(self, *, whole: bool = False) -> Found:
        """Walk it; `whole`: with all clauses in, within the same bounds."""
        clauses = EVERY if whole else EVERY - self.out
        broken = clauses != EVERY
        return explore(_model(self.bounds, clauses), cap=CAP_STATES, stop_at_first=broken)

    def as_expected(self, found: Found) -> bool:
        """Is this what the case claims?"""
        return found.said() == (self.kind or "clean")


def _model(bounds: Bounds, clauses: frozenset[Clause]) -> Model:
    if isinstance(bounds, cloud_state.Bounds):
        return CloudHalf(Rules(bounds, clauses))
    return FileHalf(file_state.FileRules(bounds, clauses))


def _without(kind: str, bounds: Bounds, *out: Clause) -> Case:
    name = " and ".join(clause.name.lower() for clause in out)
    return Case(f"without {name}", bounds, frozenset(out), kind)


def _cloud(crashes: int, faults: int, *kinds: str, **more: object) -> cloud_state.Bounds:
    return cloud_state.Bounds(crashes, faults, frozenset(kinds), **more)


def _files(crashes: int, faults: int, *kinds: str, **more: object) -> file_state.Bounds:
    return file_state.Bounds(crashes, faults, frozenset(kinds), **more)


WITHOUT = (
    _without("P3", _cloud(0, 1, "stop"), Clause.BEGUN_KEPT),
    _without("P3", _cloud(0, 1, "message lost"), Clause.SEND_THEN_LOOK),
    _without("P3", _cloud(0, 2, "sleep", "message lost"), Clause.LIMIT),
    _without("P3", _cloud(0, 1, "render shows late"), Clause.DOUBT),
    _without("P3", _cloud(0, 2, "render shows late", "music"), Clause.DRAFT),
    _without("P3", _cloud(0, 3, "music", "cancel", "retry"), Clause.NEW_ID),
    _without("P3", _cloud(0, 1, "cancel"), Clause.IDS),
    _without("P3", _cloud(0, 1, "turn does nothing"), Clause.CREDITS),
    _without("P3", _cloud(0, 2, "turn does nothing", "top-up"), Clause.TOTAL),
    _without("P4", _cloud(0, 1, "message lost", automatic_draft=True), Clause.DIFFERS),
    _without("P3", _cloud(0, 1, "take over", workers=2), Clause.FENCE),
    _without("P3", _cloud(0, 0, jobs=2), Clause.SAME_KEY),
    _without("P3", _cloud(0, 1, "cancel", jobs=2), Clause.HEIR),
    _without("P2", _files(1, 0), Clause.SYNC_SPOOL, Clause.HASH_IN),
    _without("P2", _files(1, 0), Clause.SYNC_TEMP, Clause.HASH_OUT),
    _without("P3", _files(1, 0), Clause.FINAL_FIRST),
    _without("P1", _files(1, 0), Clause.REDO),
    _without("P2", _files(0, 1, "stranger"), Clause.PLACE_NEW),
    _without("P2", _files(0, 1, "edited", replace=True), Clause.ASIDE),
    _without("P2", _files(0, 1, "edited", replace=True), Clause.COMPARE_ASIDE),
    _without("P2", _files(0, 2, "edited", "stranger", replace=True), Clause.RETURN_ASIDE),
    _without("P3", _files(1, 0), Clause.RECEIPT_LAST),
    _without("P3", _files(0, 0, jobs=2, twins=True), Clause.OWN_NAME),
    _without("P3", _files(0, 0, jobs=2, twins=True), Clause.NAME_CLAIMED_FIRST),
    _without("P3", _files(1, 0, stops=1), Clause.LOOK_AGAIN),
    _without("P3", _files(1, 1, "source vanishes"), Clause.NO_LATE_CANCEL),
    _without("P1", _files(0, 0), Clause.RECORD_FIRST),
    _without("P1", _files(0, 0, jobs=2, outputs=True), Clause.LAST_RELEASES),
    _without("P1", _files(1, 0), Clause.SEE_PRIVATE),
    _without("P1", _files(0, 1, "source saved anew"), Clause.COMPARE_SOURCE),
    _without("P1", _files(0, 2, "source saved anew"), Clause.BACK_NEW),
    _without("P1", _files(1, 0, stops=1), Clause.PUT_BACK),
    _without("P1", _files(1, 0, policy="copy"), Clause.COPY_THEN_UNLINK),
)
# Of each pair either one is enough.
SINGLE = tuple(
    Case(
        f"without {clause.name.lower()} alone", _files(3, 2, *ON_DISK, stops=2), frozenset({clause})
    )
    for clause in (Clause.SYNC_SPOOL, Clause.HASH_IN, Clause.SYNC_TEMP, Clause.HASH_OUT)
)
POLICIES = ("keep", "move", "copy", "delete")
CLEAN = (
    Case("cloud, 1 crash, 2 faults", _cloud(1, 2, *IN_CLOUD)),
    Case(
        "cloud, an automatic draft, 1 crash, 1 fault", _cloud(1, 1, *IN_CLOUD, automatic_draft=True)
    ),
    Case("cloud, an id that another has", _cloud(0, 1, "id taken", "render fails")),
    Case("cloud, 2 hosts, 1 crash, 1 fault", _cloud(1, 1, *IN_CLOUD, "take over", workers=2)),
    Case("cloud, 1 content twice, 1 fault", _cloud(0, 1, *IN_CLOUD, jobs=2, workers=2)),
    *(
        Case(
            f"files, {policy}, 2 crashes, 2 faults", _files(2, 2, *ON_DISK, policy=policy, stops=2)
        )
        for policy in POLICIES
    ),
    Case("files, by links, 2 crashes, 2 faults", _files(2, 2, *ON_DISK, links=True, stops=2)),
    Case(
        "files, replace, 2 crashes, 2 faults",
        _files(2, 2, *ON_DISK, "edited", replace=True, stops=2),
    ),
    Case("files, 2 outputs, 1 crash", _files(1, 0, jobs=2, outputs=True)),
    Case("files, twins, 1 crash", _files(1, 0, jobs=2, twins=True)),
)
BIG = tuple(
    Case(name, bounds)
    for name, bounds in (
        ("cloud, 1 crash, 3 faults", _cloud(1, 3, *IN_CLOUD)),
        ("cloud, 2 crashes, 3 faults", _cloud(2, 3, *IN_CLOUD)),
        ("cloud, 4 crashes, 2 faults", _cloud(4, 2, *IN_CLOUD)),
        (
            "cloud, an automatic draft, 1 crash, 3 faults",
            _cloud(1, 3, *IN_CLOUD, automatic_draft=True),
        ),
        ("cloud, 2 hosts, 1 crash, 3 faults", _cloud(1, 3, *IN_CLOUD, "take over", workers=2)),
        ("cloud, 1 content twice, 1 crash, 1 fault", _cloud(1, 1, *IN_CLOUD, jobs=2, workers=2)),
        (
            "cloud, 1 content twice, 1 crash, 2 faults at the render",
            _cloud(1, 2, *RENDERING, "cancel", "retry", "1002", jobs=2),
        ),
        (
            "cloud, 1 content twice, 1 crash, 2 faults at the message",
            _cloud(1, 2, *TALKING, "cancel", "retry", jobs=2),
        ),
        (
            "cloud, 1 content twice, 2 hosts",
            _cloud(0, 1, *IN_CLOUD, "take over", jobs=2, workers=3),
        ),
        *(
            (f"files, {policy}, 5 crashes, 3 faults", _files(5, 3, *ON_DISK, policy=policy))
            for policy in POLICIES
        ),
        ("files, by links, 5 crashes, 3 faults", _files(5, 3, *ON_DISK, links=True)),
        ("files, 2 jobs, 2 crashes, 1 fault", _files(2, 1, *ON_DISK, jobs=2, stops=2)),
        ("files, 2 outputs, 2 crashes, 1 fault", _files(2, 1, *ON_DISK, jobs=2, outputs=True)),
        ("files, twins, 1 crash, 2 faults", _files(1, 2, *ON_DISK, jobs=2, twins=True)),
    )
)
