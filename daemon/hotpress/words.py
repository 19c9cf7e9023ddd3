"""The sentences for every reason: its cause, what it means for the file, what next, what cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What a person reads of one reason."""

    cause: str
    means: str
    next: str
    cost: str = "It costs nothing to wait."


_SELF = "Nothing to do: hotpress goes on by itself."

# What a job does at each step (model.Step).
STEPS: dict[str, str] = {
    "probe": "look at it",
    "prepare": "prepare",
    "session": "connect",
    "upload": "upload",
    "instruct": "ask the agent",
    "review": "check the edit",
    "submit": "order the render",
    "render": "render",
    "download": "download",
    "verify": "check every frame",
    "finish": "finish",
    "deliver": "deliver",
    "release": "release the source",
}

REASONS: dict[str, Words] = {
    "hours": Words(
        "It is outside the hours that the rule allows for the cloud.",
        "The video waits for the next hour that is open.",
        _SELF,
    ),
    "rate_limit": Words(
        "The cloud asked for a pause.", "The video waits as long as the cloud said.", _SELF
    ),
    "render": Words(
        "The cloud is rendering.", "The video is looked at again every half minute.", _SELF
    ),
    "retry": Words(
        "Something between here and the cloud did not work this time.",
        "The same is tried again, a little later each time.",
        _SELF,
    ),
    "stream": Words(
        "The agent's edit does not show yet.",
        "hotpress looks for it without asking again, so that nothing is charged twice.",
        _SELF,
    ),
    "credits": Words(
        "The account has not enough credits for another video.",
        "The video waits; nothing was uploaded for it.",
        "Register or top up (hotpress credits shows the link), or set route: auto, and this "
        "machine makes it.",
    ),
    "budget": Words(
        "The credits that you allow a day or a month are spent.",
        "The video waits until the day or month is over.",
        "Wait, or raise cloud.budget, or the budget of the inbox.",
    ),
    "plan": Words(
        "The cloud's free plan does not export this.",
        "The edit is kept; the same export is asked again once a day.",
        "Register or upgrade the account, or set route: auto, and this machine makes it.",
    ),
    "scope": Words(
        "The token may not do this.",
        "The video waits until the token changes.",
        "Make a token with the scopes read, write, upload and render, and set NEMO_TOKEN.",
    ),
    "token": Words(
        "The cloud does not accept the token that is set.",
        "The video waits; a free token is never put in the place of yours.",
        "Set a valid NEMO_TOKEN, or none: then hotpress gets a free one by itself.",
    ),
    "offline": Words(
        "The cloud can't be reached.",
        "The video waits; the cloud is looked for every half minute.",
        "Check the network. hotpress goes on by itself.",
    ),
    "paused": Words(
        "Somebody paused it.", "The video waits until somebody resumes it.", "hotpress resume"
    ),
    "disk_full": Words(
        "There is no room for what has to be written.",
        "Nothing half was left anywhere.",
        "Free some space; hotpress goes on by itself.",
    ),
    "outbox_missing": Words(
        "The outbox is not there, or another folder lies in its place.",
        "Nothing is lost; a result that is ready waits here.",
        "Mount the outbox again, and hotpress goes on by itself; or, if you deleted it: stop "
        "hotpress, then hotpress run --new-outbox.",
    ),
    "inbox_missing": Words(
        "The inbox is not there.",
        "It is never taken for deleted videos.",
        "Mount it again; hotpress goes on by itself.",
    ),
    "permission": Words(
        "The operating system refuses to read or write there.",
        "The video waits; nothing was changed.",
        "Give this user the right to the folder that is named; hotpress goes on by itself.",
    ),
    "quality": Words(
        "The target can't hold the quality that the rule asks for.",
        "Nothing was paid.",
        "Allow a larger target, or a lower quality_floor.",
    ),
    "unclear": Words(
        "The agent was asked, and nobody can tell whether it did anything.",
        "hotpress does not ask again by itself: it could be charged twice.",
        "hotpress retry JOB looks once more; hotpress retry --again JOB asks again.",
        "Asking again may cost the credits of one video once more.",
    ),
    "approval": Words(
        "These videos lay in the inbox before hotpress first saw it.",
        "Nothing happens to them until somebody says so.",
        "hotpress approve INBOX",
        "The estimate stands beside it.",
    ),
    "rules": Words(
        "The rules file in the synced folder can't be understood.",
        "New videos of that folder wait; those under way go on with their rule.",
        "Mend the file; hotpress goes on by itself.",
    ),
    "elsewhere": Words(
        "Another computer's hotpress works on this folder.",
        "It is done there, once.",
        "Nothing to do; or stop the other one.",
    ),
}
