"""`relevance`: who shares somebody's field, for every account of the index, with a threshold that a null model states.

A score of `recommend` orders the accounts that one might follow. This answers another question, and answers it for followers and
followings too: is this account of my field, yes or no? So it must not grow with anything that strangers can do: neither follower counts
nor who follows or addresses the person count.

- *text*: how near the two stand in follow space by what they say (the graph has taught it which words belong to one field, see
  `FollowSpace`); where an index has too few follows to learn from, how near their facets lie in its topic space.
- *graph*: how near the two stand by whom they follow. Whether they follow the person is left out.

Both are measured in spreads of the null model: how alike are two random accounts of this index? An account that is
known by text and graph has the mean of the two, measured by its own null.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import InvalidRequest
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.kernels.chance import lower_null, one_in
from tweetfocus.kernels.factors import follower_places
from tweetfocus.kernels.similarity import row_products, unit_rows
from tweetfocus.ranking.labels import label

__all__ = ["Relevance", "relevance"]

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.float32]

_SAMPLE = 500  # accounts, evenly spaced over the rows, of whom every pair is looked at
_FEWEST = 20  # accounts with a kind of evidence; among fewer there is no telling what is common
_FEWEST_FOLLOWS = 3  # others that an account must follow for its follows to say something
_TAUGHT = 50  # accounts with text and two followers or more, from whom follow space has learned what texts mean
_FEW = 0.2  # of those who pass may be strangers; more is said
_HARDLY = 0.5  # of them; more, and there is no telling who is of another field
_FLAT = 1e-6  # spread of a cosine; less is rounding


@dataclass(frozen=True, eq=False)
class Relevance:
    """How much every account shares a person's field, in spreads of the null model: 0 is what two random accounts share.

    Attributes:
        row: the person.
        values: (n,) NaN for the person, and where nothing is known of the account (or of the person).
        text: (n,) the part that what they say has in it, in the same units; NaN where unknown.
        graph: (n,) the part that whom they follow has in it.
        threshold: from here on an account counts as relevant.
        chance: the part of random pairs of accounts that would reach the threshold.
        notes: what could not be measured, in words.
    """

    row: int
    values: Floats
    text: Floats
    graph: Floats
    threshold: float
    chance: float
    notes: tuple[str, ...]

    @cached_property
    def known(self) -> npt.NDArray[np.bool_]:
        """(n,) which accounts can be judged."""
        return np.isfinite(self.values)

    @cached_property
    def passes(self) -> npt.NDArray[np.bool_]:
        """(n,) which accounts are relevant; unknown ones are not."""
        return np.nan_to_num(self.values, nan=-np.inf) >= self.threshold

    @cached_property
    def strangers(self) -> float:
        """Which part of those who pass would do so by chance alone, in [0, 1] (the false discovery rate of Efron, 2004); 1 for nobody."""
        passing = int(self.passes.sum())
        return min(self.chance * int(self.known.sum()) / passing, 1.0) if passing else 1.0

    @property
    def tells(self) -> bool:
        """Whether the index can tell the person's field from others: clearly more accounts pass than by chance."""
        return self.strangers < _HARDLY

    @cached_property
    def weights(self) -> Floats:
        """(n,) in [0, 1], for sums: half at the threshold, nothing from one spread below it, 1 from one spread above it.

        Zero for unknown. A crowd of random accounts adds up to hardly anything.
        """
        return np.nan_to_num(np.clip((self.values - self.threshold + 1) / 2, 0, 1))


def relevance(index: AccountIndex, who: str, *, chance: float = 0.01) -> Relevance:
    """Measure how much every account of the index shares the field of `who`.

    Args:
        index: the accounts.
        who: account id or @username.
        chance: how many random pairs of accounts may pass as relevant: the threshold lies where the null model has so many.

    Returns:
        One number per account. Strangers cannot raise it: it does not depend on who follows or addresses `who`, but for
        what these follows teach the index as a whole.

    Raises:
        UnknownAccount: `who` is not in the index.
        InvalidRequest: `chance` outside (0, 0.5).

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> found = relevance(index, "@mara_lindqvist")
        >>> round(found.threshold, 2), bool(found.passes[index.data.row("@dr_flexload")])
        (2.33, True)
        >>> bool(found.passes[index.data.row("@chef_ottavio")])
        False
    """
    if isinstance(chance, bool) or not isinstance(chance, (int, float)) or not 0 < chance < 0.5:
        raise InvalidRequest(f"chance must be a number between 0 and 0.5, not {chance!r}")
    row = index.data.row(who)
    text = _part(_text_places(index), row)
    graph = _part(_graph_places(index, row), row)
    both = (text.values + graph.values) / 2
    null = lower_null((text.pairs + graph.pairs) / 2)
    joint = (both - null[0]) / null[1] if null[1] > _FLAT else both
    values = np.where(np.isfinite(both), joint, np.where(np.isfinite(text.values), text.values, graph.values))
    found = Relevance(row, values, text.values, graph.values, one_in(chance), float(chance), ())
    return replace(found, notes=(*_notes(index, row, text.values, graph.values), *_one_field(found)))


