"""What somebody's posts are about: the fields, how near each post is to them, and how that changed from quarter to quarter.

Nearness is measured in spreads of a null model: how near are posts of other accounts to these fields? So "on topic" means nearer than
nine in ten posts by anybody, and "off topic" that three in ten are nearer, whatever the encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tweetfocus.embedding.texts import clean_text
from tweetfocus.errors import InvalidRequest
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.building import BIO_WEIGHT
from tweetfocus.kernels.chance import lower_null, one_in
from tweetfocus.kernels.interests import concentration
from tweetfocus.kernels.similarity import top_k, unit_rows
from tweetfocus.ranking.own_posts import OwnPosts, quarter_of

__all__ = ["FEWEST", "Quarter", "Topics", "find_topics", "quarters"]

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

FEWEST = 5  # posts with words in them; below, nothing is said
# With all-MiniLM-L6-v2, in the invented world with posts swapped between people of different fields: see benchmarks/verbs_audit.py
_ON = 0.1  # of anybody's posts are as near as a post that is on topic
_OFF = 0.3  # of anybody's posts are as near as a post that just is not off topic
_SAMPLE = 2000  # posts of others, evenly spaced
_FEWEST_OTHERS = 50
_MOST_FIELDS = 10
_SPEAKING = 20  # posts of the index that say what a declared field means
_NOTHING = 1e-3  # length of a sum of unit rows that is nothing but rounding
_NEAR = 0.3  # cosine from which on they do


@dataclass(frozen=True, eq=False)
class Topics:
    """The fields of one account, and where its posts stand to them.

    Attributes:
        names: of declared fields; empty where the fields are the account's own.
        labels: (e,) the nearest field of each embedded post.
        nearness: (e,) in spreads of the null model; NaN where too few posts of others are known.
        on_from: from here on a post is on topic.
        off_below: below, a post is off topic.
        focus: how alike two of the account's texts are in topic, as in `FacetTable`; NaN with too few posts.
        centres: (k, t) unit rows, the fields in the topic space.
        nearness_of: the nearness of (m, d) vectors of posts by others, on the same scale.
    """

    names: tuple[str, ...]
    labels: Labels
    nearness: Floats
    on_from: float
    off_below: float
    focus: float
    centres: Places
    nearness_of: Callable[[npt.NDArray[np.floating]], Floats] = field(repr=False)

    @property
    def measured(self) -> bool:
        """Whether posts can be told on topic from off topic."""
        return bool(len(self.nearness) >= FEWEST and np.isfinite(self.nearness).all())

    @cached_property
    def on(self) -> npt.NDArray[np.bool_]:
        """(e,) which posts are on topic: nearer than nine in ten posts by anybody."""
        return np.nan_to_num(self.nearness, nan=-np.inf) >= self.on_from

    @cached_property
    def off(self) -> npt.NDArray[np.bool_]:
        """(e,) which posts are off topic: three in ten posts by anybody are nearer."""
        return np.nan_to_num(self.nearness, nan=np.inf) < self.off_below

    @cached_property
    def shares(self) -> Floats:
        """(k,) part of the posts that is nearest to each field, those off topic left out."""
        counted = np.bincount(self.labels[~self.off], minlength=len(self.centres)).astype(np.float64)
        return counted / max(counted.sum(), 1)


def find_topics(
    index: AccountIndex, row: int, posts: OwnPosts, fields: Sequence[str] | None = None, *, as_one: bool = False
) -> Topics:
    """The topics of the account in `row`: its own one or two facets, or the fields it declares.

    Args:
        index: the accounts.
        row: the account.
        posts: of the account.
        fields: declared ones, in words.
        as_one: take its facets together as one field.

    Raises:
        InvalidRequest: fields without words.
        Mismatch: fields given, and the encoder at hand is not the one of the index.

    Example:
        >>> import tweetfocus as tf
        >>> from tweetfocus.ranking.own_posts import own_posts
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> row = index.data.row("@mara_lindqvist")
        >>> topics = find_topics(index, row, own_posts(index, row))
        >>> len(topics.centres), bool(topics.measured)
        (2, True)
    """
    names, own = _names(fields), slice(int(index.post_offsets[row]), int(index.post_offsets[row + 1]))
    declared = _declared(index, names) if names else None
    rooms = _rooms(index, row, own, posts.places, declared, as_one)
    enough = len(posts.places) >= FEWEST
    if declared is None:
        labels = index.facets.post_facets[own].astype(np.int64) * (not as_one)
    else:
        labels = np.add.reduce([room.places @ room.centres.T for room in rooms]).argmax(axis=1).astype(np.int64)
    strangers = np.asarray(index.post_vectors[_others(index, own)], dtype=np.float32)
    scale = _Scale(rooms, tuple(lower_null(room.of_others(strangers)) for room in rooms), (0.0, 1.0))
    scale = replace(scale, joint=lower_null(scale.of_others(strangers)))
    nearness = scale.of_own(labels) if enough else np.full(len(posts.places), np.nan)
    bio = index.space.place(index.bio_vectors[row : row + 1])
    texts = np.concatenate([posts.places, bio]) if index.has_bio[row] else posts.places
    focus = float(min(max(concentration(texts), 0.0), 1.0)) if enough else float("nan")
    return Topics(names, labels, nearness, one_in(_ON), one_in(_OFF), focus, rooms[0].centres, scale.of_others)


@dataclass(frozen=True, eq=False)
class _Room:
    """A space in which posts and fields are compared.

    Attributes:
        place: from vectors to unit rows in this space.
        places: (e, t) those of the account's posts.
        sums: (k, t) the places that make each field, added up.
        own_parts: whether the account's posts are among these.
    """

    place: Callable[[npt.NDArray[np.floating]], Places]
    places: Places
    sums: Floats
    own_parts: bool

    @cached_property
    def centres(self) -> Places:
        """(k, t) unit rows of the fields."""
        return unit_rows(self.sums)

    def of_others(self, vectors: npt.NDArray[np.floating]) -> Floats:
        """(m,) how near posts of others are to the nearest field."""
        return (self.place(vectors) @ self.centres.T).max(axis=1, initial=-1).astype(np.float64)

    def of_own(self, labels: Labels) -> Floats:
        """(e,) the same of one's own posts, each taken out of its field first: with few posts a field leans towards each."""
        likeness = np.full((len(self.places), len(self.sums)), -1.0)
        own = np.einsum("ij,ij->i", self.places, self.places, dtype=np.float64) * self.own_parts
        for number, whole in enumerate(self.sums):
            product, part = np.einsum("ij,j->i", self.places, whole), np.where(labels == number, own, 0)
            length = np.sqrt(np.maximum(whole @ whole - 2 * product * (part > 0) + part, 0))
            likeness[:, number] = np.where(length > _NOTHING, (product - part) / np.maximum(length, _NOTHING), -1)
        return likeness.max(axis=1, initial=-1)


