"""Generated worlds of any size: fields with words of their own, follows with the heavy tails of real networks. Seeded.

Nobody in them exists. What matters is their shape: about 20 follows per account, three in four of them within the field; 2 % of the
accounts with complete followings of 50 to 500; a few accounts that a large part of the world follows; bios out of a field's words.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tweetfocus.data.dataset import Dataset

__all__ = ["follow_pairs", "world"]

Ints = npt.NDArray[np.int64]

_FIELD = 400  # accounts in a field, on average; sizes have a heavy tail
_COMPLETE = 0.02  # of the accounts: all that they follow is known, and they have posts
_WITHIN = 0.75  # of the follows
_BACK = 0.2  # of the follows are returned
_POSTS = 10
_SYLLABLES = [
    "ba",
    "co",
    "da",
    "fe",
    "gi",
    "ho",
    "ju",
    "ka",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "wa",
    "xe",
    "yo",
    "zu",
]


def follow_pairs(n: int, *, seed: int = 0, more: float = 1.0) -> tuple[Ints, Ints, Ints, npt.NDArray[np.bool_]]:
    """Who follows whom among `n` accounts, with `more` times as many follows as usual.

    Returns:
        sources and targets (m,), with repetitions and selves; the field of each account (n,); and whose followings are complete (n,).
    """
    rng = np.random.default_rng(seed)
    size = rng.pareto(1.5, max(2, n // _FIELD)) + 0.3
    start = np.concatenate([[0], np.cumsum(size / size.sum() * n)]).astype(np.int64)
    start[-1] = n
    field = np.searchsorted(start, np.arange(n), side="right") - 1
    complete = rng.random(n) < _COMPLETE
    few, many = np.minimum(rng.lognormal(2.1, 1.0, n), 200), np.exp(rng.uniform(np.log(50), np.log(500), n))
    sources = np.repeat(np.arange(n), np.maximum(more * np.where(complete, many, few), 1).astype(np.int64))
    m = len(sources)
    first, last = start[field[sources]], start[field[sources] + 1]
    near = first + ((last - first) * rng.random(m) ** 2).astype(np.int64)  # the first of a field are the best known in it
    far = rng.permutation(n)[np.minimum((n * rng.random(m) ** 4).astype(np.int64), n - 1)]
    targets = np.where(rng.random(m) < _WITHIN, near, far)
    back = rng.random(m) < _BACK
    return np.concatenate([sources, targets[back]]), np.concatenate([targets, sources[back]]), field, complete


def world(n: int, *, seed: int = 0) -> Dataset:
    """A dataset of `n` accounts with bios, posts of some, and follows.

    Example:
        >>> world(500)
        Dataset(500 accounts, 110 posts, 9,024 follows)
    """
    sources, targets, field, complete = follow_pairs(n, seed=seed)
    rng = np.random.default_rng([seed, 1])
    ids = pa.array([f"{row:07d}" for row in range(n)])
    bios = _texts(field, rng, words=12)
    writers = np.repeat(np.flatnonzero(complete), _POSTS)
    time = pa.array(1_700_000_000_000_000 + rng.integers(0, 10**12, len(writers)), pa.timestamp("us", "UTC"))
    return Dataset.from_frames(
        pa.table({"account_id": ids, "username": pa.array([f"u{row}" for row in range(n)]), "bio": bios}),
        posts=pa.table(
            {
                "post_id": pa.array([f"p{number:08d}" for number in range(len(writers))]),
                "account_id": ids.take(pa.array(writers)),
                "text": _texts(field[writers], rng, words=15),
                "created_at": time,
            }
        ),
        follows=pa.table({"source_id": ids.take(pa.array(sources)), "target_id": ids.take(pa.array(targets))}),
    )


def _texts(field: Ints, rng: np.random.Generator, *, words: int) -> pa.Array:
    """One text for each entry: half of its words out of the 60 of the field, half out of those that everybody uses."""
    of_field = field[:, None] * 60 + (60 * rng.random((len(field), words)) ** 2).astype(np.int64) + 5000
    of_all = (5000 * rng.random((len(field), words)) ** 3).astype(np.int64)
    chosen = np.where(rng.random((len(field), words)) < 0.5, of_field, of_all)
    vocabulary = np.array([_word(number) for number in range(int(of_field.max(initial=0)) + 1)], dtype=object)
    return pa.array([" ".join(row) for row in vocabulary[chosen]])


def _word(number: int) -> str:
    spelled = []
    for _ in range(4):
        number, syllable = divmod(number, len(_SYLLABLES))
        spelled.append(_SYLLABLES[syllable])
    return "".join(spelled)
