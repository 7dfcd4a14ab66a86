from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tweetfocus as tf
from tweetfocus.data.records import Account, Follow, Post
from tweetfocus.errors import OutOfCredit, RateLimited, Refused, StaleCursor, Unavailable
from tweetfocus.sources.closeness import candidates, close_followings
from tweetfocus.sources.collect import collect, to_money
from tweetfocus.sources.forgetting import forget_collected
from tweetfocus.sources.plan import STAGES, CollectPlan, estimate
from tweetfocus.sources.run import Collected
from tweetfocus.sources.source import Kind, Offer, Page, Rate, Request
from tweetfocus.sources.state import CollectState, from_micros, to_micros
from tweetfocus.sources.waiting import Pace, after_fault, for_limit

from .made_source import ME, MadeSource, MadeWorld, Time, failing

DAY = 86_400.0


def go(source: Any, folder: Path, **settings: Any) -> Collected:
    time = settings.pop("time", None) or Time()
    return collect(
        source, folder, progress=False, clock=time, sleep=time.sleep, random=random.Random(0), **settings
    )  # fmt: skip


def followings(folder: Path, who: str) -> list[str]:
    return [pair["target_id"] for pair in tf.read_dataset(folder).follows.to_pylist() if pair["source_id"] == who]


# -- what is read ------------------------------------------------------------------------------------------------------------------


def test_the_folder_holds_what_the_world_holds(tmp_path: Path) -> None:
    source = MadeSource()
    found = go(source, tmp_path)
    data, world = tf.read_dataset(tmp_path), source.world
    assert followings(tmp_path, ME) == world.follows[ME]
    assert sorted(p["source_id"] for p in data.follows.to_pylist() if p["target_id"] == ME) == [
        who for who in world.follows if ME in world.follows[who]
    ]
    assert data.mutes.to_pylist()[0]["target_id"] == "118"
    assert data.blocks.to_pylist()[0]["target_id"] == "119"
    assert data.account("@me").account_id == ME
    assert data.account("105").discoverable is False  # suspended, so that nobody can follow it
    assert (found.gone, found.stopped, found.open) == (1, None, 0)
    assert (found.accounts, found.posts, found.follows) == (len(data), data.posts.num_rows, data.follows.num_rows)
    assert {post["account_id"] for post in data.posts.to_pylist()} >= {ME, "109", "110"}


def test_an_index_is_built_from_it(tmp_path: Path) -> None:
    go(MadeSource(), tmp_path)
    index = tf.AccountIndex.build(tf.read_dataset(tmp_path), encoder=tf.HashingEncoder(), cache=False, progress=False)
    recs = tf.recommend(index, "@me", n=20, inactive_days=None)
    assert len(recs) > 0
    assert not {rec.account_id for rec in recs} & {*MadeWorld().follows[ME], "105", "117", "118", "119", ME}


def test_stages_come_in_order(tmp_path: Path) -> None:
    source = MadeSource(page=100, free=True)
    go(source, tmp_path, plan=CollectPlan(sample=1, shortlist=1))
    kinds = [(request.kind, request.account_ids[:1]) for request in source.asked]
    assert kinds[:10] == [
        (Kind.ME, ()),
        (Kind.MUTES, (ME,)),
        (Kind.BLOCKS, (ME,)),
        (Kind.POSTS, (ME,)),
        (Kind.FOLLOWINGS, (ME,)),
        (Kind.FOLLOWERS, (ME,)),
        (Kind.MENTIONS, (ME,)),
        (Kind.LIKES, (ME,)),
        (Kind.LISTS, (ME,)),
        (Kind.LIST_MEMBERS, ("9001",)),
    ]
    # 106 follows back and is on a list: 2; 107 follows back and mentions the owner: 1 + ln 2; 101: ln 2 + ln 2
    assert kinds[11] == (Kind.FOLLOWINGS, ("106",))
    assert [kind for kind, _ in kinds[12:]] == [Kind.ACCOUNTS, Kind.POSTS]


