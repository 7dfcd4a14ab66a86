from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from tweetfocus.data.records import ACCOUNT_COLUMNS, FOLLOW_COLUMNS, POST_COLUMNS, Account, Follow, Issue, Post


def test_records_have_exactly_the_columns_of_their_tables() -> None:
    for record, columns in ((Account, ACCOUNT_COLUMNS), (Post, POST_COLUMNS), (Follow, FOLLOW_COLUMNS)):
        assert {field.name for field in fields(record)} == set(columns)


def test_records_cannot_be_changed() -> None:
    account = Account(account_id="1")
    with pytest.raises(FrozenInstanceError):
        account.bio = "Chef"  # type: ignore[misc]


def test_an_issue_says_where_it_is_and_why() -> None:
    assert str(Issue("a.csv", 3, "bio", "odd")) == "a.csv, row 3, bio: odd"
    assert str(Issue("a.csv", None, "bio", "odd")) == "a.csv, bio: odd"
    assert str(Issue("a.csv", None, None, "odd")) == "a.csv: odd"
