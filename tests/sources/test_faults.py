"""Random schedules of faults and kills: what is in the folder afterwards, and what it cost, are as if nothing had happened."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import tweetfocus as tf
from tweetfocus.errors import RateLimited, Unavailable
from tweetfocus.sources import state as state_module
from tweetfocus.sources.collect import collect
from tweetfocus.sources.plan import CollectPlan
from tweetfocus.sources.run import Collected
from tweetfocus.sources.source import Request, Source
from tweetfocus.sources.x_api import XApi
from tweetfocus.sources.x_transport import XKeys

from .made_source import Killed, MadeSource, MadeWorld, Time
from .x_stub import USER_KEYS, XStub

PLAN = CollectPlan(sample=2, shortlist=2, shortlist_posts=5, posts=6, profiles=4)
SIZE = 8
BATCH = 25


class KillingConnection(sqlite3.Connection):
    """Ends the process before one of its statements."""

    left: int | None = None

    def _step(self) -> None:
        cls = KillingConnection
        if cls.left is not None:
            cls.left -= 1
            if cls.left < 0:
                cls.left = None
                raise Killed

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        if arguments[0] != "ROLLBACK":
            self._step()
        # a process that ends loses nothing by this, only a machine would
        return super().execute(arguments[0].replace("synchronous=FULL", "synchronous=OFF"), *arguments[1:])

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        self._step()
        return super().executemany(*arguments)


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> type[KillingConnection]:
    connect = sqlite3.connect

    class Sqlite:
        DatabaseError, OperationalError = sqlite3.DatabaseError, sqlite3.OperationalError

        @staticmethod
        def connect(path: Path, **settings: Any) -> sqlite3.Connection:
            return connect(path, factory=KillingConnection, **settings)

    monkeypatch.setattr(state_module, "sqlite3", Sqlite)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    return KillingConnection


def until_done(source: Callable[[], Source], folder: Path, time: Time, rng: random.Random, killing: Any) -> Collected:
    """Run, and after every kill or stop run again, until all is read."""
    for run in range(200):
        killing.left = rng.randrange(400) if run < 6 and rng.random() < 0.4 else None
        try:
            found = collect(source(), folder, plan=PLAN, progress=False, clock=time, sleep=time.sleep, random=rng)
        except (Killed, tf.SourceError):
            continue
        finally:
            killing.left = None
        if found.stopped is None:
            return found
    raise AssertionError("did not come to an end")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Decimal, int]:
    folder = tmp_path_factory.mktemp("made")
    source = MadeSource(MadeWorld(SIZE))
    found = collect(source, folder, plan=PLAN, progress=False)
    assert found.bill.spent == source.charged > 0
    return tf.read_dataset(folder).digest, found.bill.spent, found.bill.requests


class Ledger:
    """The bill of a folder over all its collections: a kill right after the end makes the next run begin a new, empty one."""

    def __init__(self, folder: Path) -> None:
        db = sqlite3.connect(folder / "collect.sqlite")
        rows = db.execute("SELECT state, cost, reserve FROM requests").fetchall()
        db.close()
        self.spent = sum(cost for _, cost, _ in rows) / Decimal(10**6)
        self.uncertain = sum(reserve for state, _, reserve in rows if state in ("pending", "lost")) / Decimal(10**6)
        self.requests = len(rows)
        self.kept = sum(state == "read" for state, _, _ in rows)


def faults_of(rng: random.Random, time: Time) -> Callable[[str, Request], None]:
    often = rng.choice([0.03, 0.1, 0.25])

    def fault(when: str, request: Request) -> None:
        if rng.random() > often:
            return
        if when == "after":  # charged for, and lost on the way
            raise rng.choice([Killed, lambda: Unavailable("made: the line broke")])()
        until = rng.choice([None, time() - 60, time() + 30, time() + 700])
        faults: list[Callable[[], BaseException]] = [
            Killed,
            lambda: Unavailable("made: 503", charged=False),
            lambda: Unavailable("made: the line broke"),
            lambda: RateLimited("made: too many requests", until=until),
        ]
        raise rng.choice(faults)()

    return fault


@pytest.mark.parametrize("batch", range(28))
def test_random_faults_and_kills(
    batch: int, tmp_path: Path, made: tuple[str, Decimal, int], killing: type[KillingConnection]
) -> None:
    digest, spent, requests = made
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        rng, time, folder, world = random.Random(seed), Time(), tmp_path / str(seed), MadeWorld(SIZE)
        fault = faults_of(rng, time)
        sources: list[MadeSource] = []

        def start(world: MadeWorld = world, fault: Any = fault, sources: list[MadeSource] = sources) -> MadeSource:
            sources.append(MadeSource(world, fault=fault))
            return sources[-1]

        until_done(start, folder, time, rng, killing)
        bill = Ledger(folder)
        charged = sum((source.charged for source in sources), Decimal(0))
        assert tf.read_dataset(folder).digest == digest, seed
        assert bill.spent == spent, seed
        assert spent <= charged <= bill.spent + bill.uncertain, seed
        assert bill.kept == requests, seed  # every page was kept exactly once
        assert sum(len(source.asked) for source in sources) <= bill.requests, seed


X_FAULTS = [
    "429",
    "429 past",
    "429 bare",
    "429 odd",
    "429 v1",
    "500",
    "502",
    "503",
    "not json",
    "a list",
    "cut json",
    "close",
    "drop",
]


@pytest.fixture(scope="module")
def by_tweepy(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Decimal, int]:
    folder = tmp_path_factory.mktemp("by_tweepy")
    with XStub(MadeWorld(SIZE)) as stub:
        found = collect(XApi(keys=XKeys(user=USER_KEYS), origin=stub.origin), folder, plan=PLAN, progress=False)
        assert found.bill.spent == stub.charged > 0
    return tf.read_dataset(folder).digest, found.bill.spent, found.bill.requests


@pytest.mark.parametrize("batch", range(14))
def test_random_faults_and_kills_through_tweepy(
    batch: int, tmp_path: Path, by_tweepy: tuple[str, Decimal, int], killing: type[KillingConnection]
) -> None:
    digest, spent, requests = by_tweepy
    with XStub(MadeWorld(SIZE)) as stub:
        for seed in range(batch * BATCH, (batch + 1) * BATCH):
            rng, time, folder = random.Random(seed), Time(), tmp_path / str(seed)
            often = rng.choice([0.03, 0.1, 0.25])
            stub.clock = time
            stub.fault = lambda number, path, rng=rng, often=often: rng.choice(X_FAULTS) if rng.random() < often else None
            before = stub.charged
            sources: list[XApi] = []

            def start(sources: list[XApi] = sources) -> XApi:
                sources.append(XApi(keys=XKeys(user=USER_KEYS), origin=stub.origin))
                return sources[-1]

            until_done(start, folder, time, rng, killing)
            for source in sources:
                source.close()
            assert tf.read_dataset(folder).digest == digest, seed
            bill = Ledger(folder)
            assert bill.spent == spent, seed
            assert spent <= stub.charged - before <= bill.spent + bill.uncertain, seed
            assert bill.kept == requests, seed


@pytest.mark.parametrize("batch", range(4))
def test_no_budget_is_ever_exceeded(batch: int, tmp_path: Path, made: tuple[str, Decimal, int], killing: Any) -> None:
    _, spent, _ = made
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        rng, time, folder, world = random.Random(seed), Time(), tmp_path / str(seed), MadeWorld(SIZE)
        budget = Decimal(rng.randrange(int(spent * 1000) + 10)) / 1000
        requests = rng.choice([None, rng.randrange(1, 30)])
        fault = faults_of(rng, time) if rng.random() < 0.7 else lambda when, request: None
        sources = [MadeSource(world, fault=fault) for _ in range(6)]
        for source in sources:
            killing.left = rng.randrange(400) if rng.random() < 0.3 else None
            try:
                found = collect(
                    source, folder, plan=PLAN, budget=budget, max_requests=requests, progress=False, clock=time,
                    sleep=time.sleep, random=rng,
                )  # fmt: skip
            except (Killed, tf.SourceError):
                continue
            finally:
                killing.left = None
            assert found.bill.spent + found.bill.uncertain <= budget, seed
            assert requests is None or found.bill.requests <= requests, seed
            assert (found.stopped is None) == (found.open == 0), seed
        assert sum((source.charged for source in sources), Decimal(0)) <= budget, seed
        assert requests is None or sum(len(source.asked) for source in sources) <= requests, seed