def test_what_a_plan_leaves_out_is_not_asked_for(tmp_path: Path) -> None:
    source = MadeSource()
    go(source, tmp_path, plan=CollectPlan(followers=0, mentions=0, likes=0, lists=0, sample=0, profiles=0, shortlist=0))
    assert {request.kind for request in source.asked} == {Kind.ME, Kind.MUTES, Kind.BLOCKS, Kind.POSTS, Kind.FOLLOWINGS}


def test_a_list_that_was_cut_is_no_source(tmp_path: Path) -> None:
    go(MadeSource(page=3), tmp_path, plan=CollectPlan(followings=6, sample=0))
    assert followings(tmp_path, ME) == ["101", "102", "103", "104", "105", "106"]
    assert tf.read_dataset(tmp_path).account("@me").is_source is None
    go(MadeSource(page=3), tmp_path / "whole", plan=CollectPlan(sample=0))
    assert tf.read_dataset(tmp_path / "whole").account("@me").is_source is True


def test_negative_plans_are_refused() -> None:
    with pytest.raises(tf.InvalidRequest, match="sample must be 0 or more, not -1"):
        CollectPlan(sample=-1)


# -- again -------------------------------------------------------------------------------------------------------------------------


def test_a_second_run_reads_nothing_and_a_later_one_refreshes(tmp_path: Path) -> None:
    time = Time()
    go(MadeSource(), tmp_path, time=time)
    before = tf.read_dataset(tmp_path).digest
    again = MadeSource()
    assert go(again, tmp_path, time=time).bill.requests == 0
    assert again.asked == []
    time.now += 31 * DAY
    world = MadeWorld()
    world.follows[ME] = world.follows[ME][1:]  # somebody was unfollowed
    world.accounts["102"] = Account(account_id="102", username="user_102", bio="Retired")
    later = MadeSource(world)
    found = go(later, tmp_path, time=time)
    assert found.bill.requests == len(later.asked) > 10
    assert followings(tmp_path, ME) == world.follows[ME]
    assert tf.read_dataset(tmp_path).account("102").bio == "Retired"
    assert tf.read_dataset(tmp_path).digest != before


def test_max_age_decides_what_is_old(tmp_path: Path) -> None:
    time = Time()
    go(MadeSource(), tmp_path, time=time)
    time.now += 2 * DAY
    assert go(MadeSource(), tmp_path, time=time, max_age=timedelta(days=3)).bill.requests == 0
    assert go(MadeSource(), tmp_path, time=time, max_age=timedelta(days=1)).bill.requests > 10


def test_an_interrupted_collection_goes_on_in_a_new_process(tmp_path: Path) -> None:
    whole = MadeSource(page=2)
    go(whole, tmp_path / "whole")

    def fault(when: str, request: Request) -> None:
        if len(first.asked) == 9 and when == "before":
            raise KeyboardInterrupt

    first = MadeSource(page=2, fault=fault)
    with pytest.raises(KeyboardInterrupt):
        go(first, tmp_path / "people")
    assert tf.read_dataset(tmp_path / "people").account("@me").account_id == ME  # Ctrl-C leaves tables
    second = MadeSource(page=2)
    go(second, tmp_path / "people")
    assert first.asked[:8] + second.asked == whole.asked
    assert tf.read_dataset(tmp_path / "people").digest == tf.read_dataset(tmp_path / "whole").digest


def test_a_source_that_doubles_rows_doubles_nothing(tmp_path: Path) -> None:
    class Doubling(MadeSource):
        def _records(self, kind: Kind, who: str, part: list) -> dict[str, object]:
            return super()._records(kind, who, part + part[:1])

    go(Doubling(), tmp_path / "a")
    go(MadeSource(), tmp_path / "b")
    assert tf.read_dataset(tmp_path / "a").digest == tf.read_dataset(tmp_path / "b").digest


# -- money and requests ------------------------------------------------------------------------------------------------------------


