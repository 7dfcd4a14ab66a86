from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.index.words import MANY_TEXTS, WordTable, terms, word_table

TERMS = {
    "The heat pumps of Lyon": ["heat", "pumps", "heat pumps", "lyon"],
    "heat, pumps": ["heat", "pumps", "heat pumps"],
    "25 pumps, 3rd of 100k at 10:30": ["pumps"],
    "We don't mind, it's the people's grid": ["mind", "people", "grid", "people grid"],
    "mega mega sale": ["mega", "mega", "sale", "mega sale"],
    "people’s grid": ["people", "grid", "people grid"],
    "L'énergie de l’avenir": ["énergie", "avenir"],
    "C++ and C# in real-time": ["c++", "c#", "real-time"],
    "x y heat": ["heat"],
    "": [],
    "!!! 🚀": [],
}


@pytest.mark.parametrize(("text", "found"), TERMS.items())
def test_terms(text: str, found: list[str]) -> None:
    assert terms(text) == found


@pytest.fixture
def table() -> WordTable:
    return word_table([["heat pumps", "heat grid heat"], ["heat valves"], ["grid valves"], []])


def test_counts_by_hand(table: WordTable) -> None:
    assert table.vocabulary == ("grid", "heat", "valves")  # pumps and all pairs stand with one account only
    np.testing.assert_allclose(table.idf, [log(3 / 2)] * 3, rtol=1e-6)  # three accounts write; each term stands with two
    assert table.indptr.tolist() == [0, 2, 4, 6, 6]
    assert table.indices.tolist() == [0, 1, 1, 2, 0, 2]
    assert table.counts.tolist() == [1, 2, 1, 1, 1, 1]  # texts, not occurrences: heat stands in two of the first account's


def test_weights_by_hand(table: WordTable) -> None:
    first = np.array([1, 1 + log(2), 0])
    half = 0.5**0.5
    expected = [first / np.linalg.norm(first), [0, half, half], [half, 0, half], [0, 0, 0]]
    np.testing.assert_allclose(table.weights.toarray(), expected, rtol=1e-6)


def test_weights_of_one_account_are_those_of_the_matrix_to_the_bit() -> None:
    draw = np.random.default_rng(3)
    words = [f"word{letter}{other}" for letter in "abcdefgh" for other in "abcdefgh"]
    texts = [[" ".join(draw.choice(words, 12)) for _ in range(draw.integers(0, 30))] for _ in range(60)]
    table = word_table(texts)
    for row in range(len(texts)):
        columns, values = table.weights_of(row)
        whole = table.weights[[row]]
        assert columns.tolist() == whole.indices.tolist()
        assert values.tobytes() == whole.data.tobytes()
    assert min(len(table.weights_of(row)[0]) for row in range(len(texts))) == 0


def test_vectors_of_texts_are_the_weights_of_an_account(table: WordTable) -> None:
    np.testing.assert_allclose(table.vector(["heat pumps", "heat grid heat"]), table.weights.toarray()[0], rtol=1e-6)
    assert table.vector(["HEAT and more heat"]).tolist() == [0, 1, 0]
    assert table.vector(["nothing known"]).tolist() == [0, 0, 0]
    assert table.vector([]).tolist() == [0, 0, 0]


def test_a_term_of_everybody_weighs_nothing() -> None:
    table = word_table([["heat"], ["heat"]])
    assert (table.vocabulary, table.idf.tolist()) == (("heat",), [0])
    assert table.weights.toarray().tolist() == [[0], [0]]
    assert table.vector(["heat"]).tolist() == [0]


@pytest.mark.parametrize("texts", [[], [[]], [[], ["heat"]]])
def test_tables_without_shared_words(texts: list[list[str]]) -> None:
    table = word_table(texts)
    assert (table.vocabulary, table.idf.shape, table.counts.tolist()) == ((), (0,), [])
    assert table.weights.shape == (len(texts), 0)
    assert table.vector(["heat"]).shape == (0,)
    assert table.telling(["heat"]) == ()


def test_telling_words_by_hand(table: WordTable) -> None:
    # heat: 2 texts x idf x 1 / (1 + 0); grid: 1 text x idf x 0.5 / (0.5 + 1)
    assert table.telling(["heat grid", "heat"], ["grid"]) == ("heat", "grid")
    assert table.telling(["heat grid", "heat"], ["grid"], n=1) == ("heat",)
    # heat: 1 x idf x 0.5 / (0.5 + 1); grid: 1 x idf x 0.5 / (0.5 + 0)
    assert table.telling(["heat", "grid"], ["heat"]) == ("grid", "heat")
    assert table.telling(["heat", "grid"]) == ("grid", "heat")  # ties by the alphabet
    assert table.telling([]) == ()


def test_among_many_texts_a_telling_word_stands_in_two(table: WordTable) -> None:
    assert table.telling(["heat"] * (MANY_TEXTS - 2) + ["grid"]) == ("heat", "grid")
    assert table.telling(["heat"] * (MANY_TEXTS - 1) + ["grid"]) == ("heat",)
    assert table.telling(["heat"] * (MANY_TEXTS - 2) + ["grid"] * 2) == ("heat", "grid")


def test_words_that_stand_mostly_in_a_pair_are_named_by_the_pair() -> None:
    table = word_table([["heat pumps"], ["heat pumps"], ["chef"], ["chef"]])
    assert table.vocabulary == ("chef", "heat", "heat pumps", "pumps")
    assert table.telling(["heat pumps"] * 3) == ("heat pumps",)
    # pumps stand in the pair only; heat mostly by itself, and then no second term repeats it
    assert table.telling(["heat pumps", "heat", "heat"]) == ("heat",)
    assert table.telling(["heat pumps", "heat pumps", "heat", "chef"]) == ("heat pumps", "chef")  # 2 of 3 is more than 0.6


def test_words_of_a_third_of_the_accounts_tell_nobody_apart() -> None:
    def telling(users: int, accounts: int) -> tuple[str, ...]:
        return word_table([["heat"]] * users + [[f"other{i}"] for i in range(accounts - users)]).telling(["heat"])

    assert telling(7, 20) == ()
    assert telling(5, 20) == ("heat",)
    assert telling(7, 19) == ("heat",)  # too few accounts to say what is common


WORDS = st.lists(st.sampled_from(["heat", "pumps", "grid", "the", "chef", "2024", "l'eau"]), max_size=5).map(" ".join)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=4), max_size=6))
def test_counts_agree_with_counting(accounts: list[list[str]]) -> None:
    table = word_table(accounts)
    users = {
        term: [sum(term in terms(text) for text in own) for own in accounts]
        for own in accounts
        for t in own
        for term in terms(t)
    }
    assert table.vocabulary == tuple(sorted(term for term, counts in users.items() if sum(map(bool, counts)) >= 2))
    from scipy.sparse import csr_array

    shape = (len(accounts), len(table.vocabulary))
    counts = csr_array((table.counts, table.indices, table.indptr), shape=shape).toarray()
    assert counts.tolist() == [[users[term][row] for term in table.vocabulary] for row in range(len(accounts))]


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, max_size=7), st.lists(WORDS, max_size=4))
def test_telling_words_share_no_word(texts: list[str], others: list[str]) -> None:
    table = word_table([texts, others, texts, ["chef"]])
    told = table.telling(texts, others)
    assert set(told) <= set(table.vocabulary)
    words = [word for term in told for word in term.split()]
    assert len(words) == len(set(words))
    assert told == table.telling(texts[::-1], others[::-1])
