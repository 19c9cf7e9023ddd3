"""What another system lacks is missed at use, not when a file is read."""

import subprocess
import sys

# Third parties bring their own code for each system: they are loaded before the system changes.
ELSEWHERE = """
import importlib, os, pkgutil, signal, sys
import hotpress
NAMES = sorted(m.name for m in pkgutil.walk_packages(hotpress.__path__, "hotpress.")
               if not m.name.endswith("__main__"))
for name in NAMES:
    importlib.import_module(name)
for name in [name for name in sys.modules if name.split(".")[0] == "hotpress"]:
    del sys.modules[name]
for name in {gone!r}:
    sys.modules[name] = None
for where, names in {lacks!r}.items():
    for name in names.split():
        if hasattr(sys.modules[where], name):
            delattr(sys.modules[where], name)
sys.platform = {platform!r}
for name in NAMES:
    importlib.import_module(name)
sys.argv = ["hotpress", "status"]
if sys.platform == "win32":
    importlib.import_module("hotpress.cli").main()
"""
LINUX_ALONE = {
    "os": "sched_getaffinity sched_setaffinity posix_fallocate O_TMPFILE O_PATH getxattr setxattr "
    "listxattr memfd_create pidfd_open eventfd",
    "signal": "SIGSTKFLT SIGPWR SIGRTMIN SIGRTMAX pidfd_send_signal",
}
UNIX_ALONE = {
    "os": f"{LINUX_ALONE['os']} getuid geteuid getgid fork killpg setsid mkfifo O_DIRECTORY O_SYNC "
    "O_NOFOLLOW O_NONBLOCK O_CLOEXEC O_NOCTTY statvfs getloadavg chown fchmod sysconf pread pwrite "
    "sendfile uname",
    "signal": f"{LINUX_ALONE['signal']} SIGKILL SIGHUP SIGUSR1 SIGIO SIGWINCH SIGPIPE SIGSTOP "
    "SIGCONT pthread_sigmask",
}
NO_INOTIFY = ["watchdog.observers.inotify", "watchdog.observers.inotify_c"]


def read_elsewhere(platform, gone, lacks):
    text = ELSEWHERE.format(platform=platform, gone=gone, lacks=lacks)
    words = [sys.executable, "-c", text]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_every_file_can_be_read_on_a_mac():
    """Nothing that only Linux has is asked for when a file is read."""
    done = read_elsewhere("darwin", NO_INOTIFY, LINUX_ALONE)

    assert (done.returncode, done.stderr) == (0, "")


def test_windows_is_refused_with_one_sentence():
    """Every file can be read there, so that the program can say what to do instead, and exit 2."""
    gone = ["fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", *NO_INOTIFY]
    done = read_elsewhere("win32", gone, UNIX_ALONE)

    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    for word in ("Windows", "WSL2", "Docker", "only one computer of a team"):
        assert word in done.stderr