def test_one_cent_below_the_cost(tmp_path: Path) -> None:
    whole = go(MadeSource(), tmp_path / "whole").bill.spent
    source = MadeSource()
    budget = whole - Decimal("0.01")
    found = go(source, tmp_path / "people", budget=budget)
    assert found.stopped is not None
    assert found.stopped.startswith(f"the budget of ${budget:.2f} does not reach further")
    assert found.failure is None
    assert source.charged == found.bill.spent <= budget
    more = MadeSource()
    assert go(more, tmp_path / "people", budget=budget).bill.spent == found.bill.spent
    assert more.asked == []  # nothing that it could pay for
    after = go(MadeSource(), tmp_path / "people", budget=100)
    assert (after.stopped, after.open) == (None, 0)


def test_a_budget_of_nothing_reads_nothing(tmp_path: Path) -> None:
    source = MadeSource()
    found = go(source, tmp_path, budget="0.009")
    assert source.asked == []
    assert (found.bill.spent, found.accounts) == (0, 0)
    assert found.stopped is not None


def test_pages_shrink_to_what_can_be_paid(tmp_path: Path) -> None:
    source = MadeSource(page=100)
    go(source, tmp_path, budget="0.10", plan=CollectPlan(posts=0, followers=0, mentions=0, lists=0, likes=0, sample=0))
    asked = next(request for request in source.asked if request.kind is Kind.FOLLOWINGS)
    assert asked.limit == 5  # 60 % of 0.09 after the profile, less a mute and a block of 0.001 each, at 0.01
    assert source.charged <= Decimal("0.10")


def test_pages_that_cost_are_small(tmp_path: Path) -> None:
    source = MadeSource(page=1000)
    go(source, tmp_path)
    assert max(request.limit for request in source.asked) == 100
    free = MadeSource(page=1000, free=True)
    go(free, tmp_path / "free")
    assert max(request.limit for request in free.asked) == 1000


def test_pages_risk_little(tmp_path: Path) -> None:
    source = MadeSource(page=100)
    go(source, tmp_path, budget=5)
    limits = {
        (request.kind, request.account_id): request.limit for request in source.asked[::-1] if len(request.account_ids) == 1
    }
    assert limits[Kind.FOLLOWINGS, ME] == 12  # the profile says 7, and a few more
    assert limits[Kind.POSTS, ME] == 50  # a twentieth of the budget, at 0.005
    assert limits[Kind.LIKES, ME] == 100
    assert max(source.price(request) for request in source.asked) <= Decimal("0.25")


def test_a_budget_in_requests_counts_failures_and_runs(tmp_path: Path) -> None:
    source = MadeSource(fault=failing((3, Unavailable("made: 503", charged=False))))
    found = go(source, tmp_path, max_requests=5)
    assert len(source.asked) == found.bill.requests == 5
    assert found.stopped == "the budget of 5 requests is used up; run it again with a larger one to go on"
    again = MadeSource()
    assert go(again, tmp_path, max_requests=5).stopped == found.stopped
    assert again.asked == []
    assert go(MadeSource(), tmp_path, max_requests=1000).stopped is None


def test_a_lost_answer_counts_until_the_end(tmp_path: Path) -> None:
    def fault(when: str, request: Request) -> None:
        if when == "after" and len(source.asked) == 5:
            raise Unavailable("made: the line broke")

    source = MadeSource(fault=fault)
    found = go(source, tmp_path)
    asked = source.asked[4]
    assert found.bill.uncertain == source.price(asked)
    assert found.bill.lost == 1
    assert found.bill.spent < source.charged <= found.bill.spent + found.bill.uncertain


@pytest.mark.parametrize("budget", [-1, "-0.01", "nan", "inf", "five", ""])
def test_budgets_that_are_none(budget: Any) -> None:
    with pytest.raises(tf.InvalidRequest, match="a budget is an amount in US dollars"):
        to_money(budget)


@given(st.decimals(0, 10_000, places=6))
def test_millionths_are_exact(money: Decimal) -> None:
    assert from_micros(to_micros(money)) == money


