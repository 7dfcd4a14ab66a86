from __future__ import annotations

import tweetfocus as tf
from tweetfocus.verbs.stages import Stages


def test_a_stage_done_twice_adds_up() -> None:
    times = iter([1.0, 2.0, 4.0, 7.0])
    stages = Stages(now=lambda: next(times))
    for stage in ("scores", "reasons", "scores"):
        stages.done(stage)
    assert dict(stages.seconds) == {"scores": 4.0, "reasons": 2.0}


def test_a_recommendation_says_how_long_its_stages_took(hashed_world_index: tf.AccountIndex) -> None:
    recs = tf.recommend(hashed_world_index, "@mara_lindqvist", n=3)
    assert list(recs.timings) == ["question", "rules", "evidence", "candidates", "scores", "choice", "reasons"]
    assert all(seconds >= 0 for seconds in recs.timings.values())
    assert recs[:1].timings == recs.timings
