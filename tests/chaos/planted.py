"""Bugs to be planted into a copy of the code: each a mistake that somebody could really make.

A row's old text must stand in its module exactly once, so that the table follows the code; every
test that it names must fail by an assertion with the bug, and passes without it.
"""

from __future__ import annotations

from typing import NamedTuple

BEGUN = "tests/integration/test_begun.py::"
ORDER = "tests/integration/test_order_of_effects.py::"
STEPS_FILES = "tests/integration/test_steps_files.py::"
STEPS_CLOUD = "tests/integration/test_steps_cloud.py::"
FILES = "tests/integration/test_files.py::"
ABSENT = "tests/integration/test_absent.py::"
HINTS = "tests/unit/test_hints.py::"
WATCH = "tests/integration/test_watching.py::"
MENDED = "tests/integration/test_mended.py::"
STORE = "tests/integration/test_store.py::"
RENDER = "tests/integration/test_contract_render.py::"
OUTCOMES = "tests/unit/test_outcomes.py::"
CONTAINER = "tests/unit/test_media_container.py::"
SETTLE = "tests/unit/test_settle.py::"
ONLINE = "tests/integration/test_online.py::"
POLICY = "tests/unit/test_policy.py::"
HOUSE = "tests/integration/test_whole_house.py::"
INFOLDER = "tests/unit/test_infolder.py::"
RULE_FILES = "tests/integration/test_rule_files.py::"
LINKS = "tests/integration/test_web_links.py::"
REPLACING = "tests/integration/test_replacing.py::"


class Bug(NamedTuple):
    """`old` becomes `new` in the module `file` of the package; `tests` see it.

    `unguarded`: the second line of defence (the outbox has the message on record) is taken out,
    too; with it the bug would do no harm.
    """

    name: str
    why: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    unguarded: bool = False


GUARD = (
    "    if not job.messages_sent and tools.desk.asked_already():\n"
    "        return resume(job, tools)  # an older copy of the store was brought back\n"
)


