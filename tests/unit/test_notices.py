"""From what happened to the notices: grouped, each once, quiet hours, retries."""

from datetime import datetime

from hotpress.telling.notice_words import words
from hotpress.telling.notices import (
    Book,
    Item,
    News,
    Target,
    after_try,
    closed,
    due,
    held_news,
    posted,
)

ALL = frozenset({"delivered", "failed", "held", "token", "daily", "weekly"})
WHO = Target("t", ALL, frozenset({"travel"}))
NOW = datetime(2027, 1, 15, 12, 0).timestamp()


def done(name, event="delivered"):
    return News(event, event, "travel", (Item(name, f"{name}.mov", "why not"),), 1, 1000, 100)


def test_fifty_files_are_one_notice():
    """They come one after the other for half an hour, while the inbox still works."""
    book = Book()
    for number in range(50):
        at = NOW + number * 36
        book = closed(posted(book, [done(str(number))], [WHO], at), [WHO], {"travel"}, [], at)
        assert due(book, [WHO], at) == []
    end = NOW + 50 * 36 + 60
    book = closed(book, [WHO], frozenset(), [], end)
    [letter] = due(book, [WHO], end)

    assert letter.news.count == 50
    title, text = words(letter.news, names=False)
    assert title == "hotpress: 50 videos delivered in travel"
    assert "50 kB became 5 kB: saved 45 kB." in text


def test_names_only_where_they_were_asked_for():
    """Neither the name nor the job's own sentence, which may hold it."""
    news = done("secret plan", "failed")

    assert "secret plan" not in "".join(words(news, names=False))
    assert "why not" not in "".join(words(news, names=False))
    assert "- secret plan.mov: why not" in words(news, names=True)[1]


def test_a_program_is_told_of_each_video():
    """At once, and of each by itself."""
    program = Target("p", ALL, frozenset({"travel"}), command=True)
    book = posted(Book(), [done("a"), done("b")], [program], NOW)

    assert [letter.news.items[0].job for letter in due(book, [program], NOW)] == ["a", "b"]


def test_only_who_wants_to_know_is_told():
    """By event and by inbox; the whole house only where it was asked for."""
    other = Target("o", ALL, frozenset({"studio"}), house=False)
    failures = Target("f", frozenset({"failed"}), frozenset({"travel"}))
    day = News("daily", "daily", text="...")

    assert posted(Book(), [done("a"), day], [other], NOW).letters == ()
    assert posted(Book(), [done("a"), day], [failures], NOW).letters == ()
    assert len(posted(Book(), [done("a", "failed")], [failures], NOW).letters) == 1


def test_quiet_hours_keep_it_for_later():
    """What gathers in the night is one notice in the morning."""
    who = Target("t", ALL, frozenset({"travel"}), quiet=("22:00-07:00",))
    night = datetime(2027, 1, 15, 23, 0).timestamp()
    book = posted(Book(), [done("a")], [who], night)
    book = closed(book, [who], frozenset(), [], night + 120)
    morning = datetime(2027, 1, 16, 7, 0).timestamp()

    assert due(book, [who], night + 120) == []
    assert due(book, [who], morning - 1) == []
    assert len(due(book, [who], morning)) == 1


def test_a_reason_is_told_once_until_it_has_gone():
    """Looks that lift it for a moment are no news; ten minutes without it are."""
    holding = {("travel", "credits"): (3, ("a", "b", "c"))}
    book, first = held_news(Book(), holding, NOW)
    book, again = held_news(book, holding, NOW + 600)
    book, lifted = held_news(book, {}, NOW + 660)
    book, back = held_news(book, holding, NOW + 720)
    book, _ = held_news(book, {}, NOW + 800)
    book, _ = held_news(book, {}, NOW + 1400)
    book, anew = held_news(book, holding, NOW + 1405)

    assert [len(each) for each in (first, again, lifted, back, anew)] == [1, 0, 0, 0, 1]
    assert "credits" in words(first[0], names=False)[1]


def test_a_hold_that_is_over_before_anybody_was_told_is_no_notice():
    """Half a minute without a network is nobody's concern."""
    book, news = held_news(Book(), {("travel", "offline"): (1, ("a",))}, NOW)
    book = closed(posted(book, news, [WHO], NOW), [WHO], frozenset(), [], NOW + 70)

    assert book.letters == ()


def test_it_is_tried_again_with_growing_pauses_and_given_up_after_a_day():
    """30 s, a minute, two ..., at most an hour."""
    book = closed(posted(Book(), [done("a")], [WHO], NOW), [WHO], frozenset(), [], NOW + 60)
    now, pauses, given_up = NOW + 60, [], False
    while not given_up:
        [letter] = due(book, [WHO], now)
        book, given_up = after_try(book, letter.id, done=False, now=now)
        if not given_up:
            pauses.append(book.letters[0].next_at - now)
            now = book.letters[0].next_at

    assert pauses[:4] == [30, 60, 120, 240]
    assert max(pauses) == 3600
    assert 86_400 <= now - NOW < 93_600
    assert book.letters == ()


def test_no_secret_is_in_the_words():
    """Whatever a job's sentence holds."""
    news = News("failed", "failed", "travel", (Item("a", "a.mov", "nmv_usr_abc was refused"),))

    assert "nmv_usr_abc" not in "".join(words(news, names=True))
