from __future__ import annotations

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.balance import weigh_balance
from tweetfocus.ranking.changes import Change, ChangeCode, find_changes
from tweetfocus.ranking.own_posts import own_posts
from tweetfocus.ranking.profile import Agreement
from tweetfocus.ranking.splitting import ProposedAccount, Split
from tweetfocus.ranking.topics import Topics

AGREES = Agreement(0.97, (0.97,), (), ((),), (False,))
ONE = Split(False, (), "further interests are not real enough", 0.8, 0.4, 1.0, 0)
QUIET = [f"note {n} on feeders and loads" for n in range(7)] + ["@bo which grid?", "@bo and why?", "@bo thanks"]


def _changes(
    texts: list[str],
    *,
    nearness: list[float] | None = None,
    focus: float = 0.5,
    bio: Agreement = AGREES,
    has_bio: bool = True,
    split: Split = ONE,
    words: tuple[tuple[str, ...], ...] = (("heat pumps", "grid"),),
) -> dict[str, Change]:
    people = [tf.Account(account_id="1", username="ana"), tf.Account(account_id="2", username="bo")]
    posts = [tf.Post(account_id="1", post_id=f"p{n}", text=text) for n, text in enumerate(texts)]
    index = tf.AccountIndex.build(tf.Dataset.from_records(people, posts=posts), encoder=tf.HashingEncoder(), cache=False)
    own = own_posts(index, 0)
    near = np.array(nearness if nearness is not None else [2.0] * len(own.embedded))
    labels = np.zeros(len(own.embedded), dtype=np.int64)
    topics = Topics(
        (), labels, near, 1.28, 0.52, focus, np.eye(1, own.places.shape[1], dtype=np.float32), lambda v: np.zeros(len(v))
    )
    balance = weigh_balance(index, own, topics, np.zeros(0, dtype=np.int64))
    found = find_changes(own, topics, words, bio, has_bio, split, balance)
    assert list(found) == sorted(found, key=lambda change: -change.effect)
    assert all(0.02 <= change.effect <= 1 for change in found)
    return {change.code.value: change for change in found}


def test_where_all_is_well_there_is_nothing_to_change() -> None:
    assert _changes(QUIET) == {}


def test_off_topic_posts_are_named() -> None:
    texts = [f"note {word} on feeders and loads" for word in ("one", "two", "three", "four", "five", "six", "seven", "eight")]
    found = _changes([*texts, "@bo which grid is it now?", "@bo and why is it so?"], nearness=[0.1, 0.2, *[2.0] * 8])[
        "off_topic"
    ]
    assert found.effect == pytest.approx(0.2)
    assert found.post_ids == ("p0", "p1")
    assert found.text.startswith("2 posts of 10 have little to do with your fields")
    # without the bio, so not the focus of the account, which `audit` shows
    assert "; keep such posts for another account: the focus of the posts alone would go from " in found.text


def test_links_that_are_off_topic_repeated_and_of_one_site() -> None:
    texts = [f"offer {n} of many things https://a.example/1" for n in range(6)] + QUIET[7:] + ["note on the feeders of today"]
    found = _changes(texts, nearness=[0.0] * 6 + [2.0] * 1)
    assert found["repeated_links"].effect == pytest.approx(0.5)
    assert found["repeated_links"].post_ids == tuple(f"p{n}" for n in range(6))
    assert found["one_site"].effect == pytest.approx(0.3)
    assert "lead to a.example" in found["one_site"].text
    assert found["off_topic_links"].effect == pytest.approx(0.6)


def test_manners_without_peers_have_limits_of_their_own() -> None:
    engine = _changes([f"offer {n} https://a{n}.example" for n in range(10)])
    assert engine["too_many_links"].effect == pytest.approx(0.4)
    assert engine["too_little_conversation"].effect == pytest.approx(0.1)
    assert _changes([f"RT @bo: note {n}" for n in range(10)])["too_many_reposts"].effect == pytest.approx(0.5)
    assert _changes([f"@bo thought {n}" for n in range(10)])["too_much_chat"].effect == pytest.approx(0.3)


def test_a_bio_that_is_missing_hides_or_promises() -> None:
    missing = _changes(QUIET, has_bio=False)
    assert missing["no_bio"].effect == 1
    assert "“heat pumps”, “grid”" in missing["no_bio"].text
    hiding = Agreement(0.2, (0.2,), (), (("heat pumps", "grid"),), (True,))
    assert _changes(QUIET, bio=hiding)["bio_hides"].effect == 1
    assert "what 100 % of your posts are about" in _changes(QUIET, bio=hiding)["bio_hides"].text
    promising = Agreement(0.97, (0.97,), ("marathon", "opera"), ((),), (False,))
    found = _changes(QUIET, bio=promising)["bio_promises"]
    assert found.effect == pytest.approx(0.12)
    assert "“marathon”, “opera”" in found.text


def _account(words: str, share: float, bio: float | None) -> ProposedAccount:
    return ProposedAccount(None, (words,), share, 0.6, 0.2, (f"id-{words}",), 10, (), bio)


def test_a_split_keeps_what_the_bio_names() -> None:
    accounts = (_account("reefs", 0.5, 0.1), _account("grids", 0.3, 0.9), _account("pipelines", 0.2, 0.8))
    found = _changes(QUIET, split=Split(True, accounts, "3 real interests", 0.2, 0.4, 0.9, 0))["split"]
    assert found.text == "Keep this account to “grids” and “pipelines”; give “reefs” an account of its own."
    assert found.effect == pytest.approx(0.5)
    assert found.post_ids == ("id-reefs",)


def test_without_a_bio_the_largest_stay() -> None:
    accounts = (_account("reefs", 0.5, None), _account("grids", 0.3, None), _account("pipelines", 0.2, None))
    found = _changes(QUIET, split=Split(True, accounts, "3 real interests", 0.2, 0.4, 0.9, 0))["split"]
    assert found.post_ids == ("id-pipelines",)


def test_posts_without_a_field_are_told_so_and_nothing_else_of_topics() -> None:
    hiding = Agreement(0.2, (0.2,), ("opera",), (("heat pumps", "grid"),), (True,))
    found = _changes(
        [f"note {n} on feeders and loads" for n in range(10)], focus=0.05, nearness=[0.1] * 5 + [2.0] * 5, bio=hiding
    )
    assert set(found) == {"unfocused", "too_little_conversation"}
    assert found["unfocused"].effect == pytest.approx(0.5)
    silent = _changes([f"note {n} on feeders and loads" for n in range(10)], focus=0.05, nearness=[0.1] * 10, has_bio=False)
    assert silent["no_bio"].text == "Write a bio: without one nobody can tell what you do."


def test_every_code_is_in_the_guide() -> None:
    from pathlib import Path

    page = (Path(tf.__file__).parents[1] / "docs" / "audit.md").read_text(encoding="utf-8")
    assert [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")] == [code.value for code in ChangeCode]
