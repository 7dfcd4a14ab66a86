"""What holds for every dataset and every request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tweetfocus as tf

WORDS = ["grid", "pump", "heat", "data", "pipeline", "schema", "reef", "kelp", "dismissal", "tribunal", "ward", "nurse"]
NEWEST = datetime(2026, 3, 1, tzinfo=UTC)
few = settings(max_examples=25, deadline=None)


@dataclass(frozen=True)
class World:
    accounts: list[tf.Account]
    posts: list[tf.Post]
    follows: list[tf.Follow]
    mutes: list[tf.Follow]
    blocks: list[tf.Follow]

    @property
    def ids(self) -> list[str]:
        return [account.account_id for account in self.accounts]

    def index(self) -> tf.AccountIndex:
        parts = {"posts": self.posts, "follows": self.follows, "mutes": self.mutes, "blocks": self.blocks}
        data = tf.Dataset.from_records(self.accounts, **parts)  # type: ignore[arg-type]
        return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(64), cache=False)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A few people with hardly any texts: many of them are equal, which is where orders go wrong."""
    ids = [f"{number:02}" for number in range(draw(st.integers(3, 11)))]
    sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
    flag = st.sampled_from([None, None, None, True, False])
    accounts = [
        tf.Account(
            account_id=i,
            username=f"name{i}",
            bio=draw(st.none() | sentence),
            followers_count=draw(st.none() | st.integers(0, 10**6)),
            protected=draw(flag),
            discoverable=draw(flag),
            last_post_at=draw(st.none() | st.integers(0, 90).map(lambda days: NEWEST - timedelta(days=days))),
        )
        for i in ids
    ]
    anybody = st.sampled_from(ids)
    before = st.sampled_from(["", "", "@name00 ", "RT @name01: ", "https://shop.example/ "])
    written = st.lists(st.tuples(anybody, before, sentence), max_size=30)
    posts = [
        tf.Post(account_id=who, post_id=f"p{number}", text=f"{start}{text} {text}", created_at=NEWEST)
        for number, (who, start, text) in enumerate(draw(written))
    ]

    def pairs(most: int) -> list[tf.Follow]:
        found = draw(st.lists(st.tuples(anybody, anybody), max_size=most))
        return [tf.Follow(source_id=source, target_id=target) for source, target in found]

    return World(accounts, posts, pairs(40), pairs(2), pairs(2))


def _request(draw: Callable[..., Any], ids: list[str]) -> dict[str, Any]:
    who, seed, other = (draw(st.sampled_from(ids)) for _ in range(3))
    forms: list[dict[str, Any]] = [
        {"who": who},
        {"interests": ["heat pump grid", "kelp"]},
        {"seeds": [seed, other]},
        {"who": who, "interests": ["dismissal tribunal"]},
        {"who": who, "seeds": [seed]},
    ]
    return draw(st.sampled_from(forms))


def _scores(recs: tf.Recommendations) -> dict[str, tuple[float, dict[str, float]]]:
    return {rec.account_id: (rec.score, dict(rec.contributions)) for rec in recs}


def _said(recs: tf.Recommendations) -> tuple[Any, ...]:
    return recs.to_dicts(), recs.dropped, recs.notes


@few
@given(worlds(), st.data())
def test_contributions_sum_to_the_score(world: World, data: st.DataObject) -> None:
    for rec in tf.recommend(world.index(), n=99, **_request(data.draw, world.ids)):
        assert abs(sum(rec.contributions.values()) - rec.score) < 1e-9


@few
@given(worlds(), st.data())
def test_a_score_does_not_depend_on_the_company(world: World, data: st.DataObject) -> None:
    index, asked = world.index(), _request(data.draw, world.ids)
    everybody = _scores(tf.recommend(index, n=99, candidates=world.ids, **asked))
    proposed = _scores(tf.recommend(index, n=99, **asked))
    assert proposed == {account: everybody[account] for account in proposed}
    some = data.draw(st.lists(st.sampled_from(world.ids), unique=True))
    assert _scores(tf.recommend(index, n=99, candidates=some, **asked)) == {i: everybody[i] for i in some if i in everybody}
    for account in world.ids:
        alone = _scores(tf.recommend(index, candidates=[account], **asked))
        assert alone == ({account: everybody[account]} if account in everybody else {})


