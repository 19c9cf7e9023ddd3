"""Verbs that somebody waits for load only what they need."""

import subprocess
import sys

import pytest
from makers import a_job

from hotpress.store import Store

HEAVY = ("pydantic", "httpx", "yaml", "structlog", "apscheduler", "watchdog")
LOADED = """
import sys
from hotpress.cli import main
sys.argv = ["hotpress", *sys.argv[1:]]
try:
    main()
finally:
    print(sorted(set(sys.modules) & set({heavy})), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [["show", "job1"], ["jobs"], ["jobs", "--json"]])
def test_to_tell_of_jobs_no_config_is_read(tmp_path, words):
    """What reads configs, speaks HTTP or watches folders takes longer to load than to answer."""
    (tmp_path / "state").mkdir()
    store = Store(tmp_path / "state/hotpress.db")
    store.add(a_job(), "")
    store.close()
    start = [sys.executable, "-c", LOADED.format(heavy=HEAVY), "--state-dir"]
    done = subprocess.run(
        [*start, str(tmp_path / "state"), *words], capture_output=True, text=True, check=False
    )

    assert "job1" in done.stdout
    assert done.stderr.splitlines()[-1] == "[]"
