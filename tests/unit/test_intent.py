import pytest

from hotpress.cloud.intent import Act, Ask, route, translated

ROUTES = [
    ("export", Ask.EXPORT),
    ("Export the video, please.", Ask.EXPORT),
    ("download", Ask.EXPORT),
    ("please download it", Ask.EXPORT),
    ("send me the video", Ask.EXPORT),
    ("导出", Ask.EXPORT),
    ("请导出视频", Ask.EXPORT),
    ("下载", Ask.EXPORT),
    ("credits", Ask.CREDITS),
    ("balance", Ask.CREDITS),
    ("how many credits are left?", Ask.CREDITS),
    ("What's my balance?", Ask.CREDITS),
    ("积分", Ask.CREDITS),
    ("余额是多少？", Ask.CREDITS),
    ("status", Ask.STATE),
    ("show tracks", Ask.STATE),
    ("show me the timeline", Ask.STATE),
    ("状态", Ask.STATE),
    ("upload", Ask.UPLOAD),
    ("上传", Ask.UPLOAD),
    ("make it brighter", Ask.MESSAGE),
    ("add a download button at the end", Ask.MESSAGE),
    ("cut the credits at the end", Ask.MESSAGE),
    ("remove the status bar and export it in black and white", Ask.MESSAGE),
    ("add background music", Ask.MESSAGE),
    ("加一段背景音乐", Ask.MESSAGE),
    ("把导出按钮去掉", Ask.MESSAGE),
    ("", Ask.MESSAGE),
]


@pytest.mark.parametrize(("words", "wanted"), ROUTES, ids=[w or "nothing" for w, _ in ROUTES])
def test_the_users_words_are_routed(words, wanted):
    """The seed's routing table in both languages; a keyword inside an edit is no order."""
    assert route(words) is wanted


def test_a_file_always_means_upload():
    """Whatever is said beside it."""
    assert route("make it brighter", has_file=True) is Ask.UPLOAD


TRANSLATIONS = [
    ("Click the Apply button to continue.", Act.CLICK),
    ("点击应用", Act.CLICK),
    ("Open the media panel.", Act.OPEN),
    ("打开素材面板", Act.OPEN),
    ("Drag the clip to the start.", Act.DRAG),
    ("拖拽素材到轨道", Act.DRAG),
    ("Preview it in the timeline.", Act.PREVIEW),
    ("Click Export to finish.", Act.EXPORT),
    ("点击导出", Act.EXPORT),
    ("Please check your account and billing page.", Act.ACCOUNT),
]


@pytest.mark.parametrize(("said", "act"), TRANSLATIONS, ids=[said for said, _ in TRANSLATIONS])
def test_screen_instructions_become_acts_and_are_not_shown(said, act):
    """The seed's translation table in both languages."""
    found = translated(f"The video has a warm look now. {said}")

    assert found.acts == (act,)
    assert found.text == "The video has a warm look now."


def test_what_the_agent_describes_is_kept():
    """Numbers with points and words about the content stay as they are."""
    text = "I cut 2.5 seconds. The street scene now opens the film."

    assert translated(text).text == text