@few
@given(worlds(), st.data())
def test_everybody_is_returned_or_left_out_once(world: World, data: st.DataObject) -> None:
    index, asked = world.index(), _request(data.draw, world.ids)
    exclude = data.draw(st.lists(st.sampled_from(world.ids), max_size=2))
    for candidates in (None, world.ids, [*world.ids, *world.ids[:2], "@name00", "stranger"]):
        recs = tf.recommend(index, n=99, candidates=candidates, exclude=exclude, **asked)
        seen = [rec.account_id for rec in recs] + [drop.account_id for drop in recs.dropped]
        assert len(seen) == len(set(seen))
        if candidates is not None:
            assert set(seen) == {*world.ids, *({"stranger"} if "stranger" in candidates else ())}


@few
@given(worlds(), st.data())
def test_the_order_of_input_does_not_matter(world: World, data: st.DataObject) -> None:
    asked = _request(data.draw, world.ids)
    shuffled = World(*(data.draw(st.permutations(part)) for part in vars(world).values()))
    assert _said(tf.recommend(world.index(), **asked)) == _said(tf.recommend(shuffled.index(), **asked))


@few
@given(worlds(), st.data())
def test_better_scores_come_first_and_equal_ones_by_id(world: World, data: st.DataObject) -> None:
    recs = tf.recommend(world.index(), n=99, diversity=0, **_request(data.draw, world.ids))
    order = [(-rec.score, rec.account_id) for rec in recs]
    assert order == sorted(order)


@few
@given(worlds(), st.integers(2, 6), st.data())
def test_twins_tie_and_stand_side_by_side(world: World, twins: int, data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(world.ids[2:]))  # others are addressed by name, so their copies would differ
    copies = [f"{original}-{number}" for number in range(twins)]

    def copied(pairs: list[tf.Follow]) -> list[tf.Follow]:
        kept = [pair for pair in pairs if pair.source_id != pair.target_id]
        out = [replace(pair, source_id=copy) for copy in copies for pair in kept if pair.source_id == original]
        return kept + out + [replace(pair, target_id=copy) for copy in copies for pair in kept if pair.target_id == original]

    account = next(account for account in world.accounts if account.account_id == original)
    posts = [post for post in world.posts if post.account_id == original]
    grown = World(
        world.accounts + [replace(account, account_id=copy, username=None) for copy in copies],
        world.posts + [replace(post, account_id=copy, post_id=f"{copy}{post.post_id}") for copy in copies for post in posts],
        copied(world.follows),
        world.mutes,
        world.blocks,
    )
    recs = tf.recommend(grown.index(), world.ids[0], candidates=copies, diversity=0)
    assert [rec.account_id for rec in recs] == (copies if len(recs) else [])
    assert len({rec.score for rec in recs}) <= 1


@few
@given(worlds(), st.data())
def test_follower_counts_never_change_a_score(world: World, data: st.DataObject) -> None:
    asked = _request(data.draw, world.ids)
    counts = st.none() | st.integers(0, 10**9)
    famous = replace(world, accounts=[replace(a, followers_count=data.draw(counts)) for a in world.accounts])
    assert _said(tf.recommend(world.index(), **asked)) == _said(tf.recommend(famous.index(), **asked))


@few
@given(worlds(), st.data())
def test_exclude_removes_those_and_changes_no_other(world: World, data: st.DataObject) -> None:
    index, asked = world.index(), _request(data.draw, world.ids)
    exclude = data.draw(st.lists(st.sampled_from(world.ids), unique=True))
    before = tf.recommend(index, n=99, diversity=0, **asked)
    after = tf.recommend(index, n=99, diversity=0, exclude=[*exclude, "stranger"], **asked)
    assert after.to_dicts() == [rec.to_dict() for rec in before if rec.account_id not in exclude]
    excluded = {drop.account_id for drop in after.dropped if drop.code == tf.Left.EXCLUDED}
    assert excluded == {*exclude, *asked.get("seeds", ())} - {asked.get("who")}


