"""Does the bio agree with the posts, both ways? What it promises and the posts lack, what the posts show and it hides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tweetfocus.embedding.texts import clean_text
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.names import name_words
from tweetfocus.index.words import terms
from tweetfocus.kernels.interests import concentration
from tweetfocus.kernels.similarity import unit_rows
from tweetfocus.ranking.own_fields import sample_texts
from tweetfocus.ranking.topics import FEWEST, Topics

__all__ = ["Agreement", "same_word", "weigh_bio"]

Floats = npt.NDArray[np.float64]

_FEWEST_BIOS = 20
_FITS = 0.9  # of all other bios fit a field less well than one that names it
_FEWEST_USES = 5  # posts of others that show what a word of the bio means
_ONE_MEANING = 0.3  # how alike in topic posts with a word are that names a field: "sql" does, "afternoon" does not
_MOST_WORDS = 20  # of a bio that are looked up
_MOST_USES = 500


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a bio and posts agree.

    Attributes:
        agreement: part of the other bios in the index that fit the posts less well, in [0, 1]; None without a bio or with too few posts.
        fits: the same for each field.
        lacking: words that the bio promises and the posts lack, in the order of the bio.
        hidden: for each field, telling words of its posts that the bio does not have; all of them where it has none for the field.
        hides: for each field, whether the bio says nothing of it.

    Example:
        >>> Agreement(0.97, (0.97,), (), ((),), (False,)).to_dict()["agreement"]
        0.97
    """

    agreement: float | None
    fits: tuple[float, ...]
    lacking: tuple[str, ...]
    hidden: tuple[tuple[str, ...], ...]
    hides: tuple[bool, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "agreement": self.agreement,
            "fits": list(self.fits),
            "lacking": list(self.lacking),
            "hidden": [list(words) for words in self.hidden],
            "hides": list(self.hides),
        }


def weigh_bio(index: AccountIndex, row: int, topics: Topics, words: Sequence[tuple[str, ...]]) -> Agreement:
    """Compare the bio of `row` with its posts.

    Args:
        index: the accounts.
        row: the account.
        topics: of its posts.
        words: the telling words of each field.
    """
    bio = index.bio(row)
    own = [word for word in dict.fromkeys(terms(bio)) if " " not in word]
    hidden = tuple(tuple(w for w in telling if not any(_covers(own, part) for part in w.split())) for telling in words)
    if not index.has_bio[row] or len(topics.labels) < FEWEST:
        return Agreement(None, (), (), hidden, tuple(not index.has_bio[row] for _ in words))
    fits = _fits(index, row, topics)
    shares = topics.shares if topics.shares.sum() else np.full(len(fits), 1 / max(len(fits), 1))
    known = bool(fits) and not any(map(np.isnan, fits))
    hides = tuple(known and fit < _FITS and len(left) == len(all_) for fit, left, all_ in zip(fits, hidden, words, strict=True))
    return Agreement(
        float(np.dot(fits, shares)) if known else None,
        fits if known else (),
        _lacking(index, row, topics, own[:_MOST_WORDS]),
        hidden,
        hides,
    )


def _fits(index: AccountIndex, row: int, topics: Topics) -> tuple[float, ...]:
    """For each field, the part of the other bios that is less near to its posts; NaN with too few bios, or posts of the field."""
    own = slice(int(index.post_offsets[row]), int(index.post_offsets[row + 1]))
    posts = unit_rows(np.asarray(index.post_vectors[own], dtype=np.float32) - index.space.mean)
    bios = unit_rows(np.asarray(index.bio_vectors) - index.space.mean)
    others = index.has_bio.copy()
    others[row] = False
    found = []
    for field in range(len(topics.centres)):
        inside = (topics.labels == field) & ~topics.off
        if others.sum() < _FEWEST_BIOS or not inside.any():
            found.append(float("nan"))
            continue
        nearness = bios @ unit_rows(posts[inside].sum(axis=0, dtype=np.float64)[None])[0]
        found.append(float(np.mean(nearness[others] < nearness[row])))
    if others.sum() >= _FEWEST_BIOS:  # a field without a post of its own is one that the posts lack
        found = [0.0 if np.isnan(fit) else fit for fit in found]
    return tuple(found)


def _lacking(index: AccountIndex, row: int, topics: Topics, words: Sequence[str]) -> tuple[str, ...]:
    """Words of the bio that no post has, and that others use for something else than what the posts are about."""
    names = name_words(index.data, row)
    unsaid = [word for word in words if len(word) > 2 and word not in names]
    for said in ({part for text in sample_texts(index, row)[1] for part in terms(text)}, _said(index, row, unsaid)):
        unsaid = [word for word in unsaid if not any(same_word(word, other) for other in said)]
    if not unsaid or not topics.measured:
        return ()
    texts = pc.utf8_lower(index.data.posts["text"].take(pa.array(index.post_rows)))
    owner = np.repeat(np.arange(len(index)), np.diff(index.post_offsets))
    found = []
    for word in unsaid:
        uses = np.flatnonzero(pc.match_substring_regex(texts, rf"(^|[^\pL\pN_@/]){re.escape(word)}($|[^\pL\pN_])").to_numpy())
        uses = uses[owner[uses] != row]
        if len(uses) >= _FEWEST_USES and len(set(owner[uses].tolist())) > 1:
            vectors = np.asarray(index.post_vectors[uses[:_MOST_USES]], dtype=np.float32)
            elsewhere = np.median(topics.nearness_of(vectors)) < topics.off_below
            if elsewhere and concentration(index.space.place(vectors)) >= _ONE_MEANING:
                found.append(word)
    return tuple(found)


def _said(index: AccountIndex, row: int, words: Sequence[str]) -> set[str]:
    """Words in any of the account's posts that begin like one of `words`."""
    posts = index.data.posts["text"].slice(*_span(index, row))
    beginnings = "|".join(sorted({re.escape(word[:4]) for word in words}))
    if not beginnings or not len(posts):
        return set()
    pattern = rf"(^|[^\pL\pN_@/])({beginnings})"
    near = posts.filter(pc.match_substring_regex(posts, pattern, ignore_case=True)).to_pylist()
    return {part for text in near[:_MOST_USES] for part in terms(clean_text(text))}


def _span(index: AccountIndex, row: int) -> tuple[int, int]:
    first, last = (int(end) for end in index.data.post_offsets[row : row + 2])
    return first, last - first


def _covers(words: Sequence[str], word: str) -> bool:
    return any(same_word(own, word) for own in words)


def same_word(one: str, other: str) -> bool:
    """Whether two words are forms of one: equal, or with the same first five letters and endings of up to three.

    Example:
        >>> same_word("forecast", "forecasting"), same_word("grid", "grids"), same_word("energy", "energetic")
        (True, True, False)
    """
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    stem = 0
    for a, b in zip(short, long, strict=False):
        if a != b:
            break
        stem += 1
    return (stem >= 5 or (stem == len(short) >= 4 and long[stem:] in ("s", "es", "'s"))) and len(long) - stem <= 3
