"""The agent for macOS's launchd, as text. Pure."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from hotpress.installing.whereabouts import Installation

LABEL = "io.hotpress.daemon"

_TEXT = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by `hotpress service install`, to ~/Library/LaunchAgents. By hand:
     launchctl bootstrap gui/$UID ~/Library/LaunchAgents/io.hotpress.daemon.plist -->
<plist version="1.0">
<dict>
    <key>Label</key>
    <string>{label}</string>
    <key>ProgramArguments</key>
    <array>
{words}
    </array>
    <key>EnvironmentVariables</key>
    <dict>
        <key>HOTPRESS_UNIT</key>
        <string>launchd</string>
    </dict>
    <!-- A token of your own never stands here: everybody can read it. cloud.token in the config
         (chmod 600) is its place. -->
    <key>RunAtLoad</key>
    <true/>
    <!-- It is started again when it ends otherwise than by itself; a broken config (2) and a second
         daemon (4) end with 0 here, see the log. -->
    <key>KeepAlive</key>
    <dict>
        <key>SuccessfulExit</key>
        <false/>
    </dict>
    <key>ThrottleInterval</key>
    <integer>30</integer>
    <key>ExitTimeOut</key>
    <integer>15</integer>
    <!-- It stays behind what you do; take these three out if it is to be quick. -->
    <key>ProcessType</key>
    <string>Background</string>
    <key>LowPriorityIO</key>
    <true/>
    <key>Nice</key>
    <integer>5</integer>
    <!-- Kept below 20 MB by hotpress itself. -->
    <key>StandardOutPath</key>
    <string>{log}</string>
    <key>StandardErrorPath</key>
    <string>{log}</string>
</dict>
</plist>
"""


def agent(of: Installation) -> str:
    """For one user: it runs while that user is logged in."""
    words = "\n".join(f"        <string>{escape(word)}</string>" for word in of.command)
    log = escape(str(of.home / "Library/Logs/hotpress.log"))
    return _TEXT.format(label=LABEL, words=words, log=log)


def for_packages() -> str:
    """The file of `launchd/`: USER is to be replaced."""
    home = Path("/Users/USER")
    support = home / "Library/Application Support/hotpress"
    program = (str(home / ".local/bin/hotpress"),)
    return agent(Installation(program, "USER", 501, home, support / "config.yaml", support))
