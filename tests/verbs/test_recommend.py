"""Every form of the front door, on people made by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tweetfocus as tf
from tweetfocus.ranking.evidence import Evidence

NEWEST = datetime(2026, 3, 1, 12, tzinfo=UTC)

BIOS = {
    "ana": "heat pumps and grids",
    "ben": "heat pumps and houses",
    "cat": "grids and storage",
    "dov": "sour dough bread",
    "eve": "sour dough and rye",
    "fay": None,
}


@pytest.fixture(scope="module")
def index() -> tf.AccountIndex:
    """ana follows dov; the ids are numbers, old is long silent, shy is protected."""
    people = [tf.Account(account_id=str(i), username=name, bio=bio) for i, (name, bio) in enumerate(BIOS.items(), 1)]
    people += [
        tf.Account(account_id="7", username="old", bio="heat pumps", last_post_at=NEWEST - timedelta(days=61)),
        tf.Account(account_id="8", username="new", bio="heat pumps", last_post_at=NEWEST),
        tf.Account(account_id="9", username="shy", bio="heat pumps", protected=True),
    ]
    data = tf.Dataset.from_records(people, follows=[tf.Follow(source_id="1", target_id="4")])
    return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(4096), cache=False)


def _names(recs: tf.Recommendations) -> list[str | None]:
    return [rec.username for rec in recs]


def _codes(recs: tf.Recommendations) -> dict[str, str]:
    assert len({drop.account_id for drop in recs.dropped}) == len(recs.dropped)
    return {drop.username or drop.account_id: drop.code.value for drop in recs.dropped}


# -- who, interests, seeds ------------------------------------------------------------------------------------------------------


def test_an_account_by_username_or_id_gives_the_same(index: tf.AccountIndex) -> None:
    by_id = tf.recommend(index, "1")
    assert by_id.settings["who"] == "1"
    assert _names(by_id)[:2] == ["cat", "ben"]
    for who in ("@ana", "@ANA", "ana", " 1 "):
        assert tf.recommend(index, who).to_dicts() == by_id.to_dicts()


def test_a_declared_field_needs_no_account(index: tf.AccountIndex) -> None:
    recs = tf.recommend(index, interests=["sour dough"])
    assert _names(recs)[:2] == ["dov", "eve"]
    assert recs.settings["who"] is None
    assert recs.settings["interests"] == ["sour dough"]
    assert recs.notes == ("no account and no examples given: ranked by text alone",)
    assert {name for rec in recs for name in rec.found_by} == {"similarity"}


def test_a_declared_field_takes_the_place_of_ones_own(index: tf.AccountIndex) -> None:
    recs = tf.recommend(index, "@ana", interests=["sour dough"])
    assert _names(recs)[0] == "eve"
    assert _codes(recs)["dov"] == "already_followed"


def test_more_like_these(index: tf.AccountIndex) -> None:
    recs = tf.recommend(index, seeds=["@dov", "5"])
    assert recs.settings["seeds"] == ["4", "5"]
    assert "ana" in _names(recs)  # who follows an example is near it
    assert _codes(tf.recommend(index, seeds=["dov"], candidates=["dov", "eve"])) == {"dov": "excluded"}
    assert _names(tf.recommend(index, seeds=["dov"]))[0] in {"ana", "eve"}


def test_an_account_with_examples_keeps_its_rules(index: tf.AccountIndex) -> None:
    recs = tf.recommend(index, "@ana", seeds=["@eve"], candidates=["1", "4", "5", "2"])
    assert _codes(recs) == {"ana": "self", "dov": "already_followed", "eve": "excluded"}
    assert _names(recs) == ["ben"]


@pytest.mark.parametrize(
    ("who", "note"),
    [
        ("@ben", "@ben follows nobody in this index: ranked by text, and by who follows or speaks to them"),
        (
            "@fay",
            "@fay has no bio or posts with words in them and follows nobody in this index: ranked by who follows or speaks to them",
        ),
    ],
)
def test_missing_evidence_is_said(index: tf.AccountIndex, who: str, note: str) -> None:
    assert note in tf.recommend(index, who).notes


def test_somebody_without_text_is_ranked_by_follows() -> None:
    follows = [tf.Follow(source_id=source, target_id=target) for source, target in ["12", "32", "34"]]
    data = tf.Dataset.from_records([tf.Account(account_id="4", bio="grids")], follows=follows)
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    recs = tf.recommend(index, "1")
    assert [rec.account_id for rec in recs] == ["4", "3"]
    assert recs.notes == ("1 has no bio or posts with words in them: ranked by follows alone",)
    examples = tf.recommend(index, seeds=["1", "2"])
    assert examples.notes == ("the examples have no bio or posts with words in them: ranked by follows alone",)


def test_nobody_to_recommend(index: tf.AccountIndex) -> None:
    recs = tf.recommend(index, "@fay")
    assert len(recs) == 0
    assert recs.notes[-1] == "nobody to recommend: nothing speaks for anybody who is left"
    json.dumps(recs.to_dicts())
    assert "nobody to recommend" in str(recs)


# -- candidates and exclude -----------------------------------------------------------------------------------------------------


def test_the_caller_brings_the_pool(index: tf.AccountIndex) -> None:
    asked = ["@ben", "2", "cat", "@ana", "dov", "old", "shy", "fay", "@nobody", "nobody", "12345", "cat"]
    recs = tf.recommend(index, "@ana", candidates=asked, exclude=["@cat", "@noone"], as_of=NEWEST)
    assert _names(recs) == ["ben"]
    assert recs[0].found_by == ("caller",)
    assert _codes(recs) == {
        "ana": "self",
        "cat": "excluded",
        "dov": "already_followed",
        "shy": "protected",
        "old": "inactive",
        "fay": "no_evidence",
        "@nobody": "unknown",
        "nobody": "unknown",
        "12345": "unknown",
    }
    assert {drop.account_id: drop.username for drop in recs.dropped}["@nobody"] is None


def test_candidates_may_come_from_any_iterable_and_be_none(index: tf.AccountIndex) -> None:
    assert _names(tf.recommend(index, "@ana", candidates=(name for name in ("ben", "cat")))) == ["cat", "ben"]
    assert _names(tf.recommend(index, "@ana", candidates={"ben"})) == ["ben"]
    nobody = tf.recommend(index, "@ana", candidates=[])
    assert (len(nobody), nobody.dropped) == (0, ())


def test_who_is_left_out_of_the_proposals_is_in_the_result(index: tf.AccountIndex) -> None:
    recs = tf.recommend(index, "@ana", exclude=["@cat"])
    assert _codes(recs) == {"cat": "excluded", "dov": "already_followed", "old": "inactive", "shy": "protected"}
    assert _names(recs) == ["ben", "new", "eve"]


def test_who_was_named_to_be_left_out_is_in_the_result_whoever_was_proposed(index: tf.AccountIndex) -> None:
    recs = tf.recommend(index, "@ana", candidates=["ben"], exclude=["@fay", "@ana", "@nobody"], seeds=["@eve"])
    assert _names(recs) == ["ben"]
    assert _codes(recs) == {"ana": "self", "eve": "excluded", "fay": "excluded"}


# -- options --------------------------------------------------------------------------------------------------------------------


def test_n_larger_than_everything_gives_everything(index: tf.AccountIndex) -> None:
    assert _names(tf.recommend(index, "@ana", n=10**6)) == _names(tf.recommend(index, "@ana"))
    assert _names(tf.recommend(index, "@ana", n=1)) == ["cat"]


@pytest.mark.parametrize(("days", "left"), [(60, {"old"}), (61, set()), (None, set()), (0, {"old"})])
def test_inactive_days(index: tf.AccountIndex, days: int | None, left: set[str]) -> None:
    recs = tf.recommend(index, "@ana", inactive_days=days)
    assert {name for name, code in _codes(recs).items() if code == "inactive"} == left
    assert recs.settings["inactive_days"] == days


def test_as_of_without_a_zone_is_utc(index: tf.AccountIndex) -> None:
    moments = [
        datetime(2026, 2, 28, 12),
        datetime(2026, 2, 28, 12, tzinfo=UTC),
        datetime(2026, 2, 28, 17, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ]
    results = [tf.recommend(index, "@ana", as_of=moment) for moment in moments]
    assert all("old" in _names(recs) for recs in results)  # 60 days before that moment, to the second
    assert results[0].settings["as_of"] == "2026-02-28T12:00:00+00:00"
    late = tf.recommend(index, "@ana", as_of=moments[1] + timedelta(seconds=1))
    assert _codes(late)["old"] == "inactive"


def test_weights_change_the_score_and_nothing_else(index: tf.AccountIndex) -> None:
    only = tf.recommend(index, interests=["sour dough"], weights=tf.Weights({"facets_cosine": 2.0}, "by hand"))
    assert only.settings["weights"] == "by hand"
    assert {tuple(rec.contributions) for rec in only} == {("facets_cosine",)}
    # each shares two words and their pair; dov's bio has five terms, eve's has seven
    assert _names(only)[:2] == ["dov", "eve"]
    assert [rec.score for rec in only[:2]] == pytest.approx([2 * 3 / np.sqrt(3 * 5), 2 * 3 / np.sqrt(3 * 7)], abs=1e-2)
    assert len(only) == len(tf.recommend(index, interests=["sour dough"]))


def test_without_weights_all_are_equal_and_ordered_by_id(index: tf.AccountIndex) -> None:
    recs = tf.recommend(index, "@ana", weights=tf.Weights({}))
    assert [rec.score for rec in recs] == [0.0] * len(recs)
    assert [rec.account_id for rec in recs] == sorted(rec.account_id for rec in recs)
    assert all(rec.reasons == () for rec in recs)


class Eager:
    """A generator of one's own: proposes everybody who is allowed, from the back."""

    name = "eager"

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def propose(self, evidence: Evidence, k: int, allowed: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        self.asked.append((k, int(allowed.sum())))
        return np.flatnonzero(allowed)[::-1][:k]


def test_a_generator_of_ones_own(index: tf.AccountIndex) -> None:
    generator: tf.CandidateGenerator = Eager()
    recs = tf.recommend(index, "@ana", generators=[generator])
    assert {rec.found_by for rec in recs} == {("eager",)}
    assert _codes(recs) == {
        "ana": "self",
        "dov": "already_followed",
        "fay": "no_evidence",
        "old": "inactive",
        "shy": "protected",
    }
    assert generator.asked == [(500, 9), (500, 4)]  # type: ignore[attr-defined]


def test_no_generators_find_nobody(index: tf.AccountIndex) -> None:
    recs = tf.recommend(index, "@ana", generators=[])
    assert (len(recs), recs.dropped) == (0, ())


def test_diversity_mixes_the_declared_fields(index: tf.AccountIndex) -> None:
    fields = ["heat pumps", "sour dough"]

    def top(diversity: float) -> Sequence[tf.Recommendation]:
        return tf.recommend(index, interests=fields, diversity=diversity)

    scores = [rec.score for rec in top(0)]
    assert scores == sorted(scores, reverse=True)
    assert _names(top(0))[0] == "new"  # type: ignore[arg-type]
    mixed = _names(top(100.0))[:4]  # type: ignore[arg-type]
    heat = {"new", "ben", "ana", "cat"}
    assert [name in heat for name in mixed] in ([True, False, True, False], [False, True, False, True])


def test_settings_are_plain_values(index: tf.AccountIndex) -> None:
    recs = tf.recommend(index, "@ana", n=3, as_of=NEWEST)
    assert json.loads(json.dumps(dict(recs.settings)))["index"] == index.fingerprint
    with pytest.raises(TypeError):
        recs.settings["n"] = 4  # type: ignore[index]


def test_the_bio_is_given_as_it_was_written(index: tf.AccountIndex) -> None:
    rec = tf.recommend(index, "@ana", candidates=["ben"])[0]
    assert (rec.account_id, rec.label, rec.name, rec.bio) == ("2", "@ben", None, "heat pumps and houses")


# -- errors ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [{}, {"interests": []}, {"seeds": []}, {"candidates": ["ben"]}, {"exclude": ["ben"]}])
def test_nothing_to_go_by(index: tf.AccountIndex, asked: dict[str, Any]) -> None:
    with pytest.raises(tf.InvalidRequest, match="nothing to go by"):
        tf.recommend(index, **asked)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"n": 0}, "n must be a whole number from 1 on, not 0"),
        ({"n": -3}, "not -3"),
        ({"n": True}, "not True"),
        ({"n": 2.0}, "not 2.0"),
        ({"n": "5"}, "not '5'"),
        ({"inactive_days": -1}, "inactive_days must be a number from 0 on, not -1"),
        ({"inactive_days": "60"}, "inactive_days must be a number from 0 on, not '60'"),
        ({"inactive_days": float("nan")}, "inactive_days"),
        ({"inactive_days": True}, "inactive_days"),
        ({"diversity": -0.1}, "diversity must be a number from 0 on, not -0.1"),
        ({"diversity": float("inf")}, "diversity"),
        ({"diversity": None}, "diversity"),
        ({"as_of": "2026-03-01"}, "as_of must be a datetime, not '2026-03-01'"),
        ({"interests": "heat pumps"}, "lists of texts, not one text"),
        ({"seeds": "@ben"}, "lists of texts, not one text"),
        ({"candidates": "@ben"}, "candidates is a list of accounts, not one text"),
        ({"exclude": "@ben"}, "exclude is a list of accounts, not one text"),
        ({"interests": [""]}, "interests must be texts with words in them"),
    ],
)
def test_options_out_of_range(index: tf.AccountIndex, options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(tf.InvalidRequest, match=complaint):
        tf.recommend(index, "@ana", **options)


def test_unknown_accounts_suggest_near_names(index: tf.AccountIndex) -> None:
    with pytest.raises(tf.UnknownAccount, match="no account '@bem' here; did you mean @ben") as caught:
        tf.recommend(index, "@bem")
    assert caught.value.near[0] == "@ben"
    with pytest.raises(tf.UnknownAccount, match="'@eva' here; did you mean @eve"):
        tf.recommend(index, seeds=["@ben", "@eva"])
    with pytest.raises(tf.UnknownAccount, match=r"no account '@zzzzzz' here$"):
        tf.recommend(index, "@zzzzzz")


def test_an_ambiguous_username_is_not_guessed() -> None:
    people = [tf.Account(account_id=i, username="Twin", bio="grids") for i in "12"]
    index = tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(), cache=False)
    with pytest.raises(tf.DataError, match="belongs to several accounts"):
        tf.recommend(index, "@twin")
    assert [rec.account_id for rec in tf.recommend(index, "1")] == ["2"]


def test_candidates_and_generators_exclude_each_other(index: tf.AccountIndex) -> None:
    with pytest.raises(tf.InvalidRequest, match="give one of them"):
        tf.recommend(index, interests=["grids"], candidates=[], generators=[])
