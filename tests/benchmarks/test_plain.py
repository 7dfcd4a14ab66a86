from __future__ import annotations

import numpy as np
import pytest

from benchmarks.plain import Plain
from benchmarks.worlds import world
from tweetfocus.embedding.encoders import HashingEncoder
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking import evidence as stages
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.query import make_query
from tweetfocus.verbs.recommend import recommend


@pytest.fixture(scope="module")
def index() -> AccountIndex:
    return AccountIndex.build(world(1500), encoder=HashingEncoder(), cache=False)


@pytest.mark.parametrize("row", [7, 420])
def test_the_plain_twin_gives_the_same_list(index: AccountIndex, row: int) -> None:
    who = index.data.account_id(row)
    mine = recommend(index, who, n=100, diversity=0, inactive_days=None)
    known = {row, *index.graph.following(row).tolist()}
    ranked = Plain(index, by_networkx=True, nearest=None).recommend(who, 400)
    theirs = {index.data.account_id(other): score for other, score in ranked if other not in known}
    assert {rec.account_id for rec in mine} == set(list(theirs)[: len(mine)])
    np.testing.assert_allclose([rec.score for rec in mine], [theirs[rec.account_id] for rec in mine], atol=2e-3)


@pytest.mark.parametrize("nearest", [50, 300])
def test_asking_the_nearest_only_agrees_with_the_plain_twin(
    index: AccountIndex, nearest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "_NEAREST", nearest)
    monkeypatch.setattr(stages, "_FEW_EDGES", 0)  # and walking near the person only
    who = index.data.account_id(7)
    evidence = Evidence(index, make_query(index, who))
    plain = Plain(index, by_networkx=False, nearest=nearest)
    twin = plain.evidence(who)
    for kind in ("peers", "neighbours", "fellows"):
        np.testing.assert_allclose(getattr(evidence, kind), getattr(twin, kind), atol=1e-4 * np.nanmax(getattr(twin, kind)))
    degree = evidence.graph.undirected_degree
    assert (np.nan_to_num(np.abs(evidence.walk - twin.walk)) <= 5e-7 * degree + 1e-6).all()
