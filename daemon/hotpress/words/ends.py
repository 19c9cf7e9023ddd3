"""Why a video ended without a result: by an error (`errors`) or by a decision (`model.Cause`).

An error that only holds a video up has the words of the reason for which it waits.
"""

from __future__ import annotations

from hotpress.words.entry import BY_ITSELF, Words
from hotpress.words.reasons import REASONS

_SAFE = "Nothing was made of it; the original is untouched."
_KEPT = "The original is untouched, and nothing half is left."
_FREE = "Trying again costs nothing; once it can be made, it costs what a video costs."
_MAY_COST = "Trying again may use the credits of one video."
_NONE = "It costs nothing."
_NOT_TWICE = "What was paid is not paid again."
_LOG = "See the log for the cause; then `hotpress retry` goes on from here."

# By the errors' own names (`HotpressError.cause`).
ERRORS: dict[str, Words] = {
    "not_a_video": Words(
        "No program here can read it as a video.",
        _SAFE,
        "Play it on this computer; if it plays, export it again as MP4. If it does not, copy it "
        "here again from where it came.",
        _FREE,
    ),
    "bad_link": Words(
        "The link file names no address that the cloud may fetch.",
        "Nothing was fetched and nothing was sent; the link file is untouched.",
        "Save the link again from your browser, or put the video itself into the folder.",
        _FREE,
    ),
    "damaged": Words(
        "The smaller video was not what it must be.",
        "It was thrown away, and not delivered; the original is untouched.",
        "`hotpress retry` makes it once more.",
        _MAY_COST,
    ),
    "encode_failed": Words(
        "This machine could not make the smaller video.",
        _KEPT,
        "`hotpress check` tells whether the encoder is well; then `hotpress retry`.",
        _FREE,
    ),
    "no_gain": Words(
        "It can't be made smaller without a loss that shows.",
        _SAFE,
        "Set a `target_size` if it is to be smaller all the same; else leave it as it is.",
        _FREE,
    ),
    "target_impossible": Words(
        "The size that the rule wants is too small for a video of this length.",
        "Nothing was uploaded or paid; the original is untouched.",
        "Allow a larger size for it: `target_size`, or `max_rate` where that is the limit.",
        _FREE,
    ),
    "media_error": Words(
        "A program that hotpress needs for videos is missing, or does not work.",
        _KEPT,
        "`hotpress check` says which one, and where it is looked for; then `hotpress retry`.",
        _FREE,
    ),
    "unsupported_format": Words(
        "The cloud does not take this kind of file.",
        _SAFE,
        "Set `route: auto` or `route: local`: then this machine makes it.",
        _FREE,
    ),
    "file_too_large": Words(
        "The video is larger than the cloud takes.",
        _SAFE,
        "Set `oversize: shrink`, or `route: local`: then this machine makes it.",
        _FREE,
    ),
    "refused": Words(
        "The cloud refused it, several times in a row.",
        _KEPT,
        "`hotpress retry` asks once more. If it is refused again: set `route: local`.",
        _NOT_TWICE,
    ),
    "session_gone": Words(
        "The cloud has forgotten this video's project.",
        "hotpress uploads the video once more; what was asked for has to be asked again.",
        BY_ITSELF,
        "The one new edit may use the credits of one video; it is made once.",
    ),
    "source_changed": Words(
        "The video was changed or replaced while it was worked on.",
        "What was begun of the old version is dropped; the new version is taken up by itself.",
        "Nothing to do.",
        "The new version costs what a video costs.",
    ),
    "source_gone": Words(
        "The original is no longer there.",
        "Nothing is made of it any more.",
        "Put it back, and it is taken up again; or leave it so.",
        _NONE,
    ),
    "file_error": Words(
        "A file or folder of this machine does not work as it should.",
        _KEPT,
        "Look at what is named, perhaps at its disk; then `hotpress retry`.",
        _FREE,
    ),
    "input_gone": Words(
        "Something that hotpress had made before is gone or torn.",
        "It is made again; after several times the video fails.",
        "Look at the disk of the state directory; then `hotpress retry`.",
        _NOT_TWICE,
    ),
    "hotpress_error": Words(
        "A part of hotpress does not work.", _KEPT, _LOG, "It costs nothing to start it again."
    ),
    # These end a command, and no video.
    "config_error": Words(
        "The config can't be taken as it is.",
        "While hotpress runs, the last good config counts; else it does not start.",
        "Mend the lines that are named.",
        _NONE,
    ),
    "no_such_job": Words(
        "hotpress knows no video by this name.",
        "Nothing was changed.",
        "`hotpress jobs` lists them all.",
        _NONE,
    ),
    "state_busy": Words(
        "hotpress runs already, with this state directory.",
        "Nothing was changed.",
        "Stop the other one, or give this one another `--state-dir`.",
        _NONE,
    ),
    "state_unusable": Words(
        "The state directory can't be used by this version, or lies where it is not safe.",
        "hotpress does not start; nothing was changed.",
        "Install the newest hotpress, or choose another `--state-dir` on a disk of this machine.",
        _NONE,
    ),
    "state_damaged": Words(
        "What hotpress remembers was damaged.",
        "It is kept aside and made anew; what was delivered is known from the outboxes.",
        BY_ITSELF,
        "What was delivered or asked for is not paid again.",
    ),
    "id_taken": Words(
        "Two videos drew the same random number.",
        "The second one draws another.",
        BY_ITSELF,
        _NONE,
    ),
    "stopping": Words(
        "hotpress was asked to stop.",
        "The video goes on at the next start, where it was.",
        "Start it: `hotpress run`.",
        _NONE,
    ),
    # These only hold a video up.
    "unreachable": REASONS["offline"],
    "lost": REASONS["retry"],
    "not_known": REASONS["retry"],
    "token_rejected": REASONS["token"],
    "out_of_credits": REASONS["credits"],
    "plan_required": REASONS["plan"],
    "scope_missing": REASONS["scope"],
    "rate_limited": REASONS["rate_limit"],
    "disk_full": REASONS["disk_full"],
    "folder_missing": REASONS["outbox_missing"],
    "not_allowed": REASONS["permission"],
}

