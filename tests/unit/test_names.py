import pytest

from hotpress.halves import side_files, whose
from hotpress.names import enters, kind_of, safe_name, same, wishes

HALVES = [
    (".syncthing.clip.mp4.tmp", "Syncthing"),
    ("~syncthing~clip.mp4.tmp", "Syncthing"),
    (".clip.mp4.s83yeD", "rsync"),
    (".clip.mp4.SgrQHK", "rsync"),
    (".a.b.mov.AbC123", "rsync"),
    ("clip.mp4.aria2", "aria2"),
    ("clip.mp4.aria2__temp", "aria2"),
    ("clip.mp4.!sync", "Resilio Sync"),
    ("clip.mp4.SyncPart", "Resilio Sync"),
    ("clip.mp4.SyncTemp", "Resilio Sync"),
    ("clip.mp4.SyncOld", "Resilio Sync"),
    ("clip.mp4.crdownload", "a browser"),
    ("Unconfirmed 123456.crdownload", "a browser"),
    ("clip.mp4.part", "a browser"),
    ("clip.x8Yz_k1q.mp4.part", "a browser"),
    ("clip.mp4.download", "a browser"),
    ("clip.mp4.opdownload", "a browser"),
    ("clip.mp4.partial", "a browser"),
    ("clip.mp4.1a2b3c4d.partial", "a browser"),
    ("clip.mp4.filepart", "WinSCP"),
    ("clip.mp4.tmp.drivedownload", "Google Drive"),
    ("clip.mp4.tmp.driveupload", "Google Drive"),
    (".clip.mp4.icloud", "iCloud"),
    (".~clip.mp4", "Nextcloud"),
    (".clip.mp4.~2f3a", "Nextcloud"),
    (".~lock.clip.mp4#", "Nextcloud"),
    (".unison.clip.mp4.0a1b2c.unison.tmp", "Unison"),
    ("clip.mp4.unison.tmp", "Unison"),
    ("~$clip.mp4", "Office"),
    ("clip.mp4.!qB", "a torrent program"),
    ("clip.mp4.!ut", "a torrent program"),
    ("clip.mp4.bc!", "a torrent program"),
    ("clip.mp4.ytdl", "yt-dlp"),
    ("clip.mp4.part-Frag12", "yt-dlp"),
    ("clip.mp4.part-Frag3.part", "yt-dlp"),
    ("clip.temp.mp4", "yt-dlp"),
    ("clip.temp.mkv", "yt-dlp"),
    ("clip.f137.mp4", "yt-dlp"),
    ("clip.f251.webm", "yt-dlp"),
    ("clip.mp4~", "an editor"),
    ("clip.mp4.~1~", "an editor"),
    (".clip.mp4.swp", "an editor"),
    (".clip.mp4.swo", "an editor"),
    (".fuse_hidden0000001f00000001", "the file system"),
    (".nfs000000000123abcd00000001", "the file system"),
    ("clip.mp4.tmp", "a program"),
    ("~wrd0001.tmp", "a program"),
    ("clip.mp4.temp", "a program"),
]
# What a person may well call a video: each was or could be taken for one of the above.
ORDINARY = [
    "clip.mp4",
    "CLIP.MOV",
    "a.f4v",
    "clip.part1.mp4",
    "clip.part.mp4",
    "my.download.mp4",
    "partial.mp4",
    "x~y.mp4",
    "~clip.mp4",
    "clip.~1.mp4",
    "$clip.mp4",
    "temp.mp4",
    "tmp.mp4",
    "a.tmp.mp4",
    "my.temp.mov",
    "choir in.unison.mp4",
    "syncthing.how.to.mp4",
    "race f137.mp4",
    "lens.f22.mp4",
    "lens.f1.4.mp4",
    "f137.mp4",
    "clip.sync.mp4",
    "clip!sync.mp4",
    "icloud.mp4",
    "what is aria2.mp4",
    "clip.aria2.mkv",
    "clip.mov.mp4",
    "clip.mp4.m4v",
    "-clip.mp4",
    "100% fun.mp4",
    "new\nline.mp4",
    'say "hello".mp4',
    "\u00e9t\u00e9.mts",
    "\u7535\u5f71.mkv",
]
NO_VIDEOS = [
    ("photo.jpg", "jpg"),
    ("README", "other"),
    (".hidden.mp4", "hidden"),
    ("._clip.mp4", "hidden"),
    (".DS_Store", "hidden"),
    (".dropbox", "hidden"),
    (".dropbox.attr", "hidden"),
    ("desktop.ini", "ini"),
    ("clip.mp4.xmp", "xmp"),
    ("clip.mp4.aac", "aac"),
    ("clip.lrf", "proxy"),
    ("DJI_0001.LRF", "proxy"),
    ("GL010001.LRV", "proxy"),
    ("GH010001.THM", "proxy"),
    ("clip\udcff.mp4", "bad_name"),
    ("mp4", "other"),
    (".mp4", "hidden"),
]
LEFT_FOLDERS = [
    *(".stversions", ".stfolder", ".~tmp~", ".rsync-partial", ".sync", ".SyncArchive"),
    *(".dropbox.cache", ".tmp.drivedownload", ".tmp.driveupload", ".Trash-1000", ".Trashes"),
    *(".TemporaryItems", ".Spotlight-V100", ".fseventsd", ".hotpress", ".git"),
    *("@eaDir", "#recycle", "lost+found", "$RECYCLE.BIN", "System Volume Information"),
    *("@Recycle", "#snapshot", "folder\udcff"),
    *("My.photoslibrary", "Film.FCPBUNDLE", "a.imovielibrary", "a.tvlibrary", "a.aplibrary"),
    *("a.migratedphotolibrary", "a.musiclibrary", "a.screenflow", "clip.mp4.download"),
]


