"""`Evidence`: everything the index can say about a query, one number per account, measured against the whole index.

Each array is computed for all accounts at once or not at all, so an account's number cannot depend on which candidates are asked for.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.mapped import some_rows
from tweetfocus.kernels.kinship import Surroundings, kindred_nearby
from tweetfocus.kernels.neighbours import adamic_adar, co_follow, reach, shared_followings
from tweetfocus.kernels.selection import largest
from tweetfocus.kernels.similarity import best_per_group
from tweetfocus.kernels.threads import at_once
from tweetfocus.kernels.walks import circle_of_trust, local_pagerank, personalized_pagerank, salsa
from tweetfocus.ranking.query import Query

__all__ = ["KINDS", "Evidence", "rarity", "relative"]

Floats = npt.NDArray[np.floating]

_CIRCLE = 200  # accounts in the circle of trust
_TEXT_COUNTS = 10  # what a person says places them as firmly as so many follows
_FOLLOWERS_COUNT = 10  # all their followers together as so many, at most
_PRECISION = 5e-7  # of a walk in a large graph, per neighbour: about 98 of the 100 most visited are right
_FEW_EDGES = 1_000_000  # a whole walk over so many takes no longer than a local one
_NEAREST = 5_000  # people whose choices are weighed against each other, at most
_NOISE = 1e-5  # of the largest value: what rounding makes of zero

KINDS = (
    "facets",
    "bio",
    "words",
    "alike",
    "spoken",
    "echo",
    "pattern",
    "peers",
    "neighbours",
    "fellows",
    "co_follow",
    "walk",
    "trust",
    "friends",
    "audience",
    "likeness",
)


# each about half of the work; `echo` waits for `neighbours`
_BY_GRAPH = ("neighbours", "walk", "trust", "co_follow", "likeness", "peers", "fellows", "friends", "audience")
_BY_TEXT = ("facets", "bio", "words", "alike", "pattern", "spoken", "echo")


class Evidence:
    """What speaks for each account, (n,) arrays by name, computed when first asked for.

    Example:
        >>> import tweetfocus as tf
        >>> from tweetfocus.ranking.query import make_query
        >>> people = [tf.Account(account_id=i, bio=bio) for i, bio in {"1": "Heat pumps", "2": "Heat pumps", "3": "Chef"}.items()]
        >>> index = tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(), cache=False)
        >>> Evidence(index, make_query(index, "1")).facets.round(2).tolist()
        [nan, 1.0, 0.0]
    """

    def __init__(self, index: AccountIndex, query: Query) -> None:
        self.index = index
        self.query = query
        self.products = index.products
        self.graph = index.trusted  # what link spammers follow is no evidence
        self._sorted: dict[str, tuple[Floats, int]] = {}
        self._most: dict[str, float] = {}
        self._best: dict[tuple[str, int], npt.NDArray[np.int64]] = {}
        self._asking = np.unique(np.append(query.seeds, [] if query.row is None else [query.row]).astype(np.int64))

    def prepare(self) -> None:
        """Work out in a large index all that will be asked for, on two processors; the same would be done one after the other."""
        if self.index.rounded is not None:
            at_once(lambda part: [self._in_order(kind) for kind in (_BY_GRAPH, _BY_TEXT)[part]], 2)

    def _but_asking(self, values: Floats) -> Floats:
        """The person who asks is no evidence about others: out of every comparison. Changes `values`, which nobody else holds."""
        values[self._asking] = np.nan
        return values

    def _joined(self, columns: Floats) -> Floats:
        """(n,) out of (n, k), a column for each facet: the nearest of a person's fields counts, but all of the examples do."""
        if columns.shape[1] == 0:
            return np.full(len(columns), np.nan)
        return np.asarray(columns @ self.query.shares if self.query.by_example else columns.max(axis=1))

    # -- text -----------------------------------------------------------------------------------------------------------------

    @cached_property
    def _by_facet(self) -> npt.NDArray[np.float32]:
        """(k, f) cosine of each query facet with every facet of the index."""
        return self.products.facets(self.query.facets)

    @cached_property
    def facet_likeness(self) -> Floats:
        """(n, k) cosine of each query facet with the nearest facet of the account; NaN without text."""
        columns = [best_per_group(column, self.index.facets.offsets) for column in self._by_facet]
        return np.stack([self._but_asking(c) for c in columns], axis=1) if columns else np.zeros((len(self.index), 0))

    @cached_property
    def facets(self) -> Floats:
        """Cosine of the nearest pair of facets, theirs and mine."""
        return self._joined(self.facet_likeness)

    @cached_property
    def bio(self) -> Floats:
        """Cosine of their bio with my nearest facet; NaN without a bio."""
        best = self._joined(self.products.bios(self.query.facets, self._by_facet).T)
        return self._but_asking(np.where(self.index.has_bio, best, np.nan))

    @cached_property
    def words(self) -> Floats:
        """TF-IDF cosine of their words with those of my nearest facet."""
        best = self._joined(self.products.words(self.query.terms).T)
        return self._but_asking(np.where(np.diff(self.index.words.indptr) > 0, best, np.nan))

    # -- graph ----------------------------------------------------------------------------------------------------------------

    @cached_property
    def walk(self) -> Floats:
        """How often a walk from me along follows, in either direction, comes by."""
        graph, start = self.graph, self.query.walk_from
        if not start.size or not graph.undirected_degree[start].any():
            return np.zeros(len(self.index))
        if len(graph.undirected.indices) <= _FEW_EDGES:
            return self._but_asking(personalized_pagerank(graph.undirected_matrix, start, tolerance=1e-6))
        return self._but_asking(local_pagerank(graph.undirected, start, precision=_PRECISION))

    @cached_property
    def trust(self) -> Floats:
        """SALSA authority over my circle of trust."""
        if not np.nansum(self.walk):
            return np.zeros(len(self.index))
        visits = np.nan_to_num(self.walk).astype(np.float64, copy=False)
        circle = np.union1d(circle_of_trust(visits, _CIRCLE), self.query.following)
        return self._but_asking(salsa(self.graph.out_lines, circle)[0])

    @cached_property
    def co_follow(self) -> Floats:
        """Mean cosine between their followers and those of the accounts I follow."""
        graph, mine = self.graph, self.query.following
        if not mine.size:
            return np.zeros(len(self.index))
        return self._but_asking(co_follow(graph.out_lines, graph.in_lines, mine) / mine.size)

    @cached_property
    def likeness(self) -> Floats:
        """Cosine between whom they follow and whom I follow."""
        if not self.query.following.size:
            return np.zeros(len(self.index))
        return self._but_asking(shared_followings(self.graph.out_lines, self.graph.in_lines, self.query.following))

    @cached_property
    def peers(self) -> Floats:
        """Followed by people who follow whom I follow."""
        mine = self.query.following
        return self._followed_by(self.graph.followings_around, mine, np.ones(mine.size))

    @cached_property
    def neighbours(self) -> Floats:
        """Followed by people whose neighbours in the graph, in either direction, are mine."""
        graph, mine = self.graph, self.query.following
        if not self._whole:
            return self._followed_by(graph.neighbours_around, mine, np.power(graph.undirected_degree[mine] + 1.0, -0.25))
        if not graph.undirected_degree[self.query.row]:
            return np.zeros(len(graph))
        return self._followed_by(graph.neighbours_around, *graph.neighbours_around.row(int(self.query.row or 0)))

    @cached_property
    def fellows(self) -> Floats:
        """Followed by people who are followed by those who follow me, or who follow me themselves."""
        graph = self.graph
        if not (self._whole and graph.in_degree[self.query.row]):
            return np.zeros(len(graph))
        return self._followed_by(graph.followers_around, *graph.followers_around.row(int(self.query.row or 0)))

    @property
    def _whole(self) -> bool:
        """Whether all that is known of the person counts; else only some of those they follow, or the examples."""
        return self.query.row is not None and self.query.walk_from.tolist() == [self.query.row]

    def _followed_by(self, around: Surroundings, rows: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> Floats:
        """By people as far as what is theirs is like what is mine; whoever follows many says less with each follow."""
        graph, length = self.graph, np.linalg.norm(values)
        if not length or not graph.chooses.any():
            return np.zeros(len(graph))
        people, kin = kindred_nearby(around, (rows, values / length), graph.chooses, nearest=_NEAREST)
        said = kin * graph.out_degree[people] ** -0.25
        return self._but_asking(_above_noise(reach(graph.in_lines, graph.out_lines, people, said)))

    @cached_property
    def friends(self) -> Floats:
        """Followed by the accounts I follow, each counting less the more it follows."""
        graph, mine = self.graph, self.query.following
        if not mine.size:
            return np.zeros(len(self.index))
        return self._but_asking(adamic_adar(graph.out_lines, graph.in_lines, graph.out_degree, mine))

    @cached_property
    def audience(self) -> Floats:
        """Followed by my followers, each counting less the more they follow."""
        graph, row = self.graph, self.query.row
        if row is None or not graph.in_degree[row]:
            return np.zeros(len(self.index))
        return self._but_asking(adamic_adar(graph.out_lines, graph.in_lines, graph.out_degree, graph.followers(row)))

    @cached_property
    def follows_me(self) -> Floats:
        """1 for my followers."""
        flags = np.zeros(len(self.index))
        if self.query.row is not None:
            flags[self.index.graph.followers(self.query.row)] = 1
        return self._but_asking(flags)

    @cached_property
    def engaged(self) -> Floats:
        """In how many posts they spoke to me."""
        counts = np.zeros(len(self.index))
        if self.query.row is not None:
            talk = self.index.engagement
            mine = slice(int(talk.indptr[self.query.row]), int(talk.indptr[self.query.row + 1]))
            np.add.at(counts, talk.authors[mine], talk.counts[mine])
        return self._but_asking(counts)

    # -- where the two meet ---------------------------------------------------------------------------------------------------

    @cached_property
    def _place_by_text(self) -> npt.NDArray[np.float32]:
        """(f,) where somebody who talks as I do stands in follow space, as one who follows; zeros without text."""
        query, space = self.query, self.index.follow_space
        if not len(query.facets):
            return np.zeros(space.items.shape[1], dtype=np.float32)
        return space.place_of(query.facets, query.shares, query.terms)

    @cached_property
    def _place(self) -> npt.NDArray[np.float64]:
        """(f,) where I stand: by what I say, and the more the more is known, by whom I follow and who follows me."""
        graph, space, query = self.graph, self.index.follow_space, self.query
        place = _TEXT_COUNTS * self._place_by_text.astype(np.float64)
        if query.following.size:
            weight = np.maximum(graph.in_degree[query.following], 1) ** -0.25
            place += query.following.size * _unit(weight @ some_rows(space.items, query.following))
        if self._whole and graph.in_degree[query.row]:
            fans = graph.followers(int(query.row or 0))
            place += min(fans.size, _FOLLOWERS_COUNT) * some_rows(space.people, fans).mean(axis=0)
        return np.asarray(_unit(place), dtype=np.float64)

    @cached_property
    def _by_place(self) -> npt.NDArray[np.float32]:
        """(2, n) how well each account fits where I stand by text, and where I stand by all that is known."""
        return self.products.items(np.stack([self._place_by_text, self._place]))

    @cached_property
    def alike(self) -> Floats:
        """Followed by people who describe themselves as I do."""
        return self._but_asking(_above_noise(self._by_place[0]))

    @cached_property
    def pattern(self) -> Floats:
        """Fits what people who stand where I stand follow."""
        return self._but_asking(_above_noise(self._by_place[1]))

    @cached_property
    def spoken(self) -> Floats:
        """Describes itself like the accounts that people who stand where I stand follow."""
        fits = self.products.spoken(self._place[None])[0]
        return self._but_asking(np.where(self.products.voices.speaks, _above_noise(fits), np.nan))

    @cached_property
    def echo(self) -> Floats:
        """Describes itself like the accounts that people whose neighbours are mine follow; NaN without text."""
        voices, near = self.products.voices, np.nan_to_num(self.neighbours).astype(np.float64, copy=False)
        if not near.any():
            return np.where(voices.speaks, 0.0, np.nan)
        expected = self.index.follow_space.expect(near, self.graph.in_degree > 0, voices)
        return self._but_asking(np.where(voices.speaks, _above_noise(np.nan_to_num(expected)), np.nan))

    # -- calibrated -----------------------------------------------------------------------------------------------------------

    @cached_property
    def rarities(self) -> dict[str, Floats]:
        """`rarity` of the graded kinds of evidence."""
        return {name: rarity(getattr(self, name)) for name in KINDS}

    @cached_property
    def relatives(self) -> dict[str, Floats]:
        """Each graded kind of evidence as a part of the most that speaks for anybody whom I do not follow, in [0, 1]."""
        return {name: relative(getattr(self, name), self._known) for name in KINDS}

    @cached_property
    def _known(self) -> npt.NDArray[np.int64]:
        """Rows whom I follow, and examples: they are not what others are measured by."""
        row = self.query.row
        return np.append(self.query.following, [] if row is None else self.index.graph.following(row)).astype(np.int64)

    def rarity_of(self, kind: str, rows: npt.NDArray[np.int64]) -> Floats:
        """`rarities` of some rows only: the values are sorted once, and nobody else's rarity is looked up."""
        return _rarity(getattr(self, kind)[rows], *self._in_order(kind))

    def _in_order(self, kind: str) -> tuple[Floats, int]:
        """The values above zero, in order, and how many are known."""
        if kind not in self._sorted:
            values = getattr(self, kind)
            self._sorted[kind] = np.sort(values[values > 0]), int(np.isfinite(values).sum())
        return self._sorted[kind]

    def relative_of(self, kind: str, rows: npt.NDArray[np.int64]) -> Floats:
        """`relatives` of some rows only."""
        if kind not in self._most:
            self._most[kind] = _most(getattr(self, kind), self._known)
        return _relative(getattr(self, kind)[rows], self._most[kind])

    def strongest(self, kind: str, k: int) -> npt.NDArray[np.int64]:
        """The `k` rows with most of one kind of evidence, above zero; ties by row."""
        if (kind, k) not in self._best:
            self._best[kind, k] = largest(getattr(self, kind), k)
        return self._best[kind, k]

    @cached_property
    def any(self) -> npt.NDArray[np.bool_]:
        """(n,) whether anything at all speaks for the account: known text, or some tie in the graph."""
        ties = (self.walk, self.co_follow, self.likeness, self.friends, self.follows_me, self.engaged, self.alike)
        found = np.isfinite(self.facets) if len(self.query.facets) else np.zeros(len(self.index), dtype=bool)
        for tie in ties:
            found |= tie > 0
        return found


def _unit(vector: Floats) -> Floats:
    length = float(np.sqrt(vector @ vector))
    return vector / length if length else vector


def _above_noise(values: Floats) -> Floats:
    """Values above zero; what is only rounded to more than zero would have a rarity."""
    return np.where(values > _NOISE * values.max(initial=0), values, 0)


def relative(values: npt.NDArray[np.floating], known: npt.NDArray[np.int64]) -> Floats:
    """Values as a part of the largest outside the `known` rows, at most 1; zero for nothing and for unknown.

    Example:
        >>> relative(np.array([9.0, 2.0, 1.0, np.nan]), known=np.array([0])).tolist()
        [1.0, 1.0, 0.5, 0.0]
    """
    return _relative(values, _most(values, known))


def _most(values: npt.NDArray[np.floating], known: npt.NDArray[np.int64]) -> float:
    most = float(np.fmax.reduce(values, initial=0))
    if most > np.fmax.reduce(values[known], initial=0):  # as mostly: nothing has to be left out
        return most
    others = values.copy()
    others[known] = 0
    return float(np.fmax.reduce(others, initial=0))


def _relative(values: npt.NDArray[np.floating], most: float) -> Floats:
    positive = np.maximum(np.nan_to_num(values.astype(np.float64)), 0)
    return np.minimum(positive / most, 1) if most else np.zeros(len(positive))


def rarity(values: npt.NDArray[np.floating]) -> Floats:
    """How rare it is in the index to have so much: log10 of (accounts known / accounts with as much or more).

    1 is "one in ten", 2 "one in a hundred". Zero for nothing, and zero for unknown: what is not known does not speak for anybody.
    A scale that travels: it means the same for cosines and visits, in small indexes and large ones.

    Example:
        >>> rarity(np.array([0.9, 0.0, 0.3, np.nan, 0.3])).round(2).tolist()
        [0.6, 0.0, 0.12, 0.0, 0.12]
    """
    return _rarity(values, np.sort(values[values > 0]), int(np.isfinite(values).sum()))


def _rarity(values: npt.NDArray[np.floating], order: npt.NDArray[np.floating], known: int) -> Floats:
    """Of `values` in an index where those above zero, in order, are `order`, and `known` accounts have a value."""
    result = np.zeros(len(values))
    positive = values > 0
    result[positive] = np.log10(known / (len(order) - np.searchsorted(order, values[positive], side="left")))
    return result
