"""The packages: the same bytes wherever they are made, whole, and each way in README works."""

import email
import importlib.util
import os
import pwd
import re
import subprocess
import tarfile
import zipfile
from pathlib import Path

import clips
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
WAYS = re.search(r"^## Install\n.*?^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PAGE = (ROOT / "docs/operations.md").read_text("utf-8")
EPOCH = "1700000000"  # what is newer gets this time


def run(*words, cwd=ROOT, **variables):
    env = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, **variables}
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """What scripts/package makes (and checks with twine and check-wheel-contents)."""
    folder = tmp_path_factory.mktemp("dist")
    said = run("scripts/package", "wheel", "manual", HOTPRESS_DIST=str(folder))
    assert said.count("PASSED") == 2
    assert ".whl: OK" in said
    return folder


def test_the_same_commit_gives_the_same_bytes_wherever_it_is_made(dist, tmp_path):
    """Built from the source archive, in another folder, with another umask: both are equal."""
    [source], [wheel] = dist.glob("*.tar.gz"), dist.glob("*.whl")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    [inside] = tmp_path.iterdir()
    build = "umask 077; exec python -m build --no-isolation --outdir ../again ."
    run("bash", "-c", build, cwd=inside)
    for each in (source, wheel):
        assert (tmp_path / "again" / each.name).read_bytes() == each.read_bytes(), each.name
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"hotpress", "hotpress-0.1.0.dist-info"}
    assert "hotpress/store/schema.sql" in names
    for part in ("tests", "docs", "scripts", "systemd", "launchd", "container", "bench"):
        assert (inside / part).is_dir()


@pytest.mark.parametrize("way", WAYS[1].splitlines())
def test_each_way_of_the_readme_installs_a_hotpress_that_works(dist, tmp_path, way):
    """Outside the checkout, in a home of its own; the built wheel stands for its name.

    The one by pip also makes a video smaller: `hotpress demo`. Each is upgraded and goes by the
    lines of docs/operations.md.
    """
    [wheel] = dist.glob("*.whl")
    line = re.sub(r"install hotpress$", f"install {wheel}", way)
    assert line != way
    # What was fetched for these tests' own environment is not fetched again.
    kept = Path(pwd.getpwuid(os.getuid()).pw_dir, ".cache")
    env = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(kept), "PIP_NO_COMPILE": "1"}

    def say(*words):
        done = subprocess.run(
            words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    say("bash", "-euc", line)
    bare = tmp_path / "hotpress/bin/hotpress"
    program = bare if bare.exists() else tmp_path / ".local/bin/hotpress"
    assert say(str(program), "--version") == "hotpress 0.1.0\n"
    python = program.resolve().parent / "python"
    where = "import hotpress; print(hotpress.__file__)"
    assert not Path(say(str(python), "-c", where).strip()).is_relative_to(ROOT)
    if program == bare:
        said = say(str(program), "demo", str(clips.kept("small")))
        assert "nothing was uploaded, no credits used" in said
    tool = way.split()[0] if program != bare else "~/hotpress/bin/pip"
    [upgrade] = re.findall(rf"^{tool}.* (?:--)?upgrade hotpress$", PAGE, re.MULTILINE)
    say("bash", "-euc", upgrade.replace("--upgrade hotpress", f"--upgrade {wheel}"))
    assert program.exists()
    gone = "rm -r ~/hotpress" if program == bare else f"{tool}.* uninstall hotpress"
    [remove] = re.findall(rf"^{gone}$", PAGE, re.MULTILINE)
    say("bash", "-euc", remove)
    assert not program.is_symlink()
    assert not program.exists()


@pytest.mark.system
def test_the_debian_package_has_everything_in_its_place(dist, tmp_path, monkeypatch):
    """Without the parts of others (`scripts/long deb` has them): files, rights, texts, units."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    spec = importlib.util.spec_from_file_location("debian", ROOT / "scripts/debian.py")
    debian = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(debian)
    root, package = tmp_path / "root", tmp_path / "hotpress.deb"
    name = debian.filled(root, dist, "--no-deps")
    debian.build(root, package)
    debian.filled(tmp_path / "again", dist, "--no-deps")
    debian.build(tmp_path / "again", tmp_path / "again.deb")
    assert (tmp_path / "again.deb").read_bytes() == package.read_bytes()
    out = tmp_path / "out"
    run("dpkg-deb", "--raw-extract", str(package), str(out))
    about = email.message_from_string((out / "DEBIAN/control").read_text())
    assert name == f"hotpress_{about['Version']}_{about['Architecture']}.deb"
    [python] = out.glob("usr/lib/hotpress/lib/python3.*")
    assert f"python3 (>= {python.name.removeprefix('python')}~)" in about["Depends"]

    assert str((out / "usr/bin/hotpress").readlink()) == "../lib/hotpress/bin/hotpress"
    program = (out / "usr/lib/hotpress/bin/hotpress").read_text()
    assert program.startswith("#!/usr/lib/hotpress/bin/python3 -I\n")
    for place in ("system/hotpress@.service", "user/hotpress.service"):
        unit = (out / "usr/lib/systemd" / place).read_text()
        assert "\nExecStart=/usr/bin/hotpress --config " in unit
    for place in debian.SHELLS.values():
        assert "_HOTPRESS_COMPLETE" in (out / place).read_text()
    pages = {path.name for path in out.glob("usr/share/man/man?/*.gz")}
    assert pages == {f"{path.name}.gz" for path in (dist / "man").iterdir()}
    docs = {path.name for path in (out / "usr/share/doc/hotpress").iterdir()}
    assert {"copyright", "changelog.gz", "changelog.Debian.gz", "README.Debian"} <= docs
    assert "hotpress 0.1.0: MIT" in (out / "usr/share/doc/hotpress/copyright").read_text()
    kept = [path for path in out.rglob("*") if path.is_file() and str(tmp_path) in _text(path)]
    assert kept == [], "nothing of the machine that made it"
    assert run("md5sum", "--quiet", "--check", "DEBIAN/md5sums", cwd=out) == ""
    for script in ("postinst", "prerm", "postrm"):
        run("sh", "-n", str(out / "DEBIAN" / script))


def _text(path):
    return path.read_text("latin-1")
