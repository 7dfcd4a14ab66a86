"""Worlds in which it is known what decides whom somebody follows."""

from __future__ import annotations

from itertools import product

import numpy as np

import tweetfocus as tf

_SYLLABLES = ["".join(pair) for pair in product("bdfgklmnprstvz", "aeiou")]


def _bio(rng: np.random.Generator, field: int) -> str:
    """Six of the ten invented words of a field."""
    return " ".join(_SYLLABLES[field] + _SYLLABLES[word] + "x" for word in rng.choice(10, 6, replace=False))


def _index(people: list[tf.Account], follows: list[tuple[str, str]]) -> tf.AccountIndex:
    data = tf.Dataset.from_records(people, follows=[tf.Follow(source_id=a, target_id=b) for a, b in follows])
    return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(256), cache=False)


def text_decides(seed: int = 0, *, people: int = 20) -> tf.AccountIndex:
    """Everybody has a field of their own, and follows twelve of the sixteen accounts in it; a crowd without a word follows anybody."""
    rng = np.random.default_rng(seed)
    items = [(f"i{field:02}-{n:02}", field) for field in range(people) for n in range(16)]
    accounts = [tf.Account(account_id=name, bio=_bio(rng, field)) for name, field in items]
    follows = []
    for field in range(people):
        accounts.append(tf.Account(account_id=f"p{field:02}", bio=_bio(rng, field), is_source=True))
        follows += [(f"p{field:02}", f"i{field:02}-{n:02}") for n in rng.choice(16, 12, replace=False)]
    for number in range(60):
        follows += [(f"crowd{number:02}", items[i][0]) for i in rng.choice(len(items), 16, replace=False)]
    return _index(accounts, follows)


def graph_decides(seed: int = 0) -> tf.AccountIndex:
    """Forty people follow accounts of their own circle; what anybody says has nothing to do with it."""
    rng = np.random.default_rng(seed)
    items = [f"i{circle}-{n:02}" for circle in range(6) for n in range(30)]
    accounts = [tf.Account(account_id=name, bio=_bio(rng, int(rng.integers(20)))) for name in items]
    follows = []
    for number in range(40):
        name, circle = f"p{number:02}", number % 6
        accounts.append(tf.Account(account_id=name, bio=_bio(rng, int(rng.integers(20))), is_source=True))
        follows += [(name, f"i{circle}-{n:02}") for n in rng.choice(30, 14, replace=False)]
    return _index(accounts, follows)
