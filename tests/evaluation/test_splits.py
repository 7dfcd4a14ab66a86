from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tweetfocus as tf
from tweetfocus.data.assembly import SCHEMAS
from tweetfocus.data.dataset import Dataset
from tweetfocus.data.demo import demo_dataset
from tweetfocus.data.records import Account, Follow
from tweetfocus.errors import DataError
from tweetfocus.evaluation.splits import Split, cold_start, complete_accounts, hidden_follows, later_follows, new_accounts

Pairs = set[tuple[int, int]]

FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)


def _dataset(n: int, pairs: Pairs | list[tuple[int, int]], sources: set[int] | None = None, *, dated: bool = False) -> Dataset:
    """Rows are the numbers; without `sources` nobody is marked; the follows are dated in the order of `pairs`."""
    people = [Account(account_id=f"{i:03}", is_source=None if sources is None else i in sources) for i in range(n)]
    days = [FIRST_DAY + timedelta(days=day) if dated else None for day in range(len(pairs))]
    follows = [
        Follow(source_id=f"{a:03}", target_id=f"{b:03}", created_at=day) for (a, b), day in zip(pairs, days, strict=True)
    ]
    return Dataset.from_records(people, follows=follows)


def _pairs(data: Dataset) -> Pairs:
    source, target = data.pair_rows("follows")
    return set(zip(source.tolist(), target.tolist(), strict=True))


def _of(pairs: Pairs, row: int) -> set[int]:
    return {target for source, target in pairs if source == row}


def _followers(pairs: Pairs, row: int) -> set[int]:
    return {source for source, target in pairs if target == row}


def _rows(mask: np.ndarray) -> set[int]:
    return set(np.flatnonzero(mask).tolist())


def _all_but(n: int) -> Pairs:
    """Everybody follows everybody."""
    return {(a, b) for a in range(n) for b in range(n) if a != b}


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """Up to nine accounts, some of them perhaps marked as sources, who follow each other, at some time."""
    n = draw(st.integers(2, 9))
    row = st.integers(0, n - 1)
    pairs = [(a, b) for a, b in draw(st.lists(st.tuples(row, row), max_size=40, unique=True)) if a != b]
    return _dataset(n, pairs, draw(st.none() | st.sets(row)), dated=True)


MAKERS: dict[str, Callable[..., Split]] = {
    "a share hidden": hidden_follows,
    "no follows known": cold_start,
    "two follows known": partial(cold_start, known=2),
    "nothing known": partial(cold_start, followers_known=False),
    "one follow known, no followers": partial(cold_start, known=1, followers_known=False),
    "new accounts": new_accounts,
    "new accounts without follows": partial(new_accounts, follows_known=False),
    "later": later_follows,
}


