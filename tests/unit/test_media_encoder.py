"""Which encoder is taken. The programs are small scripts that answer as ffmpeg does."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotpress.errors import MediaError
from hotpress.media import encoder


def pretend(folder: Path, version: str, *, vmaf: bool = True, x264: bool = True) -> Path:
    """A program that claims to be ffmpeg."""
    path = folder / "ffmpeg"
    codecs = " V....D libx264  H.264\\n" if x264 else ""
    path.write_text(
        "#!/bin/sh\n"
        'case "$2" in\n'
        f'-version) printf "ffmpeg version {version} Copyright\\n" ;;\n'
        f'-encoders) printf "Encoders:\\n{codecs} A....D aac  AAC\\n" ;;\n'
        f'-filters) printf " .. scale V->V x\\n{" .. libvmaf VV->V x" if vmaf else ""}\\n" ;;\n'
        "esac\n"
    )
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is set, and the PATH has what the test puts there."""
    monkeypatch.delenv("HOTPRESS_FFMPEG", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


def test_bundled_when_nothing_else() -> None:
    """A plain `pip install` has all that is needed."""
    found = encoder.find()
    assert "imageio_ffmpeg" in found.path
    assert {"libx264", "aac"} <= found.encoders
    assert {"libvmaf", "zscale", "tonemap", "bwdif"} <= found.filters
    assert found.number >= (6, 0)


def test_path_when_new_and_whole(tmp_path: Path) -> None:
    """From version 6 on, with libx264 and libvmaf."""
    path = pretend(tmp_path, "6.1.1-3ubuntu5")
    found = encoder.find()
    assert found.path == str(path)
    assert found.number == (6, 1)
    assert found.encoders == {"libx264", "aac"}


@pytest.mark.parametrize(
    ("version", "vmaf", "x264"),
    [
        ("5.1.9", True, True),
        ("7.0", False, True),
        ("7.0", True, False),
        ("?", True, True),
    ],
)
def test_path_when_not(tmp_path: Path, version: str, vmaf: bool, x264: bool) -> None:
    """Otherwise the bundled one."""
    pretend(tmp_path, version, vmaf=vmaf, x264=x264)
    assert "imageio_ffmpeg" in encoder.find().path


def test_broken_one_on_path(tmp_path: Path) -> None:
    """A program that fails is passed over."""
    (tmp_path / "ffmpeg").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "ffmpeg").chmod(0o755)
    assert "imageio_ffmpeg" in encoder.find().path


def test_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old one serves when it is asked for; the environment wins over the setting."""
    old = tmp_path / "old"
    old.mkdir()
    path = pretend(old, "5.1.9", vmaf=False)
    assert encoder.find(str(path)).version == "5.1.9"
    monkeypatch.setenv("HOTPRESS_FFMPEG", str(path))
    assert encoder.find("/nowhere/ffmpeg").path == str(path)


def test_changed_program_is_asked_again(tmp_path: Path) -> None:
    """An upgrade while the daemon runs."""
    path = pretend(tmp_path, "6.0")
    assert encoder.find(str(path)).number == (6, 0)
    path.unlink()
    pretend(tmp_path, "7.1")
    assert encoder.find(str(path)).number == (7, 1)


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("/nowhere/ffmpeg", "the encoder /nowhere/ffmpeg is not there, or is no program"),
        ("/bin/true", "is no ffmpeg"),
        ("/bin/false", "does not work"),
    ],
)
def test_unusable(setting: str, why: str) -> None:
    """Each with a sentence and a next step."""
    with pytest.raises(MediaError, match=why) as found:
        encoder.find(setting)
    assert "encoder: auto" in found.value.hint


def test_without_x264(tmp_path: Path) -> None:
    """What was asked for and can't do it is refused."""
    path = pretend(tmp_path, "7.0", x264=False)
    with pytest.raises(MediaError, match="can't encode libx264"):
        encoder.find(str(path))
