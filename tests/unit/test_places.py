"""Where things are: what a person says, as a whole path."""

from pathlib import Path

from hotpress import places


def test_a_path_is_whole_whoever_works_with_it(tmp_path, monkeypatch):
    """`--state-dir st` is below the folder where it was typed, also for an encoder's own folder."""
    monkeypatch.chdir(tmp_path)
    found = places.find(Path("c.yaml"), Path("st"))
    assert (found.config, found.state) == (tmp_path / "c.yaml", tmp_path / "st")
    assert places.find(Path("~/c.yaml"), None).config == Path.home() / "c.yaml"
    monkeypatch.setenv("HOTPRESS_STATE_DIR", "there")
    assert places.find(None, None).state == tmp_path / "there"