@few
@given(worlds(), st.integers(1, 12), st.sampled_from([0, 0.5, 99]), st.data())
def test_asking_for_fewer_cuts_the_same_list_short(world: World, n: int, diversity: float, data: st.DataObject) -> None:
    index, asked = world.index(), _request(data.draw, world.ids)
    whole = tf.recommend(index, n=99, diversity=diversity, **asked)
    assert tf.recommend(index, n=n, diversity=diversity, **asked).to_dicts() == whole[:n].to_dicts()


# -- and in the invented world --------------------------------------------------------------------------------------------------

WORLD_REQUESTS: list[dict[str, Any]] = [
    {"who": "@mara_lindqvist"},
    {"interests": ["coral reefs", "labour law"]},
    {"seeds": ["@camille_dbt", "@copepod_nils"]},
    {"who": "@labourlaw_lene", "seeds": ["@copepod_nils"]},
]


@pytest.mark.parametrize("asked", WORLD_REQUESTS)
def test_in_the_world_scores_are_sums_and_stay_the_same(hashed_world_index: tf.AccountIndex, asked: dict[str, Any]) -> None:
    index = hashed_world_index
    whole = tf.recommend(index, n=500, diversity=0, **asked)
    scores = _scores(whole)
    assert len(scores) > 150
    assert all(abs(sum(parts.values()) - score) < 1e-9 for score, parts in scores.values())
    ids = list(scores)
    for candidates in (ids[::7], ids[:1], ids[100:101], ids[-2:]):
        part = _scores(tf.recommend(index, n=500, candidates=candidates, **asked))
        assert part == {account: scores[account] for account in candidates}
    assert tf.recommend(index, n=30, diversity=0, **asked).to_dicts() == whole[:30].to_dicts()
    without = tf.recommend(index, n=500, diversity=0, exclude=ids[:40:3], **asked)
    assert without.to_dicts() == [rec.to_dict() for rec in whole if rec.account_id not in ids[:40:3]]


def test_in_the_world_fame_is_worth_nothing(hashed_world_index: tf.AccountIndex) -> None:
    data = hashed_world_index.data
    column = data.accounts.schema.get_field_index("followers_count")
    famous = pc.multiply(pc.add(data.accounts["followers_count"].fill_null(0), 1), 1000)
    accounts = data.accounts.set_column(column, "followers_count", famous)
    raised = tf.Dataset.from_frames(accounts, posts=data.posts, follows=data.follows)
    index = tf.AccountIndex.build(raised, encoder=tf.HashingEncoder(), cache=False, progress=False)
    for asked in WORLD_REQUESTS:
        assert _said(tf.recommend(index, n=500, **asked)) == _said(tf.recommend(hashed_world_index, n=500, **asked))


SCRIPT = """
import json, sys
import tweetfocus as tf
index = tf.AccountIndex.build(tf.read_dataset(sys.argv[1]), encoder=tf.HashingEncoder(), cache=False, progress=False)
for asked in json.loads(sys.argv[2]):
    recs = tf.recommend(index, n=500, **asked)
    print(json.dumps([recs.to_dicts(), list(map(str, recs.dropped)), recs.notes, dict(recs.settings)]))
"""


def test_another_process_gives_the_same_bytes(hashed_world_index: tf.AccountIndex) -> None:
    package = Path(tf.__file__).parent
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(package.parent)}
    command = [sys.executable, "-c", SCRIPT, str(package / "data" / "invented"), json.dumps(WORLD_REQUESTS)]
    lines = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()
    for asked, line in zip(WORLD_REQUESTS, lines, strict=True):
        recs = tf.recommend(hashed_world_index, n=500, **asked)
        assert json.dumps([recs.to_dicts(), list(map(str, recs.dropped)), recs.notes, dict(recs.settings)]) == line
