from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import tweetfocus as tf
from tweetfocus.ranking.pacing import BLUESKY, MASTODON, X

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
TODAY = date(2026, 3, 2)
HERO = "@mara_lindqvist"
Truth = dict[str, dict[str, str]]


def _plan(index: tf.AccountIndex, **options: Any) -> tf.Plan:
    return tf.plan(index, HERO, **({"today": TODAY, "as_of": AS_OF} | options))


def _ids(plan: tf.Plan) -> list[str]:
    return [account.account_id for account in (*plan.accounts, *plan.waiting)]


@pytest.fixture(scope="module")
def whole(world_index: tf.AccountIndex) -> tf.Plan:
    return _plan(world_index)


@pytest.fixture
def memory(tmp_path: Path) -> tf.Memory:
    return tf.Memory(tmp_path / "memory.sqlite")


# -- the invented world, by the planted truth ------------------------------------------------------------------------------------


def test_only_relevant_people_are_planned_and_nearly_all_of_them(whole: tf.Plan, truth: Truth) -> None:
    to_find = {account for account, record in truth.items() if record["relevant"] == "1" and record["followed_by_hero"] == "0"}
    assert set(_ids(whole)) <= to_find
    assert len(_ids(whole)) >= 0.85 * len(to_find)


def test_nobody_is_planned_who_must_not_be(whole: tf.Plan, truth: Truth) -> None:
    assert {truth[account]["role"] for account in _ids(whole)} == {"professional"}
    codes = Counter(drop.code.value for drop in whole.dropped)
    assert codes["opted_out"] == 3
    assert set(codes) == {"already_followed", "spam", "inactive", "opted_out", "protected"}


def test_a_plan_that_is_shorter_than_asked_for_says_so(whole: tf.Plan) -> None:
    assert whole.notes == (
        f"{len(_ids(whole))} accounts of your field left in this index, 500 asked for: collect more accounts of your field to find more",
    )


def test_each_field_has_its_share(world_index: tf.AccountIndex, truth: Truth) -> None:
    plan = _plan(world_index, n=12)
    fields = Counter(field for account in _ids(plan) for field in truth[account]["fields"].split(";"))
    assert min(fields["data engineering"], fields["energy systems"]) >= 5
    assert sum(plan.coverage.values()) == 12
    assert max(plan.coverage.values()) - min(plan.coverage.values()) <= 2


# -- portions ----------------------------------------------------------------------------------------------------------------------


def test_weeks_follow_each_other(world_index: tf.AccountIndex) -> None:
    plan = _plan(world_index, n=20, a_day=1)
    assert [(week.start, len(week.accounts), week.a_day) for week in plan] == [
        (TODAY, 7, 1),
        (TODAY + timedelta(days=7), 7, 1),
        (TODAY + timedelta(days=14), 6, 1),
    ]
    assert len(set(_ids(plan))) == 20
    assert (plan[0], *plan[1:]) == tuple(plan)


def test_the_score_is_the_sum_of_its_contributions_and_each_is_told(whole: tf.Plan) -> None:
    for account in whole.accounts:
        assert account.score == pytest.approx(sum(account.contributions.values()))
        told = {feature for reason in account.reasons for feature in reason.features}
        assert {name for name, value in account.contributions.items() if abs(value) > 0.05} <= told


def test_who_does_not_fit_waits(world_index: tf.AccountIndex) -> None:
    tight = replace(X, habit_free=270, habit_ratio=0.0)
    plan = _plan(world_index, limits=tight, n=10)
    assert plan.settings["following"] == 268
    assert (len(plan.accounts), len(plan.waiting)) == (2, 8)
    assert plan.notes == (
        "8 accounts wait until more people follow you (a habit: up to 270 followings, then 0 for each follower)",
    )
    assert repr(plan) == "Plan(2 accounts in 1 week, 8 waiting)"


def test_more_a_day_than_the_platform_allows_is_refused(hashed_world_index: tf.AccountIndex) -> None:
    with pytest.raises(tf.InvalidRequest, match="X allows 400 follows a day, not 401"):
        _plan(hashed_world_index, a_day=401)
    assert _plan(hashed_world_index, a_day=401, limits=BLUESKY, n=3).settings["a_day"] == 401