MESSAGES = [
    Bug(
        "a crash in instruct runs it again",
        "The cloud may have seen the message: said twice, it is paid twice.",
        "steps/instruct.py",
        '    """Nobody knows whether it was seen: note the doubt, and only read from here on."""\n',
        "    return run(job, tools)\n",
        (BEGUN + "test_killed_after_the_message_nothing_is_said_again",),
        unguarded=True,
    ),
    Bug(
        "instruct looks and waits itself",
        "A step that sends and waits is run again after its wait, and sends again.",
        "steps/instruct.py",
        "    return Next(replace(job, message=message, messages_sent=job.messages_sent + 1), "
        "why=words)\n",
        "    from hotpress.steps import review\n\n"
        "    return review.run(replace(job, message=message, begun_at=None), tools)\n",
        (BEGUN + "test_a_draft_that_shows_late_is_waited_for_without_another_word",),
        unguarded=True,
    ),
    Bug(
        "a hold clears begun",
        "What is woken afterwards does its side effect a second time.",
        "outcomes.py",
        "                state=State.HELD,\n",
        "                state=State.HELD,\n                begun_at=None,\n",
        (
            OUTCOMES + "test_a_wait_and_a_hold_leave_begun_set[hold]",
            BEGUN + "test_what_went_up_is_not_sent_again_after_a_hold_or_a_wait[hold]",
        ),
    ),
    Bug(
        "a wait clears begun",
        "A look that was lost would send again what had arrived.",
        "outcomes.py",
        "                state=State.QUEUED if outcome.on else State.WAITING,\n",
        "                state=State.QUEUED if outcome.on else State.WAITING,\n"
        "                begun_at=None,\n",
        (
            OUTCOMES + "test_a_wait_and_a_hold_leave_begun_set[wait]",
            BEGUN + "test_what_went_up_is_not_sent_again_after_a_hold_or_a_wait[wait]",
        ),
    ),
    Bug(
        "an orderly stop clears begun",
        "A stop cuts the stream: the agent may have heard all of the message.",
        "worker.py",
        "stopped = policy.stopped(job)",
        "stopped = replace(policy.stopped(job), begun_at=None)",
        (BEGUN + "test_stopped_while_the_agent_works_nothing_is_said_again",),
        unguarded=True,
    ),
    Bug(
        "a start clears begun",
        "After a kill nobody would know that anything was under way.",
        "worker.py",
        'self._write(replace(job, owner="", state=_resting(job)), [])',
        'self._write(replace(job, owner="", state=_resting(job), begun_at=None), [])',
        (
            BEGUN + "test_killed_after_the_message_nothing_is_said_again",
            BEGUN + "test_killed_after_an_upload_nothing_goes_up_again",
            BEGUN + "test_killed_after_a_render_was_ordered_it_is_looked_for_under_its_id",
        ),
        unguarded=True,
    ),
    Bug(
        "any refusal counts as nothing sent",
        "Only a refused side effect clears `begun`; a refused look says nothing of it.",
        "policy.py",
        "        return Hold(job, held, error.why, error.hint)\n",
        "        return Hold(replace(job, begun_at=None), held, error.why, error.hint)\n",
        (BEGUN + "test_what_went_up_is_not_sent_again_after_a_hold_or_a_wait[hold]",),
    ),
    Bug(
        "the message is not on record before it is sent",
        "A lost state directory would ask, and pay, a second time.",
        "steps/instruct.py",
        "        _on_record(job, tools, said=True)\n",
        "        outbox.check(Path(job.outbox), tools.desk.outbox_id())\n",
        (BEGUN + "test_the_outbox_says_that_the_agent_is_asked_before_it_is",),
    ),
    Bug(
        "the content's key is not claimed",
        "Two copies of one video, side by side, would both be paid for.",
        "steps/same.py",
        "    holder = tools.desk.holder(key)\n",
        "    holder = None\n",
        (BEGUN + "test_the_second_copy_of_one_video_waits_and_costs_nothing",),
    ),
    Bug(
        "frozen and total credits are no evidence",
        "A message that was charged or topped up meanwhile would be taken for unsent.",
        "steps/review.py",
        "before.credits == Credits(balance.available, balance.frozen, balance.total)",
        "before.credits.available == balance.available",
        (STEPS_CLOUD + "test_what_counts_as_evidence",),
    ),
]

