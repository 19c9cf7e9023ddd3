"""The words for the agent: concrete, in the person's language, and understood by the stand-in."""

from dataclasses import replace

import pytest
from makers import FULL_HD, a_job

from hotpress.model import Rule, Session
from hotpress.standin.agent import understand
from hotpress.steps.asking import language, words

RULE = Rule(target_bytes=60_000_000, resolution="720p", max_bits_per_second=None)


def said(code="en", rule=RULE, **changes):
    return words(a_job(rule=rule, **changes), FULL_HD, code)


def test_english_as_the_service_advises():
    """Size, resolution, quality, sound, and nothing more."""
    assert said() == (
        "compress this video to under 60MB at 720p without losing noticeable quality; "
        "keep the original sound; add nothing"
    )


def test_chinese_says_the_same():
    """By the session's language; the person's own words are left as they are."""
    found = said("zh", replace(RULE, instructions="剪掉前2秒"))

    assert found == (
        "请将这个视频压缩到60MB以内，分辨率720p，画质不要有明显损失；保留原声；"
        "剪掉前2秒；不要添加其他内容"
    )


@pytest.mark.parametrize("code", ["en", "zh", "zh-TW", "fr"])
def test_each_language_is_understood_alike(code):
    """The ceiling and the resolution arrive; a language without words of ours gets English."""
    wish = understand(said(code))
    assert (wish.target_bytes, wish.short_side) == (60_000_000, 720)
    assert wish.chinese is code.startswith("zh")


def test_own_words_may_ask_for_values():
    """`{target}`, `{resolution}` and `{name}` are filled in; other braces are left alone."""
    found = said(rule=replace(RULE, instructions="title {name}, {target}, {resolution}, {x}"))
    assert "title clip.mov, 60 MB, 720p, {x}" in found


def test_in_a_shared_session_one_video_is_named():
    """So that the agent leaves the others alone."""
    session = Session(id="s", token=0, task="t", upload_name="video-1.mp4", made_at=0, shared=True)
    assert said(session=session).startswith("compress only the video video-1.mp4 to")
    assert "仅视频video-1.mp4" in said("zh", session=session)


@pytest.mark.parametrize(
    ("setting", "own", "locale", "code"),
    [
        ("de", "", "en_US.UTF-8", "de"),
        ("auto", "剪掉前2秒", "en_US.UTF-8", "zh"),
        ("auto", "cut it", "zh_CN.UTF-8", "en"),
        ("auto", "", "zh_CN.UTF-8", "zh"),
        ("auto", "", "C.UTF-8", "en"),
    ],
)
def test_which_language(setting, own, locale, code):
    """As set, else by the instructions' script, else the locale's."""
    assert language(a_job(rule=replace(RULE, instructions=own)), setting, locale) == code