@dataclass(frozen=True, eq=False)
class _Scale:
    """Likeness in each room, in spreads of its null model; then the mean of the rooms, in spreads of its own."""

    rooms: tuple[_Room, ...]
    nulls: tuple[tuple[float, float], ...]
    joint: tuple[float, float]

    def of_others(self, vectors: npt.NDArray[np.floating]) -> Floats:
        """(m,) nearness of posts by others."""
        return self._joined([room.of_others(vectors) for room in self.rooms])

    def of_own(self, labels: Labels) -> Floats:
        """(e,) nearness of one's own posts."""
        return self._joined([room.of_own(labels) for room in self.rooms])

    def _joined(self, likeness: list[Floats]) -> Floats:
        parts = [_in_spreads(values, *null) for values, null in zip(likeness, self.nulls, strict=True)]
        return _in_spreads(np.mean(parts, axis=0), *self.joint)


def _in_spreads(values: Floats, centre: float, spread: float) -> Floats:
    return (values - centre) / spread if spread > 1e-9 else np.full(len(values), np.nan)


def _rooms(
    index: AccountIndex, row: int, own: slice, places: Places, declared: Floats | None, as_one: bool
) -> tuple[_Room, _Room]:
    """The topic space, which knows what tells people apart, and the vectors themselves, which know what a post says."""

    def centred(vectors: npt.NDArray[np.floating]) -> Places:
        return unit_rows(np.asarray(vectors, dtype=np.float32) - index.space.mean)

    def room(place: Callable[[npt.NDArray[np.floating]], Places], mine: Places) -> _Room:
        sums = place(declared).astype(np.float64) if declared is not None else _sums(index, row, own, mine, place)
        if as_one and declared is None:
            sums = sums.sum(axis=0, keepdims=True)
        return _Room(place, mine, sums, declared is None)

    return room(index.space.place, places), room(centred, centred(index.post_vectors[own]))