RENDERS = [
    Bug(
        "a refused id that was sent before gets a new one",
        "The first order arrived: two renders, one of them an orphan.",
        "steps/submit.py",
        "        if render.sent:\n",
        "        if render.sent and isinstance(error, SessionGone):\n",
        (STEPS_CLOUD + "test_a_refused_id_that_was_ever_sent_has_arrived",),
    ),
    Bug(
        "a crash in submit sends again",
        "It may have arrived: only a poll can tell.",
        "steps/submit.py",
        "    render = replace(_render(job), doubt_at=tools.clock.now())\n",
        "    return run(job, tools)\n",
        (BEGUN + "test_killed_after_a_render_was_ordered_it_is_looked_for_under_its_id",),
    ),
    Bug(
        "the draft is read again at submit",
        "What is rendered would be something that nobody reviewed.",
        "steps/submit.py",
        "        tools.cloud.submit(render.id, render.session, render.token, render.draft)\n",
        "        now = tools.cloud.state(render.session, render.token).draft\n"
        "        text = now.text if now else render.draft\n"
        "        tools.cloud.submit(render.id, render.session, render.token, text)\n",
        (BEGUN + "test_what_was_reviewed_is_rendered_though_the_draft_changed_since",),
    ),
    Bug(
        "an unknown render is ordered under a new id",
        "It may only show late: the same id with the same draft cannot become two.",
        "steps/render.py",
        "        render = replace(render, resubmits=render.resubmits + 1, unknown_looks=0)\n",
        '        render = fresh_render(job, tools, "unknown").render or render\n',
        (STEPS_CLOUD + "test_an_unknown_render_is_looked_for_and_then_sent_again_under_its_id",),
    ),
    Bug(
        "a submit that was begun does not count as sent",
        "A job that is cancelled there would leave an orphan that renders on.",
        "policy.py",
        "    return [r.id for r in doubtful(job).renders if not r.ended and r.sent]\n",
        "    return [r.id for r in job.renders if not r.ended and r.sent]\n",
        (OUTCOMES + "test_a_submit_that_was_begun_counts_as_sent",),
    ),
    Bug(
        "a link is asked for again in the session that may have it",
        "The cloud may still be fetching there, and would then have the video twice.",
        "steps/weblink.py",
        'return policy.back(job, "upload_absent", Step.SESSION, "the cloud has',
        'return policy.back(job, "upload_absent", Step.UPLOAD, "the cloud has',
        (LINKS + "test_after_minutes_of_nothing_there_is_a_new_session",),
    ),
    Bug(
        "where a link leads is looked up once",
        "A name that leads elsewhere a moment later reaches into this network.",
        "steps/weblink.py",
        "            pass  # gone or changed: its job ends here, and nothing was asked\n"
        "        allowed(job)\n",
        "            pass  # gone or changed: its job ends here, and nothing was asked\n",
        (LINKS + "test_a_name_that_leads_into_this_network_is_refused[127.0.0.1]",),
    ),
    Bug(
        "the bearer goes to the download's host",
        "The CDN is somebody else's: a token there is a token given away.",
        "cloud/wire.py",
        '            all_headers["Authorization"] = f"Bearer {token}"\n',
        '            all_headers["Authorization"] = f"Bearer {token}"\n'
        '            self._bare.headers["Authorization"] = f"Bearer {token}"\n',
        (RENDER + "test_cdn_gets_no_secret",),
    ),
]