# -- laws of all splits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("maker", MAKERS)
@given(data=datasets(), fewest=st.integers(1, 3), fewest_followers=st.integers(0, 2), seed=st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_what_is_hidden_is_all_that_was_taken_out_and_is_not_left(
    maker: str, data: Dataset, fewest: int, fewest_followers: int, seed: int
) -> None:
    whole = _pairs(data)
    able = {row for row in complete_accounts(data).tolist() if len(_of(whole, row)) >= fewest}
    options = {} if "known" in maker else {"share": 0.4}
    try:
        split = MAKERS[maker](data, fewest=fewest, fewest_followers=fewest_followers, queries=3, seed=seed, **options)
    except DataError:
        # hiding every follow of somebody always leaves something to find, if nobody minds how many followers it has
        assert not (able and fewest_followers == 0 and maker in {"a share hidden", "no follows known"})
        return
    left, candidates = _pairs(split.train), _rows(split.candidates)
    assert left < whole
    assert 0 < len(split.truth) <= 3
    assert set(split.truth) <= able
    assert list(split.truth) == sorted(split.truth)
    for query, found in split.truth.items():
        assert len(found)
        assert found.tolist() == sorted(set(found.tolist()))
        assert not set(found.tolist()) & _of(left, query)
        assert set(found.tolist()) | (_of(left, query) & candidates) == _of(whole, query) & candidates
    for row in range(len(data)):
        followers = len(_followers(left, row))
        assert (row in candidates) == (followers == 0 if "new" in maker else followers >= fewest_followers)


@pytest.mark.parametrize("maker", MAKERS)
def test_only_follows_are_taken_out_of_the_dataset(maker: str) -> None:
    follows = [
        Follow(source_id=str(a), target_id=str(b), created_at=FIRST_DAY + timedelta(days=a + 20 * b))
        for a in range(20)
        for b in range(20)
        if a != b and (a * b + a) % 3 == 1
    ]
    people = [Account(account_id=str(i), bio=f"number {i}", is_source=i < 9) for i in range(20)]
    data = Dataset.from_records(people, follows=follows, mutes=follows[:3], blocks=follows[5:9])
    split = MAKERS[maker](data, fewest=1, fewest_followers=0)
    for name in set(SCHEMAS) - {"follows"}:
        assert getattr(split.train, name) == getattr(data, name)
    kept = split.train.follows.to_pylist()
    assert 0 < len(kept) < len(follows)
    assert all(follow in data.follows.to_pylist() for follow in kept)
    again = Dataset.from_frames(data.accounts, mutes=data.mutes, blocks=data.blocks, follows=split.train.follows)
    assert split.train.digest == again.digest  # a dataset like any other


@pytest.mark.parametrize("maker", [name for name in MAKERS if name != "later"])
def test_the_seed_draws_and_nothing_else(maker: str) -> None:
    data = demo_dataset()

    def drawn(seed: int, of: Dataset = data) -> tuple[str, dict[int, list[int]], set[int]]:
        split = MAKERS[maker](of, queries=15, seed=seed)
        return split.train.digest, {query: found.tolist() for query, found in split.truth.items()}, _rows(split.candidates)

    order = np.random.default_rng(1).permutation(data.follows.num_rows)
    shuffled = Dataset.from_frames(data.accounts.take(order[order < len(data)]), follows=data.follows.take(order))
    assert drawn(3) == drawn(3)
    assert drawn(3)[1:] == drawn(3, shuffled)[1:]
    assert drawn(3)[0] != drawn(4)[0]


@pytest.mark.parametrize("maker", MAKERS)
def test_without_follows_there_is_nobody_to_ask(maker: str) -> None:
    with pytest.raises(DataError, match=r"nobody to ask about|0 of 0 follows have no created_at"):
        MAKERS[maker](_dataset(4, []))


# -- who is asked --------------------------------------------------------------------------------------------------------------


def test_complete_are_the_sources_or_else_all_who_follow_anyone() -> None:
    pairs = [(0, 1), (2, 1), (3, 0)]
    assert complete_accounts(_dataset(5, pairs, {2, 4})).tolist() == [2, 4]
    assert complete_accounts(_dataset(5, pairs)).tolist() == [0, 2, 3]
    assert complete_accounts(_dataset(5, pairs, set())).tolist() == [0, 2, 3]


@given(st.sets(st.integers(0, 11)), st.integers(1, 11), st.integers(1, 11), st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_queries_follow_no_fewer_and_no_more_than_wanted(sources: set[int], fewest: int, most: int, queries: int) -> None:
    pairs = {(a, b) for a in range(12) for b in range(a)}  # row a follows a others
    data = _dataset(12, pairs, sources)
    able = {row for row in (sources or range(12)) if fewest <= row <= most}
    if not able:
        with pytest.raises(DataError, match=f"no account with complete followings has at least {fewest} of them"):
            hidden_follows(data, fewest=fewest, most=most, queries=queries, fewest_followers=0)
        return
    asked = set(hidden_follows(data, fewest=fewest, most=most, queries=queries, fewest_followers=0).truth)
    assert asked <= able
    assert len(asked) == min(queries, len(able))


# -- hidden follows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "expected"), [(0.2, [1, 1, 2, 3]), (0.5, [1, 4, 6, 8]), (0.01, [1, 1, 1, 1]), (1.0, [1, 7, 12, 15])]
)
def test_a_share_of_the_follows_and_at_least_one_is_hidden(share: float, expected: list[int]) -> None:
    degrees = [1, 7, 12, 15]
    data = _dataset(20, {(row, 4 + t) for row, degree in enumerate(degrees) for t in range(degree)})
    split = hidden_follows(data, share=share, fewest=1, fewest_followers=0)
    assert [len(split.truth[row]) for row in range(4)] == expected
    assert split.name == f"hidden follows, {share:.0%}"


def test_nothing_is_found_where_no_candidate_keeps_followers_enough() -> None:
    data = _dataset(4, [(0, 1), (0, 2), (0, 3)])
    with pytest.raises(DataError, match=r"hidden follows, 20%: nothing left to find; the dataset is too small"):
        hidden_follows(data, fewest=1, fewest_followers=1)
    assert list(hidden_follows(data, fewest=1, fewest_followers=0).truth) == [0]


FRIENDS = {(a, b) for a in range(12) for b in range(12) if a != b and (a + b) % 3}
HIDING = {name: maker for name, maker in MAKERS.items() if name not in {"later", "one follow known, no followers"}}


@pytest.mark.parametrize("maker", HIDING)
def test_friendships_are_hidden_in_both_directions(maker: str) -> None:
    split = HIDING[maker](_dataset(12, FRIENDS), fewest=1, fewest_followers=0, queries=4)
    left = _pairs(split.train)
    assert left < FRIENDS
    assert left == {(b, a) for a, b in left}


@pytest.mark.parametrize("maker", ["a share hidden", "no follows known", "new accounts"])
def test_follows_back_stay_where_not_nearly_all_are_mutual(maker: str) -> None:
    some = FRIENDS - {(0, b) for b in range(12)}  # one of the twelve no longer follows back: a tenth of the pairs
    split = HIDING[maker](_dataset(12, some), fewest=1, fewest_followers=0, queries=3)
    left = _pairs(split.train)
    hidden = some - left
    assert hidden
    assert any((b, a) in left for a, b in hidden)
    if maker != "new accounts":
        assert {source for source, _ in hidden} <= set(split.truth)


# -- cold start ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [0, 1, 3, 10])
def test_exactly_as_many_follows_stay_known(known: int) -> None:
    data = demo_dataset()
    split = cold_start(data, known=known, queries=12)
    whole, left = _pairs(data), _pairs(split.train)
    assert len(split.truth) == 12
    assert {len(_of(left, query)) for query in split.truth} == {known}
    assert {pair for pair in whole if pair[0] not in split.truth} <= left
    assert split.name == f"cold start, {known} follows known"


def test_somebody_with_no_more_than_the_known_follows_is_not_asked_about() -> None:
    data = _dataset(9, {(0, t) for t in range(4, 7)} | {(1, t) for t in range(4, 8)})
    assert list(cold_start(data, known=3, fewest=1, fewest_followers=0).truth) == [1]
    with pytest.raises(DataError, match="has at least 5 of them: nobody to ask about"):
        cold_start(data, known=4, fewest=1)


@pytest.mark.parametrize("known", [0, 3])
def test_without_followers_nobody_follows_a_query(known: int) -> None:
    data = demo_dataset()
    split = cold_start(data, known=known, followers_known=False, queries=12)
    whole, left = _pairs(data), _pairs(split.train)
    for query in split.truth:
        assert _followers(whole, query)
        assert not _followers(left, query)
        assert len(_of(left, query)) <= known
    asked = set(split.truth)
    assert {pair for pair in whole if not asked & set(pair)} <= left
    assert not asked & _rows(split.candidates)
    assert split.name.endswith("no followers")


# -- new accounts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("follows_known", [True, False])
def test_new_accounts_lose_all_followers(follows_known: bool) -> None:
    data = demo_dataset()
    split = new_accounts(data, share=0.25, queries=30, follows_known=follows_known)
    whole, left = _pairs(data), _pairs(split.train)
    new = {row for row in range(len(data)) if _followers(whole, row) and not _followers(left, row)}
    followed = {row for row in range(len(data)) if len(_followers(whole, row)) >= 2}
    # a quarter of the followed, those who are asked left out
    assert 0.25 * (len(followed) - 30) - 1 <= len(new) <= 0.25 * len(followed)
    assert new <= followed
    assert not new & set(split.truth)
    assert _rows(split.candidates) == {row for row in range(len(data)) if not _followers(left, row)}
    for query, found in split.truth.items():
        assert set(found.tolist()) == _of(whole, query) & new
    expected = {pair for pair in whole if pair[1] not in new and (follows_known or pair[0] not in new)}
    assert left == expected


def test_new_accounts_had_followers_enough() -> None:
    data = _dataset(9, {(a, b) for a in range(2) for b in range(4, 9)} | {(2, 8)})
    for seed in range(5):
        split = new_accounts(data, share=0.5, fewest=5, fewest_followers=3, queries=2, seed=seed)
        assert {row for found in split.truth.values() for row in found.tolist()} == {8}


# -- later follows -------------------------------------------------------------------------------------------------------------


@given(datasets(), st.sampled_from([0.1, 0.3, 0.9]))
@settings(max_examples=40, deadline=None)
def test_the_newest_follows_of_all_are_hidden(data: Dataset, share: float) -> None:
    if not data.follows.num_rows:
        return
    source, target = data.pair_rows("follows")
    pairs = zip(source.tolist(), target.tolist(), strict=True)
    days = dict(zip(pairs, data.follows["created_at"].to_pylist(), strict=True))
    try:
        split = later_follows(data, share=share, fewest=1, fewest_followers=0)
    except DataError:
        able = set(complete_accounts(data).tolist())
        count = max(1, round(share * len(days)))
        assert not able & {source for source, _ in sorted(days, key=days.__getitem__)[-count:]}
        return
    left = _pairs(split.train)
    hidden = {pair: day for pair, day in days.items() if pair not in left}
    assert len(hidden) == max(1, round(share * len(days)))
    assert all(day < min(hidden.values()) for pair, day in days.items() if pair in left)
    assert split.name == f"follows from {min(hidden.values()):%Y-%m-%d} on"


def test_follows_without_dates_cannot_be_split_by_time() -> None:
    follows = [Follow(source_id="0", target_id=str(i), created_at=FIRST_DAY if i < 3 else None) for i in range(1, 6)]
    data = Dataset.from_records([Account(account_id="0")], follows=follows)
    with pytest.raises(DataError, match="3 of 5 follows have no created_at; a split by time needs them all"):
        later_follows(data)


# -- without the well-known ----------------------------------------------------------------------------------------------------


def _by_hand() -> Split:
    """1, 2, 3, 4 have 4, 3, 3 and 1 followers in the training part."""
    pairs = {(10, 1), (11, 1), (12, 1), (13, 1), (10, 2), (11, 2), (12, 2), (10, 3), (11, 3), (12, 3), (10, 4)}
    train = _dataset(14, pairs)
    candidates = np.zeros(14, dtype=bool)
    candidates[1:5] = True
    return Split("by hand", train, {0: np.array([1, 3]), 5: np.array([1]), 6: np.array([2, 4])}, candidates)


@pytest.mark.parametrize(
    ("share", "candidates", "truth"),
    [
        (0.0, {1, 2, 3, 4}, {0: [1, 3], 5: [1], 6: [2, 4]}),
        (0.25, {2, 3, 4}, {0: [3], 6: [2, 4]}),
        (0.5, {3, 4}, {0: [3], 6: [4]}),  # of two with three followers, the one in the higher row stays
        (0.75, {4}, {6: [4]}),
    ],
)
def test_the_most_followed_are_left_out(share: float, candidates: set[int], truth: dict[int, list[int]]) -> None:
    split = _by_hand()
    rest = split.without_most_followed(share)
    assert _rows(rest.candidates) == candidates
    assert {query: found.tolist() for query, found in rest.truth.items()} == truth
    assert rest.train is split.train
    assert rest.name == f"by hand, without the {share:.0%} most followed"
    assert _rows(split.candidates) == {1, 2, 3, 4}  # and the split stays as it was


def test_without_all_of_them_nothing_is_left() -> None:
    with pytest.raises(DataError, match="by hand: nothing left to find without the most followed"):
        _by_hand().without_most_followed(1.0)


@pytest.mark.parametrize("make", [hidden_follows, new_accounts, later_follows])
@pytest.mark.parametrize("share", [0.0, -0.1, 1.5, float("nan")])
def test_a_share_is_a_part(make: Callable[..., Split], share: float) -> None:
    with pytest.raises(tf.InvalidRequest, match="share must lie above 0"):
        make(tf.demo_dataset(), share=share)


def test_nobody_knows_less_than_nothing() -> None:
    with pytest.raises(tf.InvalidRequest, match="known must be"):
        cold_start(tf.demo_dataset(), known=-1)
