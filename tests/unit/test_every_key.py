"""Each key of the config has a test that shows what it does, not only that it is read."""

import ast
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

from hotpress.config import fields
from hotpress.config.settings import Inbox, MatchRule, OutputSettings, RuleSettings, Settings

TESTS = Path(__file__).parents[1]
SHOWN = {
    "cloud.api_url": "integration/test_contract_requests.py::test_every_request",
    "cloud.web_url": "integration/test_contract_token.py::test_claim_token",
    "cloud.token": "integration/test_contract_token.py::test_nemo_token_set_use_it",
    "cloud.client_id": "integration/test_contract_token.py::"
    "test_nemo_client_id_is_used_and_no_file_is_made",
    "cloud.language": "unit/test_asking.py::test_which_language",
    "cloud.budget.per_day": "e2e/test_money.py::test_a_budget_a_day_is_kept",
    "cloud.budget.per_month": "unit/test_money.py::test_budgets_of_a_day_and_a_month_hold",
    "cloud.budget.reserve": "unit/test_money.py::test_a_reserve_is_never_spent",
    "cloud.estimate": "unit/test_key_effects.py::"
    "test_the_estimate_is_what_people_are_told_before_anything_was_charged",
    "cloud.max_upload": "integration/test_made_here.py::"
    "test_what_is_over_the_limit_is_shrunk_to_97_to_99_percent",
    "cloud.plain_http": "integration/test_contract_render.py::"
    "test_plain_http_that_is_allowed_does_not_open_the_house",
    "cloud.skill_version": "integration/test_contract_requests.py::test_skill_version_is_a_setting",
    "cloud.platform": "integration/test_contract_requests.py::test_platform",
    "cloud.timing.render_poll": "integration/test_steps_cloud.py::"
    "test_render_is_never_polled_sooner_than_every_thirty_seconds",
    "cloud.timing.rate_limit_wait": "unit/test_policy.py::"
    "test_a_pause_is_as_long_as_the_cloud_says_and_grows_when_it_does_not",
    "cloud.timing.stream_limit": "integration/test_contract_stream.py::test_at_most_15_minutes",
    "cloud.timing.stream_silence": "integration/test_contract_stream.py::test_silence",
    "cloud.timing.after_break": "integration/test_steps_cloud.py::"
    "test_an_edit_after_a_broken_stream_is_taken_only_when_it_stays",
    "cloud.timing.recheck": "integration/test_steps_cloud.py::"
    "test_looks_after_a_broken_stream_go_on_until_its_limit",
    "cloud.timing.recheck_times": "integration/test_steps_cloud.py::"
    "test_looks_after_a_broken_stream_go_on_until_its_limit",
    "cloud.timing.working_note": "integration/test_contract_stream.py::"
    "test_still_working_every_2_minutes",
    "cloud.timing.credits_look": "unit/test_key_effects.py::"
    "test_what_is_held_is_looked_at_as_often_as_is_set",
    "cloud.timing.token_retry": "integration/test_contract_token.py::"
    "test_a_refusal_that_names_no_time_waits_as_long_as_is_set",
    "cloud.timing.upload_look": "integration/test_slow_answers.py::"
    "test_an_upload_is_absent_only_after_a_look_that_began_past_its_limit",
    "cloud.timing.render_look": "integration/test_slow_answers.py::"
    "test_an_unknown_render_is_looked_for_at_least_three_times",
    "cloud.timing.offline_look": "unit/test_key_effects.py::"
    "test_what_is_held_is_looked_at_as_often_as_is_set",
    "target_size": "unit/test_decide.py::test_the_smaller_ceiling_wins",
    "max_rate": "unit/test_decide.py::test_the_smaller_ceiling_wins",
    "resolution": "unit/test_media_fit.py::test_frame",
    "instructions": "unit/test_asking.py::test_own_words_may_ask_for_values",
    "route": "unit/test_decide.py::test_every_reason_of_the_route",
    "auto_after": "unit/test_key_effects.py::test_auto_goes_on_here_after_the_time_that_is_set",
    "codec": "integration/test_made_here.py::test_other_codecs_land_too",
    "encoder": "unit/test_media_encoder.py::test_asked_for",
    "fps": "integration/test_made_here.py::test_fewer_pictures_a_second",
    "audio_bitrate": "integration/test_made_here.py::test_a_rate_for_the_sound",
    "oversize": "unit/test_decide.py::test_oversize_refused_is_said_before_anything_is_paid",
    "already_small": "integration/test_made_here.py::"
    "test_already_small_is_copied_skipped_or_compressed",
    "min_saving": "integration/test_made_here.py::"
    "test_where_nothing_is_gained_the_original_is_delivered",
    "quality_floor": "integration/test_made_here.py::"
    "test_a_target_below_the_floor_is_held_before_anything_is_paid",
    "hdr": "integration/test_made_here.py::test_kept_hdr_stays_hdr",
    "metadata": "integration/test_media_belongings.py::test_stripped",
    "source": "e2e/test_holding.py::test_released_sources_go_where_the_rule_says",
    "archive_to": "e2e/test_folders.py::test_an_archive_below_the_inbox_is_never_watched",
    "propagates_deletion": "e2e/test_holding.py::"
    "test_in_a_synced_folder_nothing_is_deleted_without_a_clear_yes",
    "output": "unit/test_key_effects.py::test_the_words_in_a_name_are_filled_in",
    "outputs": "e2e/test_outputs.py::test_one_drop_three_results_one_upload",
    "outputs.name": "e2e/test_outputs.py::test_one_drop_three_results_one_upload",
    "collision": "integration/test_replacing.py::"
    "test_an_earlier_result_of_the_same_source_makes_room",
    "existing": "e2e/test_holding.py::test_existing_all_and_none",
    "online_only": "integration/test_online.py::test_one_that_is_to_wait_is_not_opened",
    "session": "e2e/test_ask_and_batch.py::test_five_files_in_one_session_one_by_one",
    "words": "integration/test_rule_files.py::test_words_off_leaves_text_files_alone",
    "links": "integration/test_web_links.py::test_links_are_left_alone_where_nobody_wants_them",
    "hours": "e2e/test_holding.py::test_closed_hours_hold_back_only_the_cloud",
    "include": "unit/test_config.py::test_include_and_exclude_say_which_videos_are_wanted",
    "exclude": "integration/test_takes.py::test_what_the_rules_leave_out_is_no_job_and_is_counted",
    "companions": "integration/test_companions.py::test_the_rule_may_say_ignore",
    "inboxes.name": "unit/test_config.py::test_inboxes_without_a_name_get_one_from_their_path",
    "inboxes.path": "e2e/test_reload.py::"
    "test_an_inbox_of_the_same_name_at_another_path_is_another_folder",
    "inboxes.outbox": "e2e/test_seven_clips.py::test_seven_real_clips_through_two_inboxes",
    "inboxes.timezone": "unit/test_opening.py::test_hours_are_those_of_the_time_zone_that_is_named",
    "inboxes.priority": "unit/test_key_effects.py::"
    "test_priority_and_order_of_an_inbox_are_its_turns",
    "inboxes.order": "unit/test_key_effects.py::test_priority_and_order_of_an_inbox_are_its_turns",
    "inboxes.limits.uploads": "unit/test_slots.py::test_an_inbox_has_at_most_what_its_limits_say",
    "inboxes.limits.cloud_jobs": "unit/test_slots.py::"
    "test_jobs_in_the_cloud_count_for_their_inbox_alone",
    "inboxes.limits.encodes": "unit/test_slots.py::"
    "test_limits_of_an_inbox_never_give_it_more_than_there_is",
    "inboxes.limits.upload_rate": "integration/test_whole_house.py::"
    "test_an_upload_keeps_to_the_rate_of_its_inbox",
    "inboxes.budget.per_day": "unit/test_money.py::"
    "test_an_inbox_has_a_budget_of_its_own_within_that_of_all",
    "inboxes.budget.per_month": "unit/test_money.py::"
    "test_an_inbox_has_a_budget_of_its_own_within_that_of_all",
    "inboxes.watch.mode": "unit/test_live.py::"
    "test_an_inbox_is_watched_by_its_own_values_over_those_of_all",
    "inboxes.watch.settle": "unit/test_key_effects.py::test_an_inbox_may_be_watched_in_its_own_way",
    "inboxes.watch.patience": "unit/test_key_effects.py::"
    "test_an_inbox_may_be_watched_in_its_own_way",
    "inboxes.watch.rescan": "unit/test_key_effects.py::test_an_inbox_may_be_watched_in_its_own_way",
    "inboxes.watch.poll": "unit/test_key_effects.py::test_an_inbox_may_be_watched_in_its_own_way",
    "inboxes.rules.match": "unit/test_config.py::"
    "test_the_first_matching_rule_wins_over_the_inbox_and_the_defaults",
    "limits.uploads": "e2e/test_reload.py::test_limits_count_at_once",
    "limits.cloud_jobs": "unit/test_slots.py::"
    "test_limits_of_an_inbox_never_give_it_more_than_there_is",
    "limits.encodes": "unit/test_slots.py::test_an_inbox_has_at_most_what_its_limits_say",
    "limits.upload_rate": "unit/test_opening.py::test_the_first_span_that_holds_gives_the_rate",
    "limits.free_space": "chaos/test_disks.py::test_room_that_is_to_stay_free_stays_free",
    "watch.mode": "integration/test_watching.py::test_a_mode_that_is_changed_is_followed",
    "watch.settle": "unit/test_settle.py::"
    "test_a_whole_file_that_nobody_writes_is_settled_after_the_settle_time",
    "watch.patience": "unit/test_settle.py::"
    "test_an_incomplete_container_is_told_and_waits_for_patience",
    "watch.rescan": "unit/test_key_effects.py::test_folders_are_looked_at_as_often_as_is_set",
    "watch.poll": "unit/test_key_effects.py::test_folders_are_looked_at_as_often_as_is_set",
    "page.listen": "integration/test_page.py::test_a_port_that_is_taken_is_told_and_ends_nothing",
    "page.password": "integration/test_page.py::"
    "test_with_a_password_nothing_is_told_before_it_is_said",
    "page.hosts": "integration/test_page.py::test_other_names_only_as_the_config_says",
    "notify.url": "integration/test_messenger.py::test_fifty_deliveries_are_one_post",
    "notify.command": "integration/test_messenger.py::test_a_program_reads_the_job",
    "notify.events": "unit/test_notices.py::test_only_who_wants_to_know_is_told",
    "notify.names": "unit/test_notices.py::test_names_only_where_they_were_asked_for",
    "notify.quiet": "unit/test_notices.py::test_quiet_hours_keep_it_for_later",
    "history": "integration/test_long_life.py::"
    "test_only_what_ended_long_ago_and_concerns_nobody_is_forgotten",
    "log.level": "unit/test_key_effects.py::test_the_log_is_as_the_config_says",
    "log.format": "unit/test_key_effects.py::test_the_log_is_as_the_config_says",
}


def keys_of(model: type[BaseModel], prefix: str = "") -> set[str]:
    """All that can be written, each once: a rule's keys are the same wherever they stand."""
    found = set()
    rule = RuleSettings.model_fields.keys()
    for name, info in model.model_fields.items():
        section = fields.section_of(info)
        if model in (Inbox, MatchRule, OutputSettings) and name in rule:
            continue
        if name == "notify" and model is Inbox:  # the same as for all
            continue
        if section is RuleSettings:
            found |= keys_of(section)
        elif section is not None:
            found |= keys_of(section, f"{prefix}{name}.")
            found |= {name} if name == "outputs" else set()
        else:
            found.add(f"{prefix}{name}")
    return found


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_key_has_a_test_that_shows_what_it_does():
    """A key that is added fails here until somebody shows its effect and names the test."""
    assert SHOWN.keys() == keys_of(Settings)


@pytest.mark.parametrize("key", SHOWN)
def test_the_test_that_is_named_is_there(key):
    """Renamed or deleted, it has to be named again."""
    file, _, name = SHOWN[key].partition("::")
    assert name in names_in(file)
