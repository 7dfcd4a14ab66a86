from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import benchmarks
from benchmarks.mentions import Labelled, _by_kind, read_mentions
from tweetfocus.data.demo import demo_dataset

RESULT = Path(benchmarks.__file__).parent / "results" / "mentions.json"


def test_the_labelled_mentions_are_many_and_different() -> None:
    mentions = read_mentions()
    own = [m for m in mentions if m.part != "world"]
    assert len(own) >= 400
    assert len({m.text for m in mentions}) == len(mentions)
    assert {m.kind for m in mentions} == {"question", "comment", "thanks", "repost", "other"}
    counts = Counter((m.part, m.kind) for m in own)
    assert all(abs(counts["development", kind] - counts["test", kind]) <= 1 for kind in {m.kind for m in own})
    assert len({m.lang for m in own}) >= 20


def test_the_third_part_is_of_the_invented_world() -> None:
    texts = set(demo_dataset().posts["text"].to_pylist())
    assert all(m.text in texts for m in read_mentions() if m.part == "world")


def test_figures_by_hand() -> None:
    mentions = [Labelled("test", kind, "en", "") for kind in ("question", "question", "comment", "thanks")]
    figures = _by_kind(mentions, ["question", "comment", "question", "thanks"])
    assert figures["all"]["right"] == 0.5
    assert (figures["question"]["precision"], figures["question"]["recall"]) == (0.5, 0.5)
    assert (figures["comment"]["precision"], figures["comment"]["recall"]) == (0.0, 0.0)
    assert figures["question"]["precision_interval"] == pytest.approx([0.0945, 0.9055], abs=1e-4)  # Wilson, 1 of 2
    assert figures["repost"] == {
        "precision": None,
        "precision_interval": None,
        "recall": None,
        "recall_interval": None,
        "mentions": 0,
    }


def test_the_results_are_those_of_the_labelled_mentions() -> None:
    counts = json.loads(RESULT.read_text())["figures"]["mentions"]
    for part in ("development", "test", "world"):
        assert {kind: n for kind, n in counts[part].items() if n} == Counter(m.kind for m in read_mentions() if m.part == part)
