"""The invented world as an index, made once per test session: with the real model, and with the hashing encoder."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

import tweetfocus as tf

INVENTED = Path(tf.__file__).parent / "data" / "invented"


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The converted model is made once, where no earlier run can have left another; the user's own cache stays as it is."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def world_index(tmp_path_factory: pytest.TempPathFactory) -> tf.AccountIndex:
    cache = tf.VectorCache(tmp_path_factory.mktemp("cache") / "vectors.sqlite")
    return tf.AccountIndex.build(tf.read_dataset(INVENTED), cache=cache, progress=False)


@pytest.fixture(scope="session")
def hashed_world_index() -> tf.AccountIndex:
    return tf.AccountIndex.build(tf.read_dataset(INVENTED), encoder=tf.HashingEncoder(), cache=False, progress=False)


@pytest.fixture(scope="session")
def truth() -> dict[str, dict[str, str]]:
    """What the planter knows of each account, by account id: role, fields, relevant to the hero."""
    with open(INVENTED / "truth.csv", encoding="utf-8", newline="") as file:
        return {record["account_id"]: record for record in csv.DictReader(file)}


# Two groups need programs from outside of Python. Each runs when it is asked for by its path.
_GROUPS = {
    Path(__file__).parent / "bluesky_network": "The Bluesky network was",
    Path(__file__).parent / "interfaces" / "report" / "browser": "The report in a real browser was",
}


def _asked_for(group: Path, config: pytest.Config) -> bool:
    return any(Path(config.rootpath, arg.split("::")[0]).resolve().is_relative_to(group) for arg in config.args)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if collection_path in _GROUPS and not _asked_for(collection_path, config) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for group, name in _GROUPS.items():
        whole = any(group.is_relative_to(Path(config.rootpath, arg).resolve()) for arg in config.args)
        if whole and not _asked_for(group, config):
            where = group.relative_to(Path(__file__).parent.parent).as_posix()
            terminalreporter.write_line(
                f"{name} not part of this run: {where}/install.sh installs its parts, and python -m pytest {where} runs it."
            )