RESULTS = [
    Bug(
        "a result is named before it is synced",
        "A power cut leaves a torn file under a video's name.",
        "steps/deliver.py",
        "            files.sync_file(temp)\n            there = _placed(job, temp, path)\n",
        "            there = _placed(job, temp, path)\n            files.sync_file(path)\n",
        (ORDER + "test_a_result_is_synced_then_named_then_recorded",),
    ),
    Bug(
        "a file is not synced, only its folder",
        "The name survives a power cut, the bytes do not.",
        "files.py",
        "    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)\n    try:\n"
        "        os.fsync(descriptor)\n",
        "    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)\n    try:\n"
        "        os.fstat(descriptor)\n",
        (
            ORDER + "test_a_result_is_synced_then_named_then_recorded",
            ORDER + "test_a_download_is_on_disk_before_its_outcome",
        ),
    ),
    Bug(
        "a hand-over is recorded before it is synced",
        "After a power cut the next step finds other bytes than were recorded.",
        "steps/material.py",
        "    files.sync_file(path)\n",
        "",
        (ORDER + "test_a_download_is_on_disk_before_its_outcome",),
    ),
    Bug(
        "a copy is flushed, not synced",
        "The original would go while its copy in the archive is only in memory.",
        "files.py",
        "            os.fsync(file.fileno())\n",
        "",
        (ORDER + "test_an_archive_on_another_disk_has_the_bytes_before_the_source_goes",),
    ),
    Bug(
        "the result's folder is not synced before its receipt",
        "The receipt survives a power cut, and what it names is not there.",
        "steps/deliver.py",
        "        files.sync_up(path.parent, folder)\n",
        "",
        (
            ORDER + "test_a_result_is_synced_then_named_then_recorded",
            ORDER + "test_new_subfolders_of_a_result_are_synced_before_the_receipt",
        ),
    ),
    Bug(
        "a receipt is not synced",
        "The source is released on the word of a line that a power cut takes away.",
        "receipts.py",
        "        os.fsync(descriptor)\n",
        "",
        (ORDER + "test_a_result_is_synced_then_named_then_recorded",),
    ),
    Bug(
        "placing replaces",
        "Somebody's file of the same name would be lost.",
        "files.py",
        "    if _rename_noreplace(temp, final):\n        return\n",
        "    os.rename(temp, final)\n    return\n",
        (
            FILES + "test_placing_never_replaces",
            FILES + "test_two_threads_placing_one_name_have_one_winner",
        ),
    ),
    Bug(
        "the receipt comes before the file",
        "A crash between leaves on record what was never delivered.",
        "steps/deliver.py",
        "            files.sync_file(temp)\n",
        "            files.sync_file(temp)\n            _receipt(job, folder, tools)\n",
        (ORDER + "test_a_result_is_synced_then_named_then_recorded",),
    ),
    Bug(
        "already there, so nothing is left to do",
        "A crash came before the receipt: without it the outbox does not know its own result.",
        "steps/deliver.py",
        "        there = None if files.claimed(temp, path) else _at(path)\n",
        "        there = _at(path)\n        if there == final.sha256:\n"
        "            return Next(replace(job, placed_at=tools.clock.now()))\n",
        (
            STEPS_FILES + "test_deliver_again_after_a_crash_makes_what_is_missing",
            ORDER + "test_killed_just_before_the_receipt_it_is_written",
        ),
    ),
    Bug(
        "named and no half file left, so all is done",
        "The half file goes before the receipt is written: a crash may come between.",
        "steps/deliver.py",
        "        there = None if files.claimed(temp, path) else _at(path)\n",
        "        there = _at(path)\n        if there == final.sha256 and not temp.exists():\n"
        "            return Next(replace(job, placed_at=tools.clock.now()))\n",
        (ORDER + "test_killed_just_before_the_receipt_it_is_written",),
    ),
    Bug(
        "a link at the final name is followed",
        "A stranger's link to our bytes would count as our result.",
        "steps/deliver.py",
        "    if path.is_symlink() or (path.exists() and not path.is_file()):\n",
        "    if path.exists() and not path.is_file():\n",
        (STEPS_FILES + "test_a_strangers_thing_at_the_final_name_is_never_touched",),
    ),
    Bug(
        "the finished file's hash is not compared",
        "What a power cut tore would be delivered.",
        "steps/deliver.py",
        "            if files.sha256_at(temp) != final.sha256:\n",
        "            if not temp.exists():\n",
        (STEPS_FILES + "test_a_torn_finished_file_is_made_again",),
    ),
    Bug(
        "any outbox will do",
        "An unmounted disk's empty folder would swallow the results.",
        "outbox.py",
        "    if marker is None or known not in (None, marker):\n",
        "    if marker is None:\n",
        (STEPS_FILES + "test_another_folder_in_the_outboxs_place_gets_nothing",),
    ),
    Bug(
        "a torn line swallows the next receipt",
        "What was delivered after a power cut would be paid for again.",
        "receipts.py",
        '        if size and os.pread(descriptor, 1, size - 1) != b"\\n":\n',
        "        if size < 0:\n",
        (FILES + "test_receipts_survive_torn_lines_and_conflict_copies",),
    ),
]

