"""Where everybody stands in follow space, by whom they follow and by what they say: the graph teaches the text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.data.graph import FollowGraph
from tweetfocus.index.building import FacetTable
from tweetfocus.index.mapped import some_rows
from tweetfocus.index.voices import Voices
from tweetfocus.index.words import WordTable
from tweetfocus.kernels.factors import Ridge, follow_factors, follower_places, ridge, ridge_solver, term_factors
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
        centre: (d + t,) the mean voice of the followed.
        solver: (d + t, d + t) what turns sums over the voices of the followed into a ridge regression on them.
    """

    items: Floats
    spoken: Floats
    people: Floats
    terms: Floats
    mean: Floats
    slope: Floats
    offset: Floats
    centre: npt.NDArray[np.float64]
    solver: npt.NDArray[np.float64]

    def place_of(self, facets: Floats, shares: Floats, terms: Floats) -> Floats:
        """(f,) where a person with such facets, shares of them and TF-IDF terms would stand as somebody who follows."""
        said = shares @ terms
        used = np.flatnonzero(said)  # a few of very many terms
        voice = np.concatenate([unit_rows((shares @ facets)[None])[0], said[used] @ some_rows(self.terms, used)])
        return Ridge(self.mean, self.slope, self.offset)(voice[None])[0]

    def expect(
        self, values: npt.NDArray[np.float64], followed: npt.NDArray[np.bool_], voices: Voices
    ) -> npt.NDArray[np.float64]:
        """(n,) by how much what an account says lets expect more of a value than the followed have on average; NaN without text.

        Ridge regression of the values on the voices of the followed, in closed form: whatever the graph says of accounts that have
        followers, it says through their texts of those that have none yet.

        Args:
            values: (n,) known of the followed.
            followed: (n,) who they are: those with a follower in the graph that the space was made of.
            voices: of the index.
        """
        told = np.where(followed & voices.speaks, values, 0.0)
        slope = self.solver @ (voices.totals(told) - self.centre * told.sum())
        return np.where(voices.speaks, voices.products(slope) - self.centre @ slope, np.nan)


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
    voices = Voices(facets, words, known_terms)
    voice, speaks = voices.rows(), voices.speaks
    items = follow_factors(following, size=_FACTORS)
    people = follower_places(following, items)
    followers = np.flatnonzero(speaks & (graph.out_degree >= _FEWEST_FOLLOWS))
    followed = np.flatnonzero(speaks & (graph.in_degree >= _FEWEST_FOLLOWERS))
    of_people = ridge(voice, people, rows=followers)
    scale = np.float32(np.sqrt(n))  # the columns of factors have length 1; rows of the size of a cosine suit the penalty
    spoken = ridge(voice, items * scale, penalty=_ITEM_PENALTY, rows=followed)(voice) / scale
    spoken[~speaks] = 0
    centre, solver = ridge_solver(voice, penalty=_ITEM_PENALTY, rows=np.flatnonzero(speaks & (graph.in_degree > 0)))
    return FollowSpace(
        items=items,
        spoken=spoken.astype(np.float32),
        people=people,
        terms=known_terms,
        mean=of_people.mean,
        slope=of_people.slope,
        offset=of_people.offset,
        centre=centre,
        solver=solver,
    )
