from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tweetfocus.ranking.labels import label, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Heat\npumps\r\n\tand\u2028grids", "Heat pumps and grids"),
        ("\x1b[31mred\x07", "[31mred"),
        ("ana\u202egnp.exe", "ana gnp.exe"),
        ("\u2066isolated\u2069 \u200fmarked\ufeff", "isolated marked"),
        ("a\x00b\x85c", "a b c"),
        ("👩\u200d🔬 می\u200cخواهم", "👩\u200d🔬 می\u200cخواهم"),  # joiners are part of the writing
        ("\u202e\u200b", ""),
    ],
)
def test_one_line_neutralises(text: str, shown: str) -> None:
    assert one_line(text) == shown


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("grid and storage", 16, "grid and storage"),
        ("grid and storage", 15, "grid and…"),
        ("gridandstorage", 5, "grid…"),
        ("grid", 4, "grid"),
    ],
)
def test_one_line_cuts_between_words(text: str, most: int, cut: str) -> None:
    assert one_line(text, most) == cut


@given(st.text(), st.integers(1, 40))
def test_one_line_is_short_and_printable_and_stays_as_it_is(text: str, most: int) -> None:
    shown = one_line(text, most)
    assert len(shown) <= most
    assert all(unicodedata.category(c)[0] != "C" or c in "\u200c\u200d" for c in shown)
    assert not set(shown) & set("\u2028\u2029")
    assert one_line(one_line(text)) == one_line(text)


def test_label_prefers_the_username() -> None:
    assert label("7", "ana") == "@ana"
    assert label("7", None) == label("7", "") == label("7", "\u202e") == "7"
    assert label("7", "an\u202ea\nb") == "@an a b"
    assert label("7", "a" * 99, 10) == "@" + "a" * 8 + "…"