def test_a_dry_run_is_an_upper_bound(tmp_path: Path) -> None:
    source = MadeSource(page=100, profiles=True)
    stages = estimate(CollectPlan(followings=8, followers=20, sample=4, sample_followings=20), source, None, None)
    found = go(source, tmp_path, plan=CollectPlan(followings=8, followers=20, sample=4, sample_followings=20))
    assert found.bill.spent <= sum(stage.cost for stage in stages)
    assert [stage.stage for stage in stages] == [stage.name for stage in STAGES]
    within = estimate(CollectPlan(), source, None, Decimal(5))
    assert sum(stage.cost for stage in within) <= 5
    assert estimate(CollectPlan(), MadeSource(free=True), None, None)[4].cost == 0
    with CollectState(tmp_path) as state:  # what is known makes it smaller
        known = estimate(CollectPlan(), source, state, None)
    assert known[1].items < estimate(CollectPlan(), source, None, None)[1].items


# -- what goes wrong ---------------------------------------------------------------------------------------------------------------


def test_faults_are_tried_again_and_then_given_up(tmp_path: Path) -> None:
    time = Time()
    error = Unavailable("made: 503", charged=False)
    source = MadeSource(fault=failing(*((n, error) for n in range(4, 9))))
    found = go(source, tmp_path / "a", time=time)
    assert found.stopped is None
    assert len(time.slept) == 5
    assert all(0 <= seconds <= 2**n for n, seconds in enumerate(time.slept))
    stubborn = MadeSource(fault=failing(*((n, error) for n in range(4, 10))))
    found = go(stubborn, tmp_path / "b")
    assert found.stopped == "made: 503; 6 tries in a row failed; run the same command again to go on"
    assert found.failure is error
    assert go(MadeSource(), tmp_path / "b").stopped is None


def test_nothing_known_and_no_answer_is_an_error(tmp_path: Path) -> None:
    error = Unavailable("made: 503", charged=False)
    with pytest.raises(tf.Unavailable, match="made: 503"):
        go(MadeSource(fault=failing(*((n, error) for n in range(1, 20)))), tmp_path)


@pytest.mark.parametrize(("until", "waits"), [(90, [90]), (-5, [60]), (None, [60])])
def test_rate_limits_are_waited_for(tmp_path: Path, until: float | None, waits: list[float]) -> None:
    time = Time()
    limit = RateLimited("made: too many requests", until=None if until is None else time.now + until)
    assert go(MadeSource(fault=failing((4, limit))), tmp_path, time=time).stopped is None
    assert [round(slept - extra) for slept, extra in zip(time.slept, [2], strict=True)] == pytest.approx(waits, abs=4)


def test_endless_rate_limits_end(tmp_path: Path) -> None:
    time = Time()
    limit = RateLimited("made: too many requests")
    found = go(MadeSource(fault=failing(*((n, limit) for n in range(4, 40)))), tmp_path, time=time)
    assert [round(seconds / 60) for seconds in time.slept] == [1, 2, 4, 8, 15, 15, 15]
    assert found.stopped is not None
    assert "to go on" in found.stopped
    assert found.failure is limit


def test_a_limit_for_the_rest_of_the_day_is_not_waited_for(tmp_path: Path) -> None:
    time = Time()
    limit = RateLimited("made: too many requests", until=time.now + DAY)
    found = go(MadeSource(fault=failing((4, limit))), tmp_path, time=time)
    assert time.slept == []
    assert found.stopped is not None
    assert "run the same command again after 2027-01-16" in found.stopped


def test_out_of_credit_stops_cleanly(tmp_path: Path) -> None:
    found = go(MadeSource(fault=failing((6, OutOfCredit("made: no credits left")))), tmp_path)
    assert found.stopped == "made: no credits left; what was read is kept, run the same command again to go on"
    assert go(MadeSource(), tmp_path).stopped is None


def test_one_refusal_is_left_out_and_five_in_a_row_stop(tmp_path: Path) -> None:
    refused = Refused("made: 403")
    found = go(MadeSource(fault=failing((2, refused), (3, refused))), tmp_path / "a")
    assert found.stopped is None
    assert [str(issue) for issue in found.issues] == [
        "made, mutes: not read for '100': made: 403",
        "made, blocks: not read for '100': made: 403",
    ]
    stopped = go(MadeSource(fault=failing(*((n, refused) for n in range(2, 9)))), tmp_path / "b").stopped
    assert stopped is not None
    assert "refused 5 times in a row" in stopped


