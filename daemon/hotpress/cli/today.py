"""What the rules say today of the file of a job that was made earlier."""

from __future__ import annotations

from pathlib import Path

from hotpress import ruling
from hotpress.config.read import read_file
from hotpress.config.rules import named_inboxes
from hotpress.errors import ConfigError, NoSuchJob
from hotpress.model import Job, Rule
from hotpress.places import Places, behind_links


def rules(where: Places, job: Job) -> list[Rule]:
    """What is to become of a job's file by today's rules: one for each result.

    Raises NoSuchJob, and ConfigError where its rule files can't be obeyed.
    """
    settings = read_file(where.config).settings
    # Its folder before its name: that may have been changed, or given to another folder.
    here = (each for each in settings.inboxes if str(behind_links(each.path)) == job.root)
    inbox = next(here, None) or named_inboxes(settings).get(job.inbox)
    if inbox is None:
        raise NoSuchJob(f"there is no inbox {job.inbox} any more", "Name it in the config.")
    today = ruling.read(Path(job.root), job.relative, settings, inbox)
    if today.problem:
        raise ConfigError([today.problem], today.hint)
    return list(today.rules)
