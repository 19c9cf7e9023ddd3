"""The three codecs that a rule may ask for, and how ffmpeg is told about each: pure."""

from __future__ import annotations

from dataclasses import dataclass

from hotpress.errors import MediaError
from hotpress.media.command import THREADS
from hotpress.media.encoder import Encoder
from hotpress.model import Facts

_LONGEST_GROUP_SECONDS = 10  # between two frames that one can jump to
_LONGEST_GROUP_FRAMES = 250  # x264's own default
# From here on ffmpeg hands -pass and -passlogfile on to x265 (9 does, measured 2026-11); an older
# one makes single passes, which land with more tries.
_X265_PASSES_SINCE = (9, 0)


@dataclass(frozen=True, slots=True)
class Codec:
    """`quality` is the CRF at which hardly anyone sees a difference, on the codec's own scale."""

    name: str
    library: str
    quality: int
    preset: str  # beyond it, time grows and quality hardly does (measured 2026-11)

    def two_pass(self, encoder: Encoder) -> bool:
        """Can it use what a first pass has learned?"""
        if self.library == "libx265":
            return encoder.number >= _X265_PASSES_SINCE
        return self.library == "libx264"

    def words(self, facts: Facts, preset: str | None) -> list[str]:
        """The pictures' encoder; rate and pass are added by who calls."""
        longest = round((facts.fps or 30) * _LONGEST_GROUP_SECONDS)
        group = min(_LONGEST_GROUP_FRAMES, max(1, longest))
        words = ["-c:v", self.library, "-preset", preset or self.preset, "-g", str(group)]
        if self.library == "libx265":
            # Apple's players know HEVC by no other name than hvc1.
            return [*words, "-tag:v", "hvc1", "-x265-params", f"log-level=none:pools={THREADS}"]
        if self.library == "libsvtav1":
            return [*words, "-svtav1-params", f"lp={THREADS}"]
        return [*words, "-threads", str(THREADS)]


# x264 `slow`: `slower` gains 0.3 points for half as much time again. The same scale gives 20 for
# x265 and about 25 for SVT-AV1 (docs/quality.md).
CODECS = {
    "h264": Codec("h264", "libx264", 18, "slow"),
    "hevc": Codec("hevc", "libx265", 20, "medium"),
    "av1": Codec("av1", "libsvtav1", 25, "6"),
}


def find(name: str, encoder: Encoder) -> Codec:
    """The codec by the rule's word. Raises MediaError where the encoder doesn't have it."""
    codec = CODECS[name]
    if codec.library not in encoder.encoders:
        raise MediaError(
            f"{encoder.path} can't make {name}",
            "Set `encoder: auto`, or `codec: h264`; `hotpress check` shows the encoder.",
        )
    return codec