def test_a_wrong_key_stops_everything(tmp_path: Path) -> None:
    with pytest.raises(tf.NotAuthorized):
        go(MadeSource(fault=failing((5, tf.NotAuthorized("made: no")))), tmp_path)
    assert tf.read_dataset(tmp_path).account("@me").account_id == ME  # what was read before is kept


def test_a_stale_cursor_begins_the_list_again(tmp_path: Path) -> None:
    def stale(times: int) -> MadeSource:
        seen: list[Request] = []

        def fault(when: str, request: Request) -> None:
            if when == "before" and request.kind is Kind.FOLLOWINGS and request.cursor and len(seen) < times:
                seen.append(request)
                raise StaleCursor("made: unknown place")

        return MadeSource(page=3, fault=fault)

    found = go(stale(2), tmp_path / "a")
    assert found.stopped is None
    go(MadeSource(page=3), tmp_path / "b")
    assert tf.read_dataset(tmp_path / "a").digest == tf.read_dataset(tmp_path / "b").digest
    assert go(stale(9), tmp_path / "c").stopped == "made: unknown place; run the same command again later to go on"


@pytest.mark.parametrize("cursor", [lambda n: "same", lambda n: f"place {n}"])
def test_a_list_without_end_is_left(tmp_path: Path, cursor: Any) -> None:
    class Endless(MadeSource):
        def _page(self, request: Request) -> Page:
            if request.kind is Kind.MENTIONS:
                return Page(next_cursor=cursor(len(self.asked)))
            return super()._page(request)

    source = Endless()
    found = go(source, tmp_path)
    assert found.stopped is None
    assert sum(request.kind is Kind.MENTIONS for request in source.asked) in (2, 50)
    assert [str(issue) for issue in found.issues] == [
        "made, mentions: the list of '100' does not come to an end; what it gave so far is kept"
    ]


def test_two_collects_do_not_share_a_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from tweetfocus.sources.state import CollectState\n"
        f"with CollectState({str(tmp_path)!r}):\n    print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(tf.StorageError, match="another collect is at work in this folder"):
            go(MadeSource(), tmp_path)
        other.kill()
    assert go(MadeSource(), tmp_path).stopped is None


def test_a_folder_is_one_persons_on_one_platform(tmp_path: Path) -> None:
    go(MadeSource(), tmp_path)
    elsewhere = MadeSource()
    elsewhere.platform = "elsewhere"
    with pytest.raises(tf.DataError, match="holds accounts of made; collect elsewhere into another folder"):
        go(elsewhere, tmp_path)
    other = MadeSource()
    other.handle = "user_101"
    other.world.accounts[ME] = other.world.accounts["101"]
    with pytest.raises(tf.DataError, match=r"was collected for account 100, not for @user_101 \(101\); use another folder"):
        go(other, tmp_path)
    assert followings(tmp_path, ME) == MadeWorld().follows[ME]


def test_an_interrupted_collection_is_not_taken_over(tmp_path: Path) -> None:
    first = MadeSource()
    first.handle = "user_100"
    assert go(first, tmp_path, max_requests=4).open > 0
    second = MadeSource()
    second.handle = "user_101"
    with pytest.raises(tf.DataError, match="is being collected for account 100, not for user_101; use another folder"):
        go(second, tmp_path)
    assert second.asked == []
    for handle in ("User_100", "100", None):
        third = MadeSource()
        third.handle = handle
        assert go(third, tmp_path, max_requests=4).open > 0


def test_tables_of_ones_own_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id\n1\n")
    source = MadeSource()
    with pytest.raises(tf.StorageError, match="collect has not made it"):
        go(source, tmp_path)
    assert source.asked == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["accounts.csv"]


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 200])
def test_a_damaged_state_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "collect.sqlite").write_bytes(content)
    with pytest.raises(tf.StorageError, match=r"collect\.sqlite: cannot be used"):
        go(MadeSource(), tmp_path)


