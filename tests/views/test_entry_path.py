import pytest

from monitor.views.entry_path import entries_meant, entry_path


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (("main", "a", "w", "+8613800000001"), "numbers/main/a/w/%2B8613800000001"),
        (("main", "a", "", "+86 xxx 24"), "numbers/main/a/-/%2B86%20xxx%2024"),
        (("main", "a", "-", ".."), "numbers/main/a/~-/~.."),
        (("a/b", "50%", "w", "号"), "numbers/a%2Fb/50%25/w/%E5%8F%B7"),
        (("main", "a", "w", "\ud800"), "numbers/main/a/w/%3F"),
    ],
)
def test_an_entrys_path_keeps_its_segments_apart(entry, expected):
    assert entry_path(*entry) == expected


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (("w", "+861"), ("w", "+861")),
        (("-", "+861"), ("", "+861")),
        (("~-", "~.."), ("-", "..")),
    ],
)
def test_what_a_path_means_is_what_it_was_made_of(segments, expected):
    assert entries_meant(*segments)[0] == expected
