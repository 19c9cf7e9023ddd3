"""The table of faults: each alone, at its first and second occurrence, and what must come of it."""

from __future__ import annotations

from typing import Any

# What is expected: "delivered"; "held REASON"; "failed". A list: any of them is right.
Row = tuple[str, dict[str, Any], list[str]]


def rows() -> list[Row]:
    """Name, fault (without occurrence), what may come of it."""
    found: list[Row] = []
    reads = ("credits", "state", "poll")
    effects = ("token", "session", "upload", "run_sse", "submit", "cdn")
    for kind in (*effects, *reads):
        found += [
            (f"{kind} {do}", {"kind": kind, "do": {do: True}}, ["delivered"])
            for do in ("drop_before", "drop_mid", "drop_after", "html", "malformed", "empty")
        ]
        for status in (500, 502, 429, 401):
            do = {"status": status}
            wanted = ["delivered"]
            found.append((f"{kind} HTTP {status}", {"kind": kind, "do": do}, wanted))
        found.append((f"{kind} 1001 in 200", {"kind": kind, "do": {"code": 1001}}, ["delivered"]))
    for kind in ("upload", "run_sse", "state", "submit"):
        do = {"code": 1002}
        found.append((f"{kind} 1002", {"kind": kind, "do": do}, ["delivered"]))
        lost = {"lose_session": True}
        found.append((f"{kind} session lost", {"kind": kind, "do": lost}, ["delivered"]))
    for kind in ("session", "run_sse", "submit"):
        found.append((f"{kind} 2001", {"kind": kind, "do": {"code": 2001}}, ["held credits"]))
        found.append((f"{kind} 403", {"kind": kind, "do": {"status": 403}}, ["held scope"]))
    found += [
        ("submit 402", {"kind": "submit", "do": {"status": 402}}, ["held plan"]),
        ("upload 4001", {"kind": "upload", "do": {"code": 4001}}, ["failed"]),
        ("upload 4002", {"kind": "upload", "do": {"code": 4002}}, ["failed"]),
        ("upload lost", {"kind": "upload", "do": {"lose_upload": True}}, ["delivered"]),
        ("render fails", {"kind": "submit", "do": {"render_fails": True}}, ["delivered"]),
        ("stale link", {"kind": "cdn", "do": {"stale_link": True}}, ["delivered"]),
        ("music", {"kind": "run_sse", "do": {"music": True}}, ["delivered"]),
        ("title", {"kind": "run_sse", "do": {"title": True}}, ["delivered"]),
        (
            "stream breaks before the first event",
            {"kind": "run_sse", "do": {"break_stream": "before_first"}},
            ["delivered"],
        ),
        ("stream breaks", {"kind": "run_sse", "do": {"break_stream": "mid"}}, ["delivered"]),
        ("token expires", {"kind": "state", "do": {"expire_token": True}}, ["delivered"]),
    ]
    oddities = (
        "bom comments crlf split_utf8 u2028 multi_line_data partial thought empty_data heartbeats "
        "error_event error_late no_text no_trailing_blank text_and_call temporary_issue nothing"
    )
    for word in oddities.split():
        found.append((f"stream {word}", {"kind": "run_sse", "do": {"sse": [word]}}, ["delivered"]))
    lies = "oversize cut wrong_length corrupt html empty sideways no_sound other_fps washed_out"
    for lie in lies.split():
        found.append((f"lie {lie}", {"kind": "submit", "do": {"lie": lie}}, ["delivered"]))
    return found