SOURCES = [
    Bug(
        "the source is released by deliver",
        "The original would be gone before anybody wrote down that its result is there.",
        "steps/deliver.py",
        '    return Next(done, why=joined(f"delivered as {final.name}", left))\n',
        "    from hotpress.steps import release\n\n    return release.run(done, tools)\n",
        (
            ORDER + "test_killed_after_the_placing_the_source_is_still_there",
            ORDER + "test_the_delivery_is_written_down_before_the_source_moves",
        ),
    ),
    Bug(
        "put back replaces",
        "A new file that came under the source's name would be lost.",
        "steps/release.py",
        "            files.place(private, job.source.with_name(name))\n",
        "            private.replace(job.source.with_name(name))\n",
        (ORDER + "test_what_is_put_back_never_replaces_a_new_file",),
    ),
    Bug(
        "delete without comparing the hash",
        "Same size and time are not the same bytes, and nothing brings them back.",
        "steps/release.py",
        '    if job.rule.source == "delete":  #',
        '    if job.rule.source == "delete" and not same_file:  #',
        (ORDER + "test_delete_compares_the_very_bytes",),
    ),
    Bug(
        "release does not look for the private name",
        "After a crash a new file of that name would go in the source's place.",
        "steps/release.py",
        "    if private.exists():\n        return True\n",
        "",
        (ORDER + "test_killed_while_the_source_is_hidden_it_is_found_there",),
    ),
    Bug(
        "the copy in the archive is not compared",
        "A bad disk would keep the only copy.",
        "steps/dispose.py",
        "    if files.sha256_at(path) != sha256 or files.sha256_at(private) != sha256:\n",
        "    if files.sha256_at(private) != sha256:\n",
        (ORDER + "test_a_copy_in_the_archive_that_differs_leaves_the_source",),
    ),
    Bug(
        "many that vanished at once are cancelled",
        "An unmounted inbox would end every job in it.",
        "absent.py",
        '        verb = "missing" if many or self._another(admission, root) else "vanished"\n',
        '        verb = "missing" if self._another(admission, root) else "vanished"\n',
        (ABSENT + "test_many_at_once_end_nothing",),
    ),
    Bug(
        "an outcome need not be on disk",
        "A power cut after the source has moved would bring the job back as undelivered.",
        "store/database.py",
        'self._db = self._connect("FULL", _CACHE_KIB)',
        'self._db = self._connect("NORMAL", _CACHE_KIB)',
        (ORDER + "test_an_outcome_is_on_disk_before_it_is_believed",),
    ),
    Bug(
        "an older take may write",
        "Two runs of one job: the slower one would undo what the faster one wrote.",
        "store/sqlite.py",
        'f"UPDATE jobs SET {places} WHERE id = ? AND epoch = ?"',
        'f"UPDATE jobs SET {places} WHERE id = ? AND epoch >= min(0, ?)"',
        (STORE + "test_an_outcome_of_an_older_take_is_refused",),
    ),
    Bug(
        "a job may be cancelled while it is delivered",
        "Its result may stand in the outbox already.",
        "verbs.py",
        '        return None, "too late: its result is being delivered"\n',
        "        pass\n",
        (OUTCOMES + "test_no_cancel_once_deliver_has_begun",),
    ),
]

FINISHED = [
    Bug(
        "reserved space is asked of SEEK_HOLE alone",
        "Of a file that somebody has read, it calls what nobody wrote data: half a video is taken.",
        "media/reserved.py",
        "    if any(_within(e, start, end) for e in _unwritten(fd, 0)):\n",
        "    if False:\n",
        (CONTAINER + "test_the_last_piece_of_a_reserved_file",),
    ),
    Bug(
        "rsync's mark is overlooked",
        "Half a transport stream looks like a whole one.",
        "settle.py",
        "look.key[3] // _SECOND_NS == 0 and",
        "look.key[3] == 0 and",
        (SETTLE + "test_what_rsync_did_not_finish_waits_and_fails",),
    ),
    Bug(
        "a silent container rests for a fixed time",
        "Its writer pauses a little longer each time, and half of it is taken.",
        "settle.py",
        "        return max(SILENT_FACTOR * patience.settle, gaps)\n",
        "        return SILENT_FACTOR * patience.settle\n",
        (SETTLE + "test_a_silent_container_rests_twice_the_longest_pause",),
    ),
    Bug(
        "fragments without their index are whole",
        "A recorder that pauses between two of them has not finished.",
        "media/boxes.py",
        '    elif seen.fragmented and seen.last != b"mfra":\n',
        "    elif False:\n",
        (CONTAINER + "test_unknown",),
    ),
    Bug(
        "a fetched placeholder is finished",
        "What was only reserved is read as zeros, and would be delivered as a video.",
        "media/container.py",
        "gap, zeros = largest_gap(fd, start, end), _zeros(read, start, end)",
        "gap, zeros = 0, 0",
        (ONLINE + "test_a_reserved_file_is_not_taken_for_a_fetched_one",),
    ),
]