def test_limits_stand_in_the_result_with_their_source(hashed_world_index: tf.AccountIndex) -> None:
    limits = _plan(hashed_world_index, limits=MASTODON, n=1).settings["limits"]
    assert (limits["platform"], limits["free"], limits["ratio"]) == ("Mastodon", 7500, 1.1)
    assert limits["source"].startswith("https://github.com/mastodon/")


def test_today_is_today_where_no_day_is_given(hashed_world_index: tf.AccountIndex) -> None:
    before = datetime.now(UTC).date()
    start = tf.plan(hashed_world_index, HERO, n=1)[0].start
    assert before <= start <= datetime.now(UTC).date()


# -- memory ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [10, 500])
def test_dismissing_removes_exactly_one(world_index: tf.AccountIndex, memory: tf.Memory, n: int) -> None:
    before = _plan(world_index, n=n)
    gone = _ids(before)[3]
    memory.dismiss(before.settings["who"], [gone], on=TODAY)
    after = _plan(world_index, n=n, memory=memory)
    assert set(_ids(before)) - {gone} <= set(_ids(after))
    assert len(set(_ids(after)) - set(_ids(before))) == (1 if n == 10 else 0)
    assert {drop.account_id: drop.code.value for drop in after.dropped}[gone] == "dismissed"
    assert gone in _ids(_plan(world_index, n=n, memory=memory, today=TODAY + timedelta(days=180)))


def test_who_is_put_off_comes_back_on_its_day(hashed_world_index: tf.AccountIndex, memory: tf.Memory) -> None:
    before = _plan(hashed_world_index)
    memory.snooze(before.settings["who"], _ids(before)[:1], until=TODAY + timedelta(days=3))
    assert _ids(before)[0] not in _ids(_plan(hashed_world_index, memory=memory, today=TODAY + timedelta(days=2)))
    assert _ids(_plan(hashed_world_index, memory=memory, today=TODAY + timedelta(days=3))) == _ids(before)


def test_who_is_followed_leaves_and_counts(hashed_world_index: tf.AccountIndex, memory: tf.Memory) -> None:
    before = _plan(hashed_world_index)
    memory.follow(before.settings["who"], _ids(before)[:2], on=TODAY)
    after = _plan(hashed_world_index, memory=memory)
    assert set(_ids(before)) - set(_ids(after)) == set(_ids(before)[:2])
    assert after.settings["following"] == before.settings["following"] + 2
    assert {d.account_id: d.code.value for d in after.dropped}[_ids(before)[0]] == "already_followed"


def test_who_was_shown_often_sinks_and_is_told_why(world_index: tf.AccountIndex, memory: tf.Memory) -> None:
    before = _plan(world_index)
    first = before.accounts[0]
    for day in range(10, 0, -1):
        memory.show(before.settings["who"], [first.account_id], on=TODAY - timedelta(days=day))
    after = _plan(world_index, memory=memory)
    again = next(account for account in after.accounts if account.account_id == first.account_id)
    assert again.contributions["shown"] == pytest.approx(-2.1)
    assert _ids(after).index(first.account_id) > 3
    assert str(again.reasons[-1]) == "Against it: suggested on 10 days before"


def test_three_days_are_not_often(hashed_world_index: tf.AccountIndex, memory: tf.Memory) -> None:
    before = _plan(hashed_world_index)
    for day in (3, 2, 1):
        memory.show(before.settings["who"], _ids(before)[:5], on=TODAY - timedelta(days=day))
    assert _ids(_plan(hashed_world_index, memory=memory)) == _ids(before)
    memory.show(before.settings["who"], _ids(before)[:1], on=TODAY)
    tired = _plan(hashed_world_index, memory=memory, today=TODAY + timedelta(days=1))
    again = {account.account_id: account.contributions for account in tired.accounts}
    assert again[_ids(before)[0]]["shown"] == pytest.approx(-0.3)
    assert "shown" not in again[_ids(before)[1]]


def test_asking_twice_on_one_day_changes_nothing(world_index: tf.AccountIndex, memory: tf.Memory) -> None:
    first = _plan(world_index, memory=memory)
    memory.show(first.settings["who"], _ids(first), on=TODAY)
    assert _plan(world_index, memory=memory).to_dict() == first.to_dict()


def test_the_plan_only_reads_the_memory(hashed_world_index: tf.AccountIndex, memory: tf.Memory) -> None:
    _plan(hashed_world_index, memory=memory)
    assert not memory.path.exists()


