"""Where everybody stands in follow space, by whom they follow and by what they say: the graph teaches the text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.data.graph import FollowGraph
from tweetfocus.index.building import FacetTable
from tweetfocus.index.words import WordTable
from tweetfocus.kernels.factors import Ridge, follow_factors, follower_places, ridge, term_factors
from tweetfocus.kernels.similarity import unit_rows

__all__ = ["FollowSpace", "follow_space"]

Floats = npt.NDArray[np.float32]

_FACTORS = 48  # of the follow graph
_TERM_FACTORS = 64  # of the words
_FEWEST_FOLLOWS = 5  # of a person from whom the map from text to followings learns
_FEWEST_FOLLOWERS = 2  # of an account from which the map from text to followers learns
_ITEM_PENALTY = 10.0


@dataclass(frozen=True, eq=False)
class FollowSpace:
    """Latent follow factors, and the maps that lead from a text to them.

    Attributes:
        items: (n, f) each account's place as somebody to follow; zeros without followers.
        spoken: (n, f) the place where its text alone would put it; zeros without text.
        people: (n, f) each account's place as somebody who follows, unit rows; zeros for those who follow nobody.
        terms: (v, t) factors of the terms.
        mean, slope, offset: the map from a voice to the place of a person who follows.
    """

    items: Floats
    spoken: Floats
    people: Floats
    terms: Floats
    mean: Floats
    slope: Floats
    offset: Floats

    def place_of(self, facets: Floats, shares: Floats, terms: Floats) -> Floats:
        """(f,) where a person with such facets, shares of them and TF-IDF terms would stand as somebody who follows."""
        voice = np.concatenate([unit_rows((shares @ facets)[None])[0], shares @ terms @ self.terms])
        return Ridge(self.mean, self.slope, self.offset)(voice[None])[0]


def _voices(facets: FacetTable, words: WordTable, term_places: Floats) -> Floats:
    """(n, d + t) what an account says, all facets together: meaning beside words; zeros without text."""
    n = len(facets.offsets) - 1
    owner = np.repeat(np.arange(n), np.diff(facets.offsets))
    meant = np.zeros((n, facets.vectors.shape[1]), dtype=np.float32)
    np.add.at(meant, owner, np.asarray(facets.vectors) * np.asarray(facets.shares, dtype=np.float32)[:, None])
    return np.hstack([unit_rows(meant), words.weights @ term_places]).astype(np.float32)


def follow_space(graph: FollowGraph, facets: FacetTable, words: WordTable, *, terms: Floats | None = None) -> FollowSpace:
    """Factorise the graph and learn the two maps from text to it, in closed form.

    Args:
        graph: who follows whom.
        facets: of the accounts.
        words: of the accounts.
        terms: the factors of the terms, where they are known; they do not depend on the graph.

    Example:
        >>> from tweetfocus.data.graph import FollowGraph
        >>> from tweetfocus.index.building import facet_table
        >>> from tweetfocus.index.words import word_table
        >>> from tweetfocus.kernels.interests import topic_space
        >>> nothing, ends = np.zeros((0, 8), np.float16), np.zeros(4, np.int64)
        >>> facets = facet_table(np.eye(3, 8, dtype=np.float32), nothing, ends, topic_space(nothing, ends))
        >>> follow_space(FollowGraph.from_pairs(3, [0, 1], [2, 2]), facets, word_table([["a b"]] * 3)).items.shape
        (3, 0)
    """
    following, n = graph.out_matrix, len(graph)
    known_terms = term_factors(words.weights, size=_TERM_FACTORS) if terms is None else terms
    voice = _voices(facets, words, known_terms)
    speaks = np.diff(facets.offsets) > 0
    items = follow_factors(following, size=_FACTORS)
    people = follower_places(following, items)
    followers = np.flatnonzero(speaks & (graph.out_degree >= _FEWEST_FOLLOWS))
    followed = np.flatnonzero(speaks & (graph.in_degree >= _FEWEST_FOLLOWERS))
    of_people = ridge(voice[followers], people[followers])
    scale = np.float32(np.sqrt(n))  # the columns of factors have length 1; rows of the size of a cosine suit the penalty
    spoken = ridge(voice[followed], items[followed] * scale, penalty=_ITEM_PENALTY)(voice) / scale
    spoken[~speaks] = 0
    return FollowSpace(items, spoken.astype(np.float32), people, known_terms, of_people.mean, of_people.slope, of_people.offset)
