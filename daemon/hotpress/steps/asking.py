"""The words for the agent: concrete, as the service advises; the same for the same rule. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from hotpress.human import size_text
from hotpress.model import Facts, Job
from hotpress.steps import decide


@dataclass(frozen=True, slots=True)
class _Phrases:
    """One language. `{which}` is a video, `{size}` a ceiling, `{resolution}` such as `720p`."""

    this_video: str
    only_video: str
    compress: str
    keep_sound: str
    nothing: str
    nothing_else: str
    between: str


_ENGLISH = _Phrases(
    this_video="this video",
    only_video="only the video {name}",
    compress="compress {which} to under {size} at {resolution} without losing noticeable quality",
    keep_sound="keep the original sound",
    nothing="add nothing",
    nothing_else="add nothing else",
    between="; ",
)
_CHINESE = _Phrases(
    this_video="这个视频",
    only_video="仅视频{name}",
    compress="请将{which}压缩到{size}以内，分辨率{resolution}，画质不要有明显损失",
    keep_sound="保留原声",
    nothing="不要添加任何内容",
    nothing_else="不要添加其他内容",
    between="；",
)
_BY_LANGUAGE: Mapping[str, _Phrases] = {"en": _ENGLISH, "zh": _CHINESE}


def words(job: Job, facts: Facts, code: str) -> str:
    """The whole message, in the language of this ISO code where it is known, else in English."""
    if job.asked:
        return job.rule.instructions
    say = _BY_LANGUAGE.get(code.partition("-")[0].lower(), _ENGLISH)
    ceiling, (width, height) = decide.target(job, facts), decide.frame(job, facts)
    resolution = f"{min(width, height)}p"
    which = say.this_video
    if job.session is not None and job.session.shared:
        which = say.only_video.format(name=job.session.upload_name)
    size = size_text(ceiling).replace(" ", "")
    parts = [say.compress.format(which=which, size=size, resolution=resolution), say.keep_sound]
    if job.rule.instructions:
        name = PurePosixPath(job.relative).name
        parts.append(_filled(job.rule.instructions, size_text(ceiling), resolution, name))
    parts.append(say.nothing_else if job.rule.instructions else say.nothing)
    return say.between.join(parts)


def _filled(words: str, target: str, resolution: str, name: str) -> str:
    """A person's own words, with what they ask to have filled in."""
    for mark, value in (("{target}", target), ("{resolution}", resolution), ("{name}", name)):
        words = words.replace(mark, value)
    return words


def language(job: Job, setting: str, locale: str) -> str:
    """An ISO code: as set, else from the instructions' script, else the locale's."""
    if setting != "auto":
        return setting
    if any("\u4e00" <= c <= "\u9fff" for c in job.rule.instructions):
        return "zh"
    if job.rule.instructions:
        return "en"
    code = locale.partition(".")[0].partition("_")[0].lower()
    return code if len(code) == 2 and code.isalpha() else "en"