RULES = [
    Bug(
        "a video begins before its rules are understood",
        "Retried while its rule file is wrong, it goes to the cloud although that says local.",
        "worker.py",
        "        if job.unruled:",
        "        if False:",
        (HOUSE + "test_whoever_wakes_it_a_video_whose_rules_are_wrong_does_nothing",),
    ),
    Bug(
        "a synced folder may read variables",
        "Whoever shares the folder has the agent told this machine's token.",
        "config/infolder.py",
        "            unset.append(keys)\n",
        "            pass\n",
        (INFOLDER + "test_a_variable_of_this_machine_never_gets_into_words",),
    ),
    Bug(
        "a rule file is read while it is written",
        "Half of it is a rule, too, and another one.",
        "ruling.py",
        "            rest = max(rest, need - (now - known[1]))\n",
        "",
        (RULE_FILES + "test_nothing_is_read_while_it_is_being_written",),
    ),
    Bug(
        "what makes room is not compared",
        "A person saved their own file there a moment ago, and it goes.",
        "steps/replacing.py",
        "return not os.path.lexists(old) or files.sha256_at(old) == job.final.replaces",
        "return True",
        (REPLACING + "test_what_was_caught_instead_goes_back",),
    ),
    Bug(
        "any result of ours makes room",
        "The result of another video of the same name goes.",
        "store/known.py",
        "WHERE outbox = ? AND path = ? AND output = ? AND (? = '' OR inbox = ?)",
        "WHERE outbox = ? AND ? != \"\" AND output = ? AND (? = '' OR inbox = ?)",
        (
            REPLACING + "test_what_no_receipt_shows_to_be_ours_is_kept"
            "[a result of another source-other1]",
        ),
    ),
]

WATCHING = [
    Bug(
        "what is thrown away of the hints is not looked for",
        "More files at once than hints are kept: the rest would wait for the next rescan.",
        "watch/hints.py",
        "                self._rescan = self.spilled = True\n",
        "                self.spilled = True\n",
        (HINTS + "test_more_than_are_kept_ask_for_a_look_at_everything",),
    ),
    Bug(
        "a reader that has ended is not missed",
        "The thread that hands events on lives, and none would ever come again.",
        "watch/observer.py",
        "        threads = (*self._observer.emitters, *filter(None, [self.reader]))\n",
        "        threads = tuple(self._observer.emitters)\n",
        (WATCH + "test_a_reader_that_has_ended_is_noticed_and_another_one_reads",),
    ),
    Bug(
        "another folder in the inbox's place is not noticed",
        "What is mounted over it, or made anew, would have no events.",
        "watch/observer.py",
        "        return living and _key(self._root) == self._key\n",
        "        return living\n",
        (WATCH + "test_a_folder_that_is_another_now_is_watched_anew[renamed away]",),
    ),
    Bug(
        "a folder that may not be looked into is passed over",
        "Its videos would wait there, and nobody would say why.",
        "watch/walk.py",
        "            found = [Found(prefix[:-1], takes.UNREADABLE, folder)]\n"
        "            yield Listing(prefix, [], found, entered=False)\n",
        "",
        (WATCH + "test_a_folder_that_may_not_be_looked_into_is_said",),
    ),
    Bug(
        "what has left is forgotten",
        "Mended elsewhere under its old size and time, a failed video would never be tried again.",
        "hotfolder.py",
        "        self.gone[relative] = self.done.pop(relative)\n",
        "        del self.done[relative]\n",
        (MENDED + "test_one_that_left_and_came_back_mended_is_another_try",),
    ),
]

BUGS = [*FINISHED, *MESSAGES, *RENDERS, *RESULTS, *RULES, *SOURCES, *WATCHING]
