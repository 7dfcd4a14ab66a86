"""`Dataset.update`: what was read later replaces what was known, and leaves the rest as it was."""

from __future__ import annotations

import pytest

from tweetfocus.data.dataset import Dataset
from tweetfocus.data.records import Account, Follow, Post
from tweetfocus.errors import InvalidRequest

OLD = Dataset.from_records(
    [
        Account(account_id="1", username="ana", bio="Chef de partie in Lyon", followers_count=90, discoverable=False),
        Account(account_id="2", bio="Nurse"),
    ],
    posts=[
        Post(account_id="1", post_id="a", text="a long first draft"),
        Post(account_id="2", post_id="a", text="night shift"),
    ],
    follows=[Follow(source_id="1", target_id="2")],
)
NEW = Dataset.from_records(
    [Account(account_id="1", bio="Baker", followers_count=7, discoverable=True), Account(account_id="3", bio="Sommelier")],
    posts=[Post(account_id="1", post_id="a", text="edited"), Post(account_id="1", post_id="b", text="new")],
    follows=[Follow(source_id="3", target_id="1")],
)


def test_the_newer_record_wins_field_by_field_even_where_it_says_less() -> None:
    ana = OLD.update(NEW).account("1")
    assert (ana.username, ana.bio, ana.followers_count, ana.discoverable) == ("ana", "Baker", 7, True)


def test_what_the_newer_dataset_does_not_speak_of_stays() -> None:
    both = OLD.update(NEW)
    assert [both.account(i).bio for i in "123"] == ["Baker", "Nurse", "Sommelier"]
    assert both.posts.select(["account_id", "post_id", "text"]).to_pylist() == [
        {"account_id": "1", "post_id": "a", "text": "edited"},
        {"account_id": "1", "post_id": "b", "text": "new"},
        {"account_id": "2", "post_id": "a", "text": "night shift"},
    ]
    assert both.follows.select(["source_id", "target_id"]).to_pylist() == [
        {"source_id": "1", "target_id": "2"},
        {"source_id": "3", "target_id": "1"},
    ]


def test_updating_with_nothing_or_with_itself_changes_nothing() -> None:
    assert OLD.update(Dataset.from_records()).digest == OLD.digest
    assert OLD.update(OLD).digest == OLD.digest
    assert Dataset.from_records().update(OLD).digest == OLD.digest


def test_updating_twice_is_updating_once() -> None:
    assert OLD.update(NEW).update(NEW).digest == OLD.update(NEW).digest


def test_an_account_is_named_by_text() -> None:
    with pytest.raises(InvalidRequest, match="write '1', not 1"):
        OLD.row(1)  # type: ignore[arg-type]