@dataclass(frozen=True, eq=False, slots=True)
class _Part:
    """One kind of evidence, in spreads of its null: of every account with the person, and of the pairs of the sample."""

    values: Floats
    pairs: Floats


def _part(places: Places, row: int) -> _Part:
    """Cosines of the places with the person's, against those of random pairs; zero rows are unknown."""
    n = len(places)
    known: npt.NDArray[np.bool_] = np.any(places, axis=1)
    sample = np.unique(np.linspace(0, n - 1, min(n, _SAMPLE)).round().astype(np.int64))
    pairs = (places[sample] @ places[sample].T).astype(np.float64)
    pairs[~known[sample]] = pairs[:, ~known[sample]] = np.nan
    np.fill_diagonal(pairs, np.nan)
    centre, spread = lower_null(pairs)
    if known[sample].sum() < _FEWEST or spread < _FLAT:
        return _Part(np.full(n, np.nan), np.full_like(pairs, np.nan))
    values = row_products(places, places[row]).astype(np.float64)
    values[~known | (np.arange(n) == row) | ~known[row]] = np.nan
    return _Part((values - centre) / spread, (pairs - centre) / spread)


def _text_places(index: AccountIndex) -> Places:
    """(n, f) unit rows: where each account's words put it; zeros without any."""
    facets, speaks = index.facets, np.diff(index.facets.offsets) > 0
    if index.follow_space.spoken.shape[1] > 1 and (speaks & (index.graph.in_degree >= 2)).sum() >= _TAUGHT:
        return unit_rows(index.follow_space.spoken)
    owner = np.repeat(np.arange(len(index)), np.diff(facets.offsets))
    meant = np.zeros((len(index), facets.vectors.shape[1]), dtype=np.float32)
    np.add.at(meant, owner, np.asarray(facets.vectors) * np.asarray(facets.shares, dtype=np.float32)[:, None])
    places = index.space.place(unit_rows(meant))
    places[~speaks] = 0
    return places


def _graph_places(index: AccountIndex, row: int) -> Places:
    """(n, f) unit rows: where each account stands by whom it follows, the person left out; zeros where those are too few."""
    from scipy.sparse import csr_array

    graph = index.graph
    others = graph.out_indices != row
    indptr = np.concatenate([[0], np.cumsum(others)])[graph.out_indptr]
    follows = csr_array((np.ones(indptr[-1], dtype=np.float32), graph.out_indices[others], indptr), shape=(len(graph),) * 2)
    places = follower_places(follows, np.asarray(index.follow_space.items))
    places[np.diff(indptr) < _FEWEST_FOLLOWS] = 0
    return places


def _notes(index: AccountIndex, row: int, text: Floats, graph: Floats) -> tuple[str, ...]:
    who = label(index.data.account_id(row), index.data.username(row))
    lacks = []
    if not np.isfinite(text).any():
        speaks = len(index.facet_vectors(row)[0])
        lacks.append(
            "too few accounts with text to compare with" if speaks else f"{who} has no bio or posts with words in them"
        )
    if not np.isfinite(graph).any():
        follows = index.graph.out_degree[row] >= _FEWEST_FOLLOWS
        lacks.append("too few accounts whose follows are known" if follows else f"{who} follows hardly anybody in this index")
    if len(lacks) == 2:
        return (f"nobody's relevance can be judged: {lacks[0]}, and {lacks[1]}",)
    by = "text" if np.isfinite(text).any() else "whom accounts follow"
    return (f"relevance is judged by {by} alone: {lacks[0]}",) if lacks else ()


def _one_field(found: Relevance) -> tuple[str, ...]:
    many, passing = int(found.known.sum()), int(found.passes.sum())
    if not many or found.strangers <= _FEW:
        return ()
    if found.tells:
        some = f"{passing:,} of {many:,} accounts pass as relevant, and chance alone lets {found.chance * many:.0f} pass"
        return (f"{some}: hardly anybody here shares your field, and some of those who pass are strangers",)
    told = f"{passing:,} of {many:,} accounts pass as relevant, hardly more than chance lets pass"
    return (f"{told}: hardly anybody here shares the field, or everybody does",)