@pytest.mark.parametrize(("name", "by"), HALVES)
def test_a_half_file_is_no_video_yet(name, by):
    """Whatever sync client, browser or copier makes it, and however it is written."""
    assert kind_of(name) == kind_of(name.upper()) == "arriving"
    assert whose(name) == by


@pytest.mark.parametrize("name", ORDINARY)
def test_a_persons_own_name_is_never_taken_for_a_half_file(name):
    """A video that waits for ever because of its name would be lost in silence."""
    assert kind_of(name) == "video"
    assert whose(name) == ""


@pytest.mark.parametrize(("name", "kind"), NO_VIDEOS)
def test_what_is_no_video_is_told_by_its_kind(name, kind):
    """Ignored and counted, never a job."""
    assert kind_of(name) == kind


def test_a_file_beside_says_that_it_is_not_finished():
    """Downloads under their own name, Firefox's empty one, and Premiere's parts."""
    assert {"a.mp4.aria2", "a.mp4.part", "a.mp4.m4v"} <= set(side_files("a.mp4"))
    assert "a.mp4.aac" in side_files("a.mp4.m4v")
    assert "a.mp4.aac" not in side_files("a.mp4")


@pytest.mark.parametrize("folder", LEFT_FOLDERS)
def test_system_folders_and_libraries_are_not_entered(folder):
    """Nothing in them was dropped by a person."""
    assert not enters(folder)


@pytest.mark.parametrize(
    "folder", ["Trip", "sync", "my.app.videos", "recycle", "tmp", "under 25 MB", "a.mp4", "@home"]
)
def test_a_persons_own_folder_is_entered(folder):
    """Only whole names and endings count."""
    assert enters(folder)


@pytest.mark.parametrize(
    ("wish", "safe"),
    [
        ("clip.mp4", "clip.mp4"),
        ('a<b>:"|?*.mp4', "a_b______.mp4"),
        ("con.mp4", "_con.mp4"),
        ("trailing. .mp4", "trailing.mp4"),
        ("new\nline.mp4", "new_line.mp4"),
        ("e\u0301.mp4", "\u00e9.mp4"),
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


def test_one_name_however_it_is_written():
    """Two spellings that meet on a Mac or in Dropbox are one name; two names stay two."""
    assert same("\u00c9.mp4") == same("e\u0301.MP4")
    assert same("a.mp4") != same("b.mp4")