def test_a_state_of_another_version_is_named(tmp_path: Path) -> None:
    go(MadeSource(), tmp_path)
    db = sqlite3.connect(tmp_path / "collect.sqlite")
    db.execute("UPDATE about SET value = '99' WHERE name = 'format'")
    db.commit()
    db.close()
    with pytest.raises(tf.StorageError, match="another version of tweetfocus"):
        go(MadeSource(), tmp_path)


def test_dirty_records_are_listed(tmp_path: Path) -> None:
    class Dirty(MadeSource):
        def _page(self, request: Request) -> Page:
            page = super()._page(request)
            if request.kind is not Kind.FOLLOWERS:
                return page
            return Page(
                accounts=(Account(account_id="", bio="x"), Account(account_id="130", followers_count=-4, bio="ok\ud800")),
                posts=(Post(account_id="130", text=""), Post(account_id="130", post_id="p", text="hi", created_at="soon")),  # type: ignore[arg-type]
                follows=(Follow(source_id="a\nb", target_id=ME), Follow(source_id=ME, target_id=ME), *page.follows),
                extra={"130": {"label": "spam"}, "": {"label": "none"}},
                items=5,
            )

    found = go(Dirty(), tmp_path)
    data = tf.read_dataset(tmp_path)
    assert data.account("130").followers_count is None
    assert data.accounts["label"].to_pylist()[data.row("130")] == "spam"
    assert [post["text"] for post in data.posts.to_pylist() if post["account_id"] == "130"] == ["hi"]
    why = [str(issue) for issue in found.issues]
    assert len(why) == 6
    assert why[0] == "made followers of 100: accounts, row 1, account_id: empty; record left out"


def test_sources_that_cannot_name_an_owner(tmp_path: Path) -> None:
    class Nobody(MadeSource):
        def _page(self, request: Request) -> Page:
            return Page()

    with pytest.raises(tf.DataError, match="asked for the owner's profile and got 0 of them"):
        go(Nobody(), tmp_path)
    nameless = MadeSource()
    nameless.offers = {Kind.POSTS: Offer(most=1)}
    with pytest.raises(tf.InvalidRequest, match="does not offer 'me'"):
        go(nameless, tmp_path)


@pytest.mark.parametrize("name", ["mine.txt", "none.csv"])
def test_tables_that_cannot_be_merged(tmp_path: Path, name: str) -> None:
    with pytest.raises(tf.DataError, match=name):
        go(MadeSource(), tmp_path / "people", accounts=tmp_path / name)
    assert not (tmp_path / "people").exists()


# -- near and far ------------------------------------------------------------------------------------------------------------------


def test_closeness_and_evidence_by_hand(tmp_path: Path) -> None:
    class Hand(MadeSource):
        """0 follows 1, 2, 3; 2 follows back; 0 replied to 3 twice; 1 follows 4, 5; 3 follows 4; 6 follows 0; 7 mentions 0."""

        def _page(self, request: Request) -> Page:
            follows = {"0": ["1", "2", "3"], "2": ["0"], "1": ["4", "5"], "3": ["4"]}
            if request.kind is Kind.ME:
                return Page(accounts=(Account(account_id="0", username="me0"),), items=1)
            if request.kind is Kind.FOLLOWINGS:
                found = tuple(Follow(source_id=request.account_id, target_id=i) for i in follows.get(request.account_id, ()))
                return Page(follows=found, items=len(found))
            if request.kind is Kind.FOLLOWERS:
                return Page(follows=(Follow(source_id="2", target_id="0"), Follow(source_id="6", target_id="0")), items=2)
            if request.kind is Kind.POSTS and request.account_id == "0":
                posts = tuple(Post(account_id="0", post_id=f"p{n}", text="so", reply_to_account_id="3") for n in range(2))
                return Page(posts=posts, items=2)
            if request.kind is Kind.MENTIONS:
                return Page(posts=(Post(account_id="7", post_id="q", text="hi", mentions=("@Me0",)),), items=1)
            return Page(accounts=tuple(Account(account_id=i) for i in request.account_ids if request.kind is Kind.ACCOUNTS))

    go(Hand(), tmp_path)
    with CollectState(tmp_path) as state:
        # 3: ln 3 = 1.10 for two replies; 2: 1 for following back; 1: nothing
        assert close_followings(state, "0") == ["3", "2", "1"]
        # 4: 1/log2(2+2) + 1/log2(2+1) = 0.5 + 0.63; 6: 1; 7: ln 2 = 0.69; 5: 0.5
        assert candidates(state, "0") == ["4", "6", "7", "5"]


