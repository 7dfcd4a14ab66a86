from __future__ import annotations

import pytest

import tweetfocus as tf
from tweetfocus.index.names import name_words, names_among

NAMES = {
    ("SenSanders", "Bernie Sanders"): {"sen", "sanders", "bernie", "berniesanders", "sensanders"},
    ("dr_flexload", "Dr. Ada O'Hara"): {"dr", "flexload", "dr_flexload", "ada", "hara", "dradahara"},
    ("HTTPServer42", None): {"http", "server", "httpserver42"},
    (None, "Ægir Ñandú"): {"ægir", "ñandú", "ægirñandú"},
    (None, "山田 太郎"): {"山田", "太郎", "山田太郎"},
    (None, None): set(),
}


@pytest.mark.parametrize(("who", "words"), NAMES.items())
def test_words_of_a_name(who: tuple[str | None, str | None], words: set[str]) -> None:
    data = tf.Dataset.from_records([tf.Account(account_id="1", username=who[0], name=who[1])])
    assert name_words(data, 0) == words


def test_a_common_word_is_none_though_it_stands_in_a_name() -> None:
    words = frozenset({"heat", "ada", "etl", "unused"})
    assert names_among(words, ["Heat pumps. Ada says: heat", "ETL by Ada"]) == {"ada", "unused"}
    assert names_among(words, ["Heat is on"] * 5) >= {"heat"}  # always as a name is written
    assert names_among(words, ["Heat is on"] * 4 + ["the heat"]).isdisjoint({"heat"})  # one in five is enough
    assert names_among(frozenset(), ["Ada"]) == set()


def test_an_account_is_not_told_by_its_own_name() -> None:
    people = [
        tf.Account(account_id=str(n), username=f"AdaLyon{n}" if n == 1 else None, name="Ada" if n == 1 else None)
        for n in range(1, 5)
    ]
    posts = [
        tf.Post(account_id=str(n), text=text)
        for n in range(1, 5)
        for text in ("Ada on heat pumps in winter", "Lyon with heat pumps again")
    ]
    index = tf.AccountIndex.build(tf.Dataset.from_records(people, posts=posts), encoder=tf.HashingEncoder(), cache=False)
    told = {word for facet in index.fields_of("1") for term in facet.words for word in term.split()}
    others = {word for facet in index.fields_of("2") for term in facet.words for word in term.split()}
    assert told.isdisjoint({"ada", "lyon"})
    assert told >= {"heat", "pumps"}
    assert others >= {"ada", "lyon"}
