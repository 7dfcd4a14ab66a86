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


@given(st.sets(st.text(max_size=4), max_size=30), st.integers(1, 5), st.sampled_from([pa.string(), pa.large_string()]))
def test_every_term_is_found_and_no_other(terms: set[str], chunks: int, kind: pa.DataType) -> None:
    ordered = sorted(term for term in terms if term.isprintable())
    cuts = [ordered[len(ordered) * i // chunks : len(ordered) * (i + 1) // chunks] for i in range(chunks)]
    vocabulary = Vocabulary(pa.chunked_array(cuts, kind))
    assert [vocabulary.place(term) for term in ordered] == list(range(len(ordered)))
    others = {"", "heat", "\ud800", *(term + "a" for term in ordered), *(term[:-1] for term in ordered)} - set(ordered)
    assert {vocabulary.place(term) for term in others} == {None}


def test_no_term_is_found_among_none() -> None:
    assert Vocabulary(pa.chunked_array([], pa.string())).place("heat") is None
