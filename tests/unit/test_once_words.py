"""What `once` says at its end."""

from makers import a_job

from hotpress.cli import once
from hotpress.model import Rule, State


def test_results_of_one_video_are_told_apart_and_counted_as_one(capsys):
    """Two lines that say the same would look like a mistake, and four videos like a bill."""
    web = Rule(output_name="web", beside=("chat",))
    chat = Rule(output_name="chat", beside=("web",))
    jobs = [
        a_job(id="1", rule=web, state=State.SKIPPED, created_at=1.0),
        a_job(id="2", rule=chat, state=State.SKIPPED, created_at=2.0),
        a_job(id="3", relative="b.mov", state=State.SKIPPED, created_at=3.0),
    ]
    assert once.told(jobs, []) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line[11:] for line in said[:3]] == ["clip.mov (web)", "clip.mov (chat)", "b.mov"]
    assert said[-1] == "2 videos in all"
