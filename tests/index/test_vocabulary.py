from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tweetfocus.index.vocabulary import Vocabulary


@given(st.lists(st.lists(st.text(max_size=5).filter(lambda text: text.isprintable()), max_size=6), max_size=4), st.data())
def test_it_is_the_sequence_of_its_terms(chunks: list[list[str]], data: st.DataObject) -> None:
    plain = tuple(term for chunk in chunks for term in chunk)
    terms = Vocabulary(pa.chunked_array(chunks, pa.string()))
    assert (len(terms), tuple(terms), terms == plain, hash(terms) == hash(plain)) == (len(plain), plain, True, True)
    cut = data.draw(st.slices(len(plain)))
    assert tuple(terms[cut]) == plain[cut]
    for place in range(-len(plain), len(plain)):
        assert terms[place] == plain[place]


def test_a_place_outside_is_an_error() -> None:
    with pytest.raises(IndexError):
        Vocabulary(pa.chunked_array([["heat"]]))[1]


def test_other_terms_and_a_text_are_not_the_same() -> None:
    terms = Vocabulary(pa.chunked_array([["h", "e"]]))
    assert terms != ("h", "a")
    assert terms != "he"
    assert repr(terms) == "Vocabulary(2 terms)"