def _sums(
    index: AccountIndex, row: int, own: slice, places: Places, place: Callable[[npt.NDArray[np.floating]], Places]
) -> Floats:
    """(k, t) the places of the texts of each facet, added up; a bio counts like a few posts, as it does for the facets."""
    vectors, _ = index.facet_vectors(row)
    sums = np.zeros((len(vectors), places.shape[1]))
    np.add.at(sums, index.facets.post_facets[own].astype(np.int64), places.astype(np.float64))
    if len(vectors) and index.has_bio[row]:
        bio = index.bio_vectors[row : row + 1]
        sums[int(np.argmax(vectors @ bio[0]))] += BIO_WEIGHT * place(bio)[0]
    return sums


def _others(index: AccountIndex, own: slice) -> Labels:
    """Rows of the post vectors of other accounts, evenly spaced; none where there are too few."""
    mine = own.stop - own.start
    many = len(index.post_vectors) - mine
    if many < _FEWEST_OTHERS:
        return np.zeros(0, dtype=np.int64)
    chosen = np.unique(np.linspace(0, many - 1, min(many, _SAMPLE)).round().astype(np.int64))
    return np.where(chosen >= own.start, chosen + mine, chosen)


def _names(fields: Sequence[str] | None) -> tuple[str, ...]:
    if fields is None:
        return ()
    if isinstance(fields, str):
        raise InvalidRequest("fields is a list of texts, not one text")
    if not 1 <= len(fields) <= _MOST_FIELDS:
        raise InvalidRequest(f"{len(fields)} fields named: name 1 to {_MOST_FIELDS}, or leave fields out")
    names = tuple(" ".join(text.split()) if isinstance(text, str) else "" for text in fields)
    for given, name in zip(fields, names, strict=True):
        if not any(map(str.isalnum, clean_text(name))):
            raise InvalidRequest(f"fields must be texts with words in them, not {given!r}")
    return names


def _declared(index: AccountIndex, names: Sequence[str]) -> Floats:
    """(k, d) a few words mean what posts near to them speak of: the mean of the nearest posts of the index, and the words."""
    vectors = index.encode(names)
    sums = vectors.astype(np.float64)
    if len(index.post_vectors):
        near, rows = top_k(vectors, np.asarray(index.post_vectors, dtype=np.float32), _SPEAKING)
        for number, (cosines, found) in enumerate(zip(near, rows, strict=True)):
            sums[number] += np.asarray(index.post_vectors[found[cosines >= _NEAR]], dtype=np.float64).sum(axis=0)
    return unit_rows(sums).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Quarter:
    """What the posts of three months were about.

    Attributes:
        quarter: such as "2026-Q1".
        posts: with words in them.
        shares: part of them in each field, those off topic left out; None with fewer than five.
        on_topic: part of them that is on topic; None with fewer than five, or where that cannot be told.
        focus: how alike two of them are in topic; None with fewer than five.

    Example:
        >>> print(Quarter("2026-Q1", 3, None, None, None))
        2026-Q1: 3 posts, too few to judge
    """

    quarter: str
    posts: int
    shares: tuple[float, ...] | None
    on_topic: float | None
    focus: float | None

    def __str__(self) -> str:
        if self.shares is None:
            return f"{self.quarter}: {self.posts} posts, too few to judge"
        on = "" if self.on_topic is None else f", {self.on_topic:.0%} on topic".replace("%", " %")
        return f"{self.quarter}: {self.posts} posts{on}, fields {' : '.join(f'{100 * share:.0f}' for share in self.shares)}"


def quarters(posts: OwnPosts, topics: Topics) -> tuple[Quarter, ...]:
    """The dated posts by quarter, the oldest first."""
    times = posts.times[posts.embedded]
    named = np.array([quarter_of(int(t)) if t != OwnPosts.UNKNOWN_TIME else "" for t in times])
    found = []
    for name in sorted(set(named.tolist()) - {""}):
        own = named == name
        many, enough = int(own.sum()), own.sum() >= FEWEST
        inside = own & ~topics.off
        counted = np.bincount(topics.labels[inside], minlength=len(topics.centres)) / max(int(inside.sum()), 1)
        focus = float(min(max(concentration(posts.places[own]), 0.0), 1.0)) if enough else None
        on = float(topics.on[own].mean()) if enough and topics.measured else None
        found.append(Quarter(name, many, tuple(map(float, counted)) if enough else None, on, focus))
    return tuple(found)