def test_another_persons_memory_plays_no_role(hashed_world_index: tf.AccountIndex, memory: tf.Memory) -> None:
    before = _plan(hashed_world_index)
    memory.dismiss("somebody else", _ids(before), on=TODAY)
    assert _ids(_plan(hashed_world_index, memory=memory)) == _ids(before)


def test_strangers_in_the_memory_do_no_harm(hashed_world_index: tf.AccountIndex, memory: tf.Memory) -> None:
    before = _plan(hashed_world_index)
    memory.dismiss(before.settings["who"], ["77", "no such account"], on=TODAY)
    assert _plan(hashed_world_index, memory=memory).to_dict() == before.to_dict()


# -- laws and edges ----------------------------------------------------------------------------------------------------------------


def test_the_order_of_input_changes_nothing() -> None:
    data = tf.demo_dataset()
    rows = list(range(len(data)))[::-1]
    mixed = tf.Dataset.from_frames(
        data.accounts.take(rows), posts=data.posts.take(list(range(data.posts.num_rows))[::-1]), follows=data.follows
    )
    one, two = (tf.AccountIndex.build(d, encoder=tf.HashingEncoder(64), cache=False) for d in (data, mixed))
    assert _plan(one, n=30).to_dict() == _plan(two, n=30).to_dict()


def test_a_person_without_anything_gets_an_empty_plan() -> None:
    data = tf.Dataset.from_records([tf.Account(account_id="1"), tf.Account(account_id="2", bio="Grids")])
    plan = tf.plan(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(16), cache=False), "1", today=TODAY)
    assert list(plan) == []
    assert repr(plan) == "Plan(0 accounts in 0 weeks)"
    assert plan.notes[-1].startswith("nobody of your field is left in this index")


def test_in_a_small_index_where_nobody_can_tell_the_evidence_decides() -> None:
    people = [tf.Account(account_id="1", bio="Grids"), tf.Account(account_id="2", bio="Grids"), tf.Account(account_id="3")]
    plan = tf.plan(
        tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(16), cache=False), "1", today=TODAY
    )
    assert _ids(plan) == ["2"]
    assert any("relevance can be judged" in note for note in plan.notes)


def test_people_of_whom_nothing_is_known_are_not_called_of_the_field() -> None:
    others = [
        tf.Account(account_id=str(n), bio=f"{'Cakes and ovens' if n % 2 else 'Reefs and squid'} {n}") for n in range(2, 32)
    ]
    people = [tf.Account(account_id="1", bio="Substations, feeders"), tf.Account(account_id="silent"), *others]
    pairs = [("1", "2"), ("1", "3"), ("2", "silent"), ("3", "silent"), ("4", "silent")]
    follows = [tf.Follow(source_id=source, target_id=target) for source, target in pairs]
    data = tf.Dataset.from_records(people, follows=follows)
    plan = tf.plan(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(64), cache=False), "1", today=TODAY)
    assert _ids(plan) == ["silent"]
    assert plan.notes[-2] == "of 1 account nobody can tell the field: hardly any text and follows known"
    assert plan.notes[-1].startswith("1 account that may be of your field left in this index, 500 asked for")


def test_the_end_of_the_calendar_is_no_error(hashed_world_index: tf.AccountIndex) -> None:
    assert [week.start for week in _plan(hashed_world_index, n=20, a_day=1, today=date.max)] == [date.max] * 3


@pytest.mark.parametrize(
    "options", [{"n": 0}, {"a_day": 0}, {"limits": "x"}, {"today": "now"}, {"inactive_days": -1}, {"as_of": 3}]
)
def test_options_are_honoured_or_refused(hashed_world_index: tf.AccountIndex, options: dict[str, Any]) -> None:
    with pytest.raises(tf.InvalidRequest, match=next(iter(options))):
        _plan(hashed_world_index, **options)


def test_it_can_be_printed_shown_and_turned_into_plain_values(whole: tf.Plan) -> None:
    said = json.loads(json.dumps(whole.to_dict(), allow_nan=False))
    assert [account["account_id"] for week in said["weeks"] for account in week["accounts"]] == _ids(whole)
    assert whole.to_dicts()[0]["week"] == "2026-03-02"
    assert "Week of 2026-03-02" in str(whole)
    nasty = replace(whole, notes=("<script>",))
    assert "<script>" not in nasty._repr_html_()
