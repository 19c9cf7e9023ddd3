"""Why a video waits or is held (`model.Reason`)."""

from __future__ import annotations

from hotpress.words.entry import BY_ITSELF, Words

_FREE = "It costs nothing to wait."

REASONS: dict[str, Words] = {
    "hours": Words(
        "It is outside the hours that the rule allows for the cloud.",
        "The video waits for the next hour that is open; nothing of it was uploaded.",
        "Nothing to do: hotpress goes on by itself. For any time of day, take `hours` out of the "
        "config.",
        _FREE,
    ),
    "rate_limit": Words(
        "The cloud asked for a pause.",
        "The video waits as long as the cloud said.",
        BY_ITSELF,
        _FREE,
    ),
    "render": Words(
        "The cloud is making the smaller video.",
        "hotpress asks every half minute whether it is ready.",
        BY_ITSELF,
        "It costs nothing to wait; the cloud was paid when it edited the video.",
    ),
    "retry": Words(
        "Something between here and the cloud, or on this machine, did not work this time.",
        "The same is tried again, a little later each time.",
        BY_ITSELF,
        _FREE,
    ),
    "stream": Words(
        "The cloud was asked for the edit, and it does not show yet.",
        "hotpress looks for it without asking again, so that nothing is charged twice.",
        BY_ITSELF,
        _FREE,
    ),
    "credits": Words(
        "The account has not enough credits for another video.",
        "The video waits, and nothing of it is lost.",
        "Register or top up the account (`hotpress credits` shows where), or set `route: auto`: "
        "then this machine makes it.",
        _FREE,
    ),
    "budget": Words(
        "The credits that you allow for a day or a month are spent.",
        "The video waits until the day or the month is over.",
        "Nothing to do: hotpress goes on when the day or month is over. Or raise `budget`, of the "
        "cloud or of the inbox.",
        _FREE,
    ),
    "plan": Words(
        "The cloud's free plan does not hand out this video.",
        "The edit is kept in the cloud, and asked for again once a day.",
        "Register or upgrade the account, or set `route: auto`: then this machine makes it.",
        "It costs nothing to wait, and the edit is not paid again.",
    ),
    "scope": Words(
        "The token that is set may not do this.",
        "The video waits until the token changes.",
        "Make a token with the scopes read, write, upload and render, and set it as NEMO_TOKEN.",
        _FREE,
    ),
    "token": Words(
        "The cloud does not accept the token that is set.",
        "The video waits; a free token is never put in the place of yours.",
        "Set a valid NEMO_TOKEN, or none: then hotpress gets a free one by itself.",
        _FREE,
    ),
    "offline": Words(
        "The cloud can't be reached.",
        "The video waits; the cloud is looked for every half minute.",
        "Check the network of the computer that runs hotpress; it goes on by itself.",
        _FREE,
    ),
    "paused": Words(
        "Somebody paused it.",
        "The video waits until somebody lets it go on.",
        "`hotpress resume` with the name of the inbox or the job, or `--all`.",
        _FREE,
    ),
    "disk_full": Words(
        "There is no room for what has to be written.",
        "The video waits, and nothing half is left anywhere.",
        "Make room on that disk; hotpress goes on by itself.",
        _FREE,
    ),
    "outbox_missing": Words(
        "The outbox is not there, or another folder lies in its place.",
        "Nothing is lost; a result that is ready waits here.",
        "Mount the outbox again, and hotpress goes on by itself. If you deleted it: stop hotpress, "
        "then `hotpress run --new-outbox`.",
        _FREE,
    ),
    "inbox_missing": Words(
        "The inbox, or many of its videos at once, are not there.",
        "The videos are never taken for deleted ones; they wait.",
        "Mount or bring back the folder, and hotpress goes on by itself. If you deleted the "
        "videos: `hotpress cancel --all --held inbox_missing`.",
        _FREE,
    ),
    "permission": Words(
        "The operating system refuses to read or write there.",
        "The video waits; nothing was changed.",
        "Give the user that runs hotpress the right to what is named; hotpress goes on by itself.",
        _FREE,
    ),
    "quality": Words(
        "The size that the rule wants can't hold the quality that it asks for.",
        "The video waits; nothing was uploaded or paid.",
        "Allow a larger `target_size`, or a lower `quality_floor`.",
        _FREE,
    ),
    "unclear": Words(
        "The cloud was asked for the edit, and nobody can tell whether it did anything.",
        "hotpress does not ask again by itself: it could be charged twice.",
        "`hotpress retry JOB` looks once more; `hotpress retry --again JOB` asks again.",
        "Asking again may cost the credits of one video once more; waiting costs nothing.",
    ),
    "approval": Words(
        "These videos lay in the inbox before hotpress first saw it.",
        "Nothing happens to them until somebody says so.",
        "`hotpress approve INBOX` starts them, `--newest N` only the newest, `--none` leaves them.",
        "What it would cost stands beside them; waiting costs nothing.",
    ),
    "rules": Words(
        "A rule file in the folder can't be understood.",
        "New videos of that folder wait; those under way go on with their rule.",
        "Mend the file; hotpress goes on by itself.",
        _FREE,
    ),
    "elsewhere": Words(
        "hotpress on another computer works on this folder.",
        "The video is made there, once; its result comes from there.",
        "Nothing to do. If it should be made here: stop hotpress on the other computer.",
        _FREE,
    ),
}
