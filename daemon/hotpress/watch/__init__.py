"""The outside world of folders: events as hints, and the rescan that is the truth."""
