"""The steps that turn a dataset and its vectors into the parts of an index."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.data.dataset import Dataset
from tweetfocus.index.storage import FORMAT
from tweetfocus.kernels.interests import TopicSpace, concentration, find_facets
from tweetfocus.kernels.similarity import unit_rows

__all__ = ["BIO_WEIGHT", "Facet", "FacetTable", "evenly", "facet_table", "fingerprint", "other_encoder"]

BIO_WEIGHT = 3.0  # a bio counts like so many posts: what a person says they are, once
_FEWEST = 5  # texts; with fewer there is no telling how focused an account is

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Facet:
    """One professional field of an account.

    Attributes:
        share: part of the account's texts that belong to it.
        words: the terms that tell it apart, the most telling first.
        posts: the posts nearest to its centre, as they were written.

    Example:
        >>> print(Facet(0.6, ("heat pumps", "grid"), ()))
        60 % heat pumps, grid
    """

    share: float
    words: tuple[str, ...]
    posts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.share:.0%} ".replace("%", " %") + ", ".join(self.words)


@dataclass(frozen=True, slots=True)
class FacetTable:
    """The facets of all accounts.

    Attributes:
        vectors: (f, d) float32 unit rows.
        shares: (f,) of the account's texts.
        offsets: (n + 1,) account `i` has the facets `offsets[i]:offsets[i + 1]`, the largest first; none without any text.
        post_facets: (m,) which of its author's facets each embedded post belongs to.
        focus: (n,) how alike two texts of the account are in topic, in [0, 1]; NaN with fewer than five texts.
    """

    vectors: Floats
    shares: Floats
    offsets: Ints
    post_facets: npt.NDArray[np.int8]
    focus: Floats


def facet_table(bios: Floats, posts: Halves, post_offsets: Ints, space: TopicSpace, *, progress: bool = False) -> FacetTable:
    """Find the facets of every account from its bio vector (zeros where there is none) and its post vectors."""
    from tqdm import tqdm

    n, d = bios.shape
    has_bio: npt.NDArray[np.bool_] = np.any(bios, axis=1)
    has_posts = np.diff(post_offsets) > 0
    counts = (has_bio | has_posts).astype(np.int64)
    focus = np.full(n, np.nan, dtype=np.float32)
    labels = np.zeros(len(posts), dtype=np.int8)
    found: dict[int, tuple[Floats, Floats]] = {}
    writers = np.flatnonzero(has_posts).tolist()
    for row in tqdm(writers, desc="interests", unit="account", disable=not (progress and writers)):
        own = slice(int(post_offsets[row]), int(post_offsets[row + 1]))
        texts = unit_rows(posts[own])
        weights = np.ones(len(texts))
        if has_bio[row]:
            texts = np.concatenate([texts, bios[row : row + 1]])
            weights = np.append(weights, BIO_WEIGHT)
        facets = find_facets(texts, weights, space=space)
        found[row] = facets.centres, facets.share
        counts[row] = len(facets.share)
        labels[own] = facets.labels[: own.stop - own.start]
        if len(texts) >= _FEWEST:
            focus[row] = min(max(concentration(space.place(texts)), 0.0), 1.0)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    vectors = np.zeros((int(offsets[-1]), d), dtype=np.float32)
    shares = np.ones(int(offsets[-1]), dtype=np.float32)
    alone = np.flatnonzero(has_bio & ~has_posts)
    vectors[offsets[alone]] = unit_rows(bios[alone])
    for row, (centres, share) in found.items():
        vectors[offsets[row] : offsets[row + 1]] = centres
        shares[offsets[row] : offsets[row + 1]] = share
    return FacetTable(vectors, shares, offsets, labels, focus)


def evenly(first: int, last: int, most: int = 4000) -> Ints:
    """Whole numbers from `first` up to `last`, all of them or `most` evenly spaced ones.

    Example:
        >>> evenly(10, 20, 4).tolist(), evenly(10, 12).tolist()
        ([10, 13, 16, 19], [10, 11])
    """
    many = last - first
    return first + np.unique(np.linspace(0, many - 1, min(many, most)).round().astype(np.int64))


def fingerprint(data: Dataset, encoder: str, max_posts: int) -> str:
    """Names the content of an index: the same data, vector space and way of building have the same fingerprint."""
    return hashlib.sha256(f"{FORMAT}|{encoder}|{max_posts}|{data.digest}".encode()).hexdigest()


def other_encoder(what: str, made: str, given: str) -> str:
    """What to say where the encoder at hand is not the one of the index."""
    return (
        f"{what} was made with the encoder {made}, not with {given}; open it with that encoder (AccountIndex.open(..., encoder=...)), "
        "or build it again with this one"
    )
