"""Bluesky and Mastodon under random schedules of faults: what is collected is the same as without."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tweetfocus as tf
from tweetfocus.sources.bluesky import Bluesky
from tweetfocus.sources.collect import collect
from tweetfocus.sources.mastodon import Mastodon
from tweetfocus.sources.run import Collected
from tweetfocus.sources.source import Source

from . import made_bluesky, made_fediverse
from .loopback import Loopback

FAULTS = ["429", "429 past", "429 bare", "429 odd", "500", "502", "html", "html503", "broken json", "empty", "dropped", "half"]


@pytest.fixture(params=["bluesky", "mastodon"])
def network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Loopback, Callable[[], Source]]]:
    """A server with everything on it, and what makes a signed-in source anew, as another process would."""
    monkeypatch.setenv("TWEETFOCUS_BLUESKY_APP_PASSWORD", made_bluesky.PASSWORD)
    monkeypatch.setenv("TWEETFOCUS_MASTODON_ACCESS_TOKEN", made_fediverse.TOKEN)
    if request.param == "bluesky":
        with made_bluesky.serve(made_bluesky.MadeBluesky()) as server:
            yield server, lambda: Bluesky("mara.example.social", sign_in=server.url)
    else:
        world = made_fediverse.MadeFediverse()
        with made_fediverse.serve(world) as server:
            world.settle(server.host)
            yield server, lambda: Mastodon(f"mara@{server.host}", server=server.url)


class Clock:
    """Time that passes by sleeping only."""

    now = 4_070_908_000.0  # near the reset time that the servers name

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def gather(source: Source, folder: Path, clock: Clock, seed: int) -> Collected:
    return collect(
        source, folder, progress=False, clock=clock.time, sleep=clock.sleep, random=random.Random(seed), max_requests=10_000
    )


@pytest.mark.parametrize("seed", range(12))
def test_the_dataset_is_the_same(network: tuple[Loopback, Callable[[], Source]], seed: int, tmp_path: Path) -> None:
    server, made = network
    assert gather(made(), tmp_path / "calm", Clock(), seed).stopped is None
    chance, clock = random.Random(seed), Clock()
    server.faults[:] = [chance.choice(FAULTS) if chance.random() < 0.4 else "" for _ in range(120)]
    found = None
    for _ in range(60):
        try:
            found = gather(made(), tmp_path / "storm", clock, seed)
        except tf.SourceError:  # so many faults that nothing is known yet
            continue
        if found.stopped is None:
            break
    assert found is not None
    assert found.stopped is None
    assert tf.read_dataset(tmp_path / "storm").digest == tf.read_dataset(tmp_path / "calm").digest


def test_a_process_for_each_request(network: tuple[Loopback, Callable[[], Source]], tmp_path: Path) -> None:
    server, made = network
    collect(made(), tmp_path / "calm", progress=False)
    asked = len([request for request in server.asked if "createSession" not in request.path])
    for allowed in range(1, 200):
        found = collect(made(), tmp_path / "bits", progress=False, max_requests=allowed)
        if found.stopped is None:
            break
    assert found.stopped is None
    assert tf.read_dataset(tmp_path / "bits").digest == tf.read_dataset(tmp_path / "calm").digest
    # a process that does not know whose list it reads asks for that, once for each list
    assert asked <= allowed <= asked + 8
