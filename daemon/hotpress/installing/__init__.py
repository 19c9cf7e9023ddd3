"""hotpress as something that the system starts: what is written for systemd and launchd, and where.

`whereabouts` says what this installation is, `systemd` and `launchd` (pure) make the texts, and
`placing` puts them in place and asks the system to take them.
"""

from hotpress.installing.placing import Placed, System, install, printed, removed, state_of
from hotpress.installing.whereabouts import (
    Installation,
    bare,
    installation,
    lasting_python,
    person,
)

__all__ = [
    "Installation",
    "Placed",
    "System",
    "bare",
    "install",
    "installation",
    "lasting_python",
    "person",
    "printed",
    "removed",
    "state_of",
]
