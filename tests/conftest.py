"""The invented world as an index, made once per test session: with the real model, and with the hashing encoder."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import tweetfocus as tf

INVENTED = Path(tf.__file__).parent / "data" / "invented"


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