# -- waiting -----------------------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 30), min_size=30, max_size=60), st.integers(1, 12), st.integers(5, 100))
def test_no_more_requests_than_allowed_in_any_span(pauses: list[float], requests: int, seconds: int) -> None:
    rate, now = Rate("made", requests, seconds), 1000.0
    pace, sent = Pace(lambda bucket, since: []), []
    for pause in pauses:
        now += pause
        now += pace.wait(rate, now)
        pace.note(rate, now)
        sent.append(now)
    for start in sent:
        assert sum(start <= at < start + seconds - 1e-6 for at in sent) <= max(1, int(requests * 0.9))


def test_requests_of_an_earlier_run_count(tmp_path: Path) -> None:
    rate, time = Rate("made", 10, 900), Time()
    go(MadeSource(rate=rate, page=100), tmp_path, time=time, max_requests=9)
    assert time.slept == []
    time.now += 300
    go(MadeSource(rate=rate, page=100), tmp_path, time=time, max_requests=10)
    assert time.slept == [600]


@given(st.integers(1, 50), st.integers())
def test_waits_are_bounded(attempt: int, seed: int) -> None:
    rng = random.Random(seed)
    assert 0 <= after_fault(attempt, rng) <= 60
    assert 60 <= for_limit(RateLimited("x"), attempt, 0, rng) <= 905
    assert 10 <= for_limit(RateLimited("x", until=110), attempt, 100, rng) <= 13


# -- forgetting --------------------------------------------------------------------------------------------------------------------


def test_a_forgotten_person_is_in_no_file_and_does_not_come_back(tmp_path: Path) -> None:
    time, world = Time(), MadeWorld()
    world.accounts["103"] = Account(account_id="103", username="user_103", bio="Works with @user_109, and @user_1090")
    world.posts["110"].append(Post(account_id="110", post_id="x1", text="RT @user_109: so true"))
    world.posts["110"].append(Post(account_id="110", post_id="x2", text="ask @User_109!", mentions=("109", "103")))
    go(MadeSource(world), tmp_path, time=time)
    assert "109" in tf.read_dataset(tmp_path).accounts["account_id"].to_pylist()
    assert forget_collected(tmp_path, "109") is True
    data = tf.read_dataset(tmp_path)
    assert "109" not in data.accounts["account_id"].to_pylist()
    assert data.account("103").bio == "Works with @forgotten, and @user_1090"
    assert {p["text"]: p["mentions"] for p in data.posts.to_pylist() if p["post_id"] == "x2"} == {"ask @forgotten!": ["103"]}
    assert "x1" not in data.posts["post_id"].to_pylist()
    for file in tmp_path.iterdir():
        assert b'user_109"' not in file.read_bytes()
        assert b"Pipeline planner 9" not in file.read_bytes().replace(b"Pipeline planner 90", b"")
    time.now += 31 * DAY
    go(MadeSource(world), tmp_path, time=time)
    data = tf.read_dataset(tmp_path)
    assert "109" not in data.accounts["account_id"].to_pylist()
    assert "109" not in data.follows["target_id"].to_pylist()
    assert not any(post["account_id"] == "109" for post in data.posts.to_pylist())


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id\n1\n")
    assert forget_collected(tmp_path, "1") is False
    assert sorted(path.name for path in tmp_path.iterdir()) == ["accounts.csv"]