# By what was decided (`model.Cause`).
DECIDED: dict[str, Words] = {
    "by_hand": Words(
        "Somebody cancelled it.",
        "Nothing more is made of it; the original is untouched.",
        "`hotpress retry` takes it up again.",
        _NOT_TWICE,
    ),
    "link_not_taken": Words(
        "The rule lets nothing be made of a link.",
        "Nothing was fetched; the link file is untouched.",
        "Set `links: on` and `route: cloud`, then `hotpress retry --new-rule`; or put the video "
        "itself into the folder.",
        _FREE,
    ),
    "link_without_video": Words(
        "The cloud found no video where the link leads.",
        "Nothing was made of it; the link file is untouched.",
        "The link must lead straight to a video file, without a sign-in. Then `hotpress retry`, or "
        "put the video itself into the folder.",
        _FREE,
    ),
    "declined": Words(
        "It lay in the inbox before hotpress came, and nobody wanted it made smaller.",
        _SAFE,
        "`hotpress retry` makes it after all.",
        _MAY_COST,
    ),
    "left_out": Words(
        "A rule leaves it out.",
        _SAFE,
        "`hotpress retry` makes it after all.",
        _MAY_COST,
    ),
    "already_small": Words(
        "It is as small as the rule wants, and such videos are left alone.",
        _SAFE,
        "Nothing to do. Set `already_small: copy` if it should lie in the outbox, too.",
        _NONE,
    ),
    "already_there": Words(
        "The outbox has a file of its name, and the rule says not to make another one.",
        _SAFE,
        "Nothing to do. Set `collision: keep_both` to have both.",
        _NONE,
    ),
    "delivered_before": Words(
        "The same video was delivered from here before.",
        "It is not made a second time; the result of before counts.",
        "Nothing to do. `hotpress retry --new-rule` makes it again by today's rule.",
        _NONE,
    ),
    "delivered_elsewhere": Words(
        "hotpress on another computer has delivered it.",
        "Its result is in the outbox.",
        "Nothing to do.",
        _NONE,
    ),
    "moved_away": Words(
        "The same video was made before, and somebody moved its result away.",
        "It is not paid a second time by itself.",
        "Look for the result where it was moved; or `hotpress retry --again` makes it anew.",
        "Making it anew may use the credits of one video.",
    ),
    "asked_before": Words(
        "The cloud was asked for the same video before, and that did not end well.",
        "hotpress does not ask again by itself: it could be charged twice.",
        "`hotpress retry` of the first one goes on there; `hotpress retry --again` asks anew.",
        "Asking anew may use the credits of one video.",
    ),
    "cut_off": Words(
        "The file is not whole.",
        _SAFE,
        "Copy it here again; a whole file is taken by itself.",
        _FREE,
    ),
    "edit_gone": Words(
        "The edited video is no longer in the cloud, nor anywhere here.",
        "The original is untouched; the edit has to be made anew.",
        "Drop the video again, with all that you want in the folder's instructions.",
        "The new edit may use the credits of one video.",
    ),
    "other_edit": Words(
        "It is made from the edit of another result, and that one has other words or is gone.",
        _SAFE,
        "`hotpress retry --new-rule` makes it by today's rule.",
        _MAY_COST,
    ),
    "first_failed": Words(
        "It is made from another result of the same video, and that one failed.",
        _SAFE,
        "`hotpress retry` of the first one goes on with both.",
        _MAY_COST,
    ),
    "tried_often": Words(
        "The same went wrong as often as hotpress may try by itself.",
        _KEPT,
        "`hotpress retry` goes on with all that is known.",
        _NOT_TWICE,
    ),
    "bad_render": Words(
        "The cloud made the smaller video twice, and neither was what it must be.",
        "Neither was delivered; the original is untouched.",
        "`hotpress retry` asks the cloud once more; or set `route: local`.",
        "The same edit made once more costs nothing.",
    ),
    "render_unknown": Words(
        "The cloud does not know of the smaller video that was ordered.",
        _KEPT,
        "`hotpress retry` orders it once more.",
        "The same edit made once more costs nothing.",
    ),
    "render_stuck": Words(
        "The cloud was not ready with it after an hour, twice.",
        _KEPT,
        "Try later: `hotpress retry` orders it once more.",
        "The same edit made once more costs nothing.",
    ),
    "stopped_often": Words(
        "hotpress was stopped or killed several times while it worked on this video.",
        "It is given up, so that it does not stop hotpress for all others.",
        _LOG,
        _NOT_TWICE,
    ),
    "mistake": Words(
        "hotpress made a mistake of its own.",
        _KEPT,
        "Please report it with the log; `hotpress retry` goes on from here.",
        _NOT_TWICE,
    ),
}

ENDS: dict[str, Words] = {**ERRORS, **DECIDED}
