import pytest

from hotpress.names import enters, kind_of, safe_name, wishes


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("clip.mp4", "video"),
        ("CLIP.MOV", "video"),
        ("photo.jpg", "jpg"),
        ("README", "other"),
        (".hidden.mp4", "hidden"),
        ("clip.lrf", "proxy"),
        (".syncthing.clip.mp4.tmp", "arriving"),
        ("~syncthing~clip.mp4.tmp", "arriving"),
        (".clip.mp4.s83yeD", "arriving"),
        ("clip.mp4.aria2", "arriving"),
        ("clip.mp4.crdownload", "arriving"),
        ("Unconfirmed 123.crdownload", "arriving"),
        ("clip.mp4.part", "arriving"),
        ("clip.mp4.!sync", "arriving"),
        ("clip.mp4.filepart", "arriving"),
        ("clip.mp4.tmp.drivedownload", "arriving"),
        (".~lock.clip.mp4#", "arriving"),
        ("clip.temp.mp4", "arriving"),
        ("clip.f137.mp4", "arriving"),
        (".fuse_hidden0001", "arriving"),
        (".clip.mp4.icloud", "arriving"),
        ("clip.mp4~", "arriving"),
    ],
)
def test_kinds(name, kind):
    """A half file of any sync client, browser or copier is no video yet."""
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    "folder", [".stversions", "@eaDir", "#recycle", "My.photoslibrary", ".hotpress", "lost+found"]
)
def test_system_folders_and_libraries_are_not_entered(folder):
    """Nothing in them was dropped by a person."""
    assert not enters(folder)


@pytest.mark.parametrize(
    ("wish", "safe"),
    [
        ("clip.mp4", "clip.mp4"),
        ('a<b>:"|?*.mp4', "a_b______.mp4"),
        ("con.mp4", "_con.mp4"),
        ("trailing. .mp4", "trailing.mp4"),
        ("new\nline.mp4", "new_line.mp4"),
        ("é" * 200 + ".mp4", "é" * 98 + ".mp4"),
        ("noending", "noending"),
    ],
)
def test_names_are_safe_everywhere(wish, safe):
    """Windows and Dropbox take the result's name, too."""
    assert safe_name(wish) == safe


def test_a_taken_name_gets_the_source_ending_then_a_version():
    """Two sources of one stem are told apart by where they come from."""
    assert wishes("clip.mp4", ".MOV")[:3] == ["clip.mp4", "clip (mov).mp4", "clip v2.mp4"]
    assert wishes("clip.mp4", ".mp4")[:2] == ["clip.mp4", "clip v2.mp4"]
