"""Paths kept by folder are a dictionary like any other, only quicker for a whole folder."""

from hypothesis import given
from hypothesis import strategies as st

from hotpress.byfolder import ByFolder

PATHS = st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map("/".join)


@given(st.lists(st.tuples(PATHS, st.integers(0, 9) | st.none())))
def test_it_holds_what_a_dictionary_holds(steps):
    """Whatever is put in and taken out, in any order; nothing is left of an empty folder."""
    found, plain = ByFolder(), {}
    for path, value in steps:
        if value is None:
            assert found.pop(path, None) == plain.pop(path, None)
        else:
            found[path] = plain[path] = value
    assert dict(found) == plain
    assert len(found) == len(plain)
    assert all(path in found for path in plain)
    assert all(found.folders.values())


@given(st.sets(PATHS), st.sets(PATHS))
def test_what_others_lack_is_told_in_order(ours, others):
    """As the difference of two sets."""
    first, second = ByFolder(), ByFolder()
    first.update(dict.fromkeys(ours, 1))
    second.update(dict.fromkeys(others, 2))
    assert first.without(second) == sorted(ours - others)
