"""Splits: a training dataset, and the follows that were taken out of it. Made from a dataset, never from an index, so nothing leaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tweetfocus.data.dataset import Dataset
from tweetfocus.errors import DataError, InvalidRequest

__all__ = ["Split", "cold_start", "complete_accounts", "hidden_follows", "later_follows", "new_accounts"]

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MUTUAL = 0.95  # a set of which so many follows are returned holds friendships: both directions are hidden


@dataclass(frozen=True, eq=False)
class Split:
    """What a recommender may see, and what it should find.

    Attributes:
        name: what was done.
        train: the dataset without the hidden follows; its rows are those of the whole dataset.
        truth: query row -> the rows whose follow was hidden, ascending; only candidates.
        candidates: (n,) which rows may be recommended.
    """

    name: str
    train: Dataset
    truth: Mapping[int, Rows]
    candidates: Mask

    def without_most_followed(self, share: float) -> Split:
        """The same without the `share` of candidates that most follow: what is found when the well-known do not count?

        Raises:
            DataError: nothing left to find.
        """
        followers = np.bincount(self.train.pair_rows("follows")[1], minlength=len(self.candidates))
        rows = np.flatnonzero(self.candidates)
        candidates = self.candidates.copy()
        candidates[rows[np.lexsort((rows, -followers[rows]))[: round(share * len(rows))]]] = False
        truth = {query: kept for query, found in self.truth.items() if len(kept := found[candidates[found]])}
        if not truth:
            raise DataError(f"{self.name}: nothing left to find without the most followed")
        return Split(f"{self.name}, without the {share:.0%} most followed", self.train, truth, candidates)


def complete_accounts(data: Dataset) -> Rows:
    """Rows whose followings are complete: those marked `is_source`, or, where nobody is, everybody who follows anyone."""
    marked = data.accounts["is_source"].fill_null(False).to_numpy()
    follows = np.bincount(data.pair_rows("follows")[0], minlength=len(data)) > 0
    return np.flatnonzero(marked if marked.any() else follows)


def hidden_follows(
    data: Dataset,
    *,
    share: float = 0.2,
    queries: int = 400,
    fewest: int = 10,
    most: int | None = None,
    fewest_followers: int = 2,
    seed: int = 0,
) -> Split:
    """Hide a share of each query's follows.

    Args:
        data: the whole.
        share: of each query's follows, at least one.
        queries: at most this many, drawn among the accounts with complete followings.
        fewest: follows of a query;
        most: and no more than these, if given.
        fewest_followers: that a candidate keeps in the training part.
        seed: of the draw.

    Raises:
        InvalidRequest: a share outside (0, 1].
        DataError: nobody to ask about, or nothing left to find.

    Example:
        >>> import tweetfocus as tf
        >>> split = hidden_follows(tf.demo_dataset(), queries=20)
        >>> len(split.truth), split.train.follows.num_rows < tf.demo_dataset().follows.num_rows
        (20, True)
    """
    _check_share(share)
    source, target = data.pair_rows("follows")
    asked = _queries(data, fewest, most, queries, seed)
    hidden = _draw(source, asked, lambda degree: max(1, round(share * degree)), [seed, 1])
    return _split(f"hidden follows, {share:.0%}", data, asked, _both_ways(data, source, target, hidden), fewest_followers)


def cold_start(
    data: Dataset,
    *,
    known: int = 0,
    followers_known: bool = True,
    queries: int = 100,
    fewest: int = 10,
    most: int | None = None,
    fewest_followers: int = 2,
    seed: int = 0,
) -> Split:
    """Leave each query only `known` of its follows; with `followers_known=False` nobody follows it either.

    Queries that follow each other are left with fewer where that hides their follows too. Where a set holds only mutual follows,
    both directions are hidden.

    Raises:
        InvalidRequest: fewer than no follows known.
        DataError: nobody to ask about, or nothing left to find.

    Example:
        >>> import tweetfocus as tf
        >>> split = cold_start(tf.demo_dataset(), known=3, queries=5)
        >>> source, _ = split.train.pair_rows("follows")
        >>> {int((source == query).sum()) for query in split.truth}
        {3}
    """
    if known < 0:
        raise InvalidRequest(f"known must be a whole number from 0 on, not {known!r}")
    source, target = data.pair_rows("follows")
    asked = _queries(data, max(fewest, known + 1), most, queries, seed)
    hidden = _both_ways(data, source, target, _draw(source, asked, lambda degree: degree - known, [seed, 2]))
    if not followers_known:
        hidden |= np.isin(target, asked)
    name = f"cold start, {known} follows known" + ("" if followers_known else ", no followers")
    return _split(name, data, asked, hidden, fewest_followers)


def new_accounts(
    data: Dataset,
    *,
    share: float = 0.1,
    follows_known: bool = True,
    queries: int = 400,
    fewest: int = 10,
    most: int | None = None,
    fewest_followers: int = 2,
    seed: int = 0,
) -> Split:
    """Take all followers from a share of the accounts, and rank those without any: which of them should be shown to whom?

    With `follows_known=False` the new ones follow nobody either: only what they say is known. Candidates are all accounts that
    have no follower then; so accounts that never had one are among them.

    Raises:
        InvalidRequest: a share outside (0, 1].
        DataError: nobody to ask about, or nothing left to find.

    Example:
        >>> import numpy as np, tweetfocus as tf
        >>> split = new_accounts(tf.demo_dataset(), queries=20)
        >>> followed = split.train.pair_rows("follows")[1]
        >>> bool(np.isin(followed, np.flatnonzero(split.candidates)).any())
        False
    """
    _check_share(share)
    source, target = data.pair_rows("follows")
    asked = _queries(data, fewest, most, queries, seed)
    followed = np.flatnonzero(np.bincount(target, minlength=len(data)) >= fewest_followers)
    followed = followed[~np.isin(followed, asked)]
    new = np.random.default_rng([seed, 3]).permutation(followed)[: max(1, round(share * len(followed)))]
    newcomers = np.zeros(len(data), dtype=bool)
    newcomers[new] = True
    hidden = newcomers[target] if follows_known else newcomers[target] | newcomers[source]
    hidden = _both_ways(data, source, target, hidden)
    unfollowed = np.bincount(target[~hidden], minlength=len(data)) == 0
    name = f"new accounts, {share:.0%} of the followed" + ("" if follows_known else ", following nobody")
    return _split(name, data, asked, hidden, 0, among=unfollowed)


def later_follows(
    data: Dataset,
    *,
    share: float = 0.2,
    queries: int = 400,
    fewest: int = 10,
    most: int | None = None,
    fewest_followers: int = 2,
    seed: int = 0,
) -> Split:
    """Hide the newest `share` of all dated follows, of everybody: what would have been foreseen?

    Raises:
        InvalidRequest: a share outside (0, 1].
        DataError: follows without dates, nobody to ask about, or nothing left to find.

    Example:
        >>> import tweetfocus as tf
        >>> from datetime import UTC, datetime
        >>> days = [datetime(2024, 1, day, tzinfo=UTC) for day in range(1, 21)]
        >>> people = [tf.Account(account_id=str(i)) for i in range(8)]
        >>> follows = [tf.Follow(source_id=str(i // 6), target_id=str(2 + i % 6), created_at=day) for i, day in enumerate(days[:12])]
        >>> split = later_follows(tf.Dataset.from_records(people, follows=follows), fewest=2, fewest_followers=0)
        >>> {query: found.tolist() for query, found in split.truth.items()}
        {1: [6, 7]}
    """
    _check_share(share)
    dated = data.follows["created_at"]
    if len(dated) == 0 or dated.null_count:
        raise DataError(f"{dated.null_count} of {len(dated)} follows have no created_at; a split by time needs them all")
    when = pc.cast(dated, pa.int64()).to_numpy()
    hidden = np.zeros(len(when), dtype=bool)
    hidden[np.argsort(when, kind="stable")[len(when) - max(1, round(share * len(when))) :]] = True
    first = datetime.fromtimestamp(when[hidden].min() / 1e6, UTC)
    asked = _queries(data, fewest, most, queries, seed)
    return _split(f"follows from {first:%Y-%m-%d} on", data, asked, hidden, fewest_followers)


def _check_share(share: float) -> None:
    if not 0 < share <= 1:
        raise InvalidRequest(f"share must lie above 0 and not above 1, not {share!r}")


def _queries(data: Dataset, fewest: int, most: int | None, queries: int, seed: int) -> Rows:
    degree = np.bincount(data.pair_rows("follows")[0], minlength=len(data))
    rows = complete_accounts(data)
    rows = rows[(degree[rows] >= fewest) & (degree[rows] <= (degree.max(initial=0) if most is None else most))]
    if not len(rows):
        raise DataError(f"no account with complete followings has at least {fewest} of them: nobody to ask about")
    return np.sort(np.random.default_rng([seed, 0]).permutation(rows)[:queries])


def _draw(source: Rows, queries: Rows, how_many: Callable[[int], int], seed: list[int]) -> Mask:
    """Hide some of the follows of each query; `source` is ascending."""
    rng = np.random.default_rng(seed)
    hidden = np.zeros(len(source), dtype=bool)
    for query in queries.tolist():
        own = np.arange(np.searchsorted(source, query), np.searchsorted(source, query, side="right"))
        hidden[rng.choice(own, how_many(len(own)), replace=False)] = True
    return hidden


def _both_ways(data: Dataset, source: Rows, target: Rows, hidden: Mask) -> Mask:
    """Where a set holds only mutual follows, the follow back would give the hidden one away."""
    n = len(data)
    pairs, back = source * n + target, target * n + source
    return hidden | np.isin(back, pairs[hidden]) if np.isin(pairs, back).mean() > _MUTUAL else hidden


def _split(name: str, data: Dataset, queries: Rows, hidden: Mask, fewest_followers: int, *, among: Mask | None = None) -> Split:
    source, target = data.pair_rows("follows")
    train = replace(data, follows=data.follows.filter(pa.array(~hidden)).combine_chunks())
    candidates = np.bincount(target[~hidden], minlength=len(data)) >= fewest_followers
    if among is not None:
        candidates &= among
    truth: dict[int, Rows] = {}
    by_source = np.argsort(source[hidden], kind="stable")
    asked, wanted = source[hidden][by_source], target[hidden][by_source]
    for query in queries.tolist():
        found = wanted[np.searchsorted(asked, query) : np.searchsorted(asked, query, side="right")]
        found = np.sort(found[candidates[found]])
        if len(found):
            truth[query] = found
    if not truth:
        raise DataError(f"{name}: nothing left to find; the dataset is too small")
    return Split(name, train, truth, candidates)
