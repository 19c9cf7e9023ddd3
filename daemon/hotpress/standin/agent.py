"""What the agent understands of a message, and what it says about it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNIT_BYTES = {
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}
NUMBER = r"(\d+(?:[.,]\d+)?)"
SIZE = rf"{NUMBER}\s*([kmg]i?b)"
SIZES = (
    re.compile(
        r"(?:under|below|at most|max(?:imum)?(?: of)?|(?:less|smaller|fewer) than|within|up to|to"
        r"|不超过|不大于|小于|低于|最多)\s*(?:about\s*)?" + SIZE,
        re.IGNORECASE,
    ),
    re.compile(SIZE + r"\s*(?:or less|or smaller|max|以内|以下)", re.IGNORECASE),
)
BOX = re.compile(r"(\d{2,4})\s*[x×*]\s*(\d{2,4})", re.IGNORECASE)
SHORT_SIDE = re.compile(r"(\d{2,4})\s*p\b", re.IGNORECASE)
CUT = re.compile(
    rf"(?:cut|remove|trim|drop|delete|skip)\s+(?:off\s+)?(?:the\s+)?(first|last)\s+{NUMBER}\s*s",
    re.IGNORECASE,
)
CUT_CHINESE = re.compile(rf"(?:删除|删掉|去掉|剪掉|剪去)(?:视频)?(?:的)?(前|最后){NUMBER}\s*秒")
MUTE = re.compile(r"\bmute\b|(?:without|no|remove(?: the)?)\s+(?:sound|audio)|静音", re.IGNORECASE)
MUSIC = re.compile(
    r"add\s+(?:some\s+|a\s+|background\s+)*(?:music|bgm)|加.{0,4}音乐", re.IGNORECASE
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Wish:
    """A message, understood. None and 0 mean: it says nothing about that."""

    target_bytes: int | None = None
    short_side: int | None = None
    box: tuple[int, int] | None = None
    cut_first_ms: int = 0
    cut_last_ms: int = 0
    mute: bool = False
    music: bool = False
    chinese: bool = False


def understand(message: str) -> Wish:
    """Read size, resolution, cuts and sound out of a message in English or Chinese."""
    cuts = {"first": 0, "last": 0}
    for end, number in [*CUT.findall(message), *CUT_CHINESE.findall(message)]:
        cuts["first" if end.lower() in ("first", "前") else "last"] += round(_float(number) * 1000)
    box = BOX.search(message)
    sides = SHORT_SIDE.findall(message)
    return Wish(
        target_bytes=_size(message),
        # The last one counts: "this 2160p clip into 1080p".
        short_side=int(sides[-1]) if sides else None,
        box=(int(box[1]), int(box[2])) if box else None,
        cut_first_ms=cuts["first"],
        cut_last_ms=cuts["last"],
        mute=bool(MUTE.search(message)),
        music=bool(MUSIC.search(message)),
        chinese=bool(CHINESE.search(message)),
    )


def _size(message: str) -> int | None:
    for pattern in SIZES:
        found = pattern.search(message)
        if found:
            return int(_float(found[1]) * UNIT_BYTES[found[2].lower()])
    return None


def _float(number: str) -> float:
    return float(number.replace(",", "."))


def named(message: str, filenames: list[str]) -> frozenset[str]:
    """The uploaded files that a message names."""
    return frozenset(name for name in filenames if name in message)


def words(wish: Wish, frame: tuple[int, int], *, screen: bool) -> str:
    """What the agent says after an edit; with `screen`, as if its user sat before one."""
    if wish.chinese:
        text = f"完成了：画面 {frame[0]}x{frame[1]}。"
        return text + ("点击“导出”按钮即可下载。" if screen else "")
    text = f"Done: the frame is {frame[0]}x{frame[1]}"
    if wish.target_bytes is not None:
        text += f", the file stays under {wish.target_bytes / 1e6:.1f} MB"
    return text + ('. Click "Export" to download it.' if screen else ".")


def poor_words(user_id: str) -> str:
    """What the agent says when the credits are out and it says so in words."""
    return (
        "Insufficient credits (code 2001). Please register to continue: "
        f"https://nemovideo.com/register?bind={user_id}"
    )
