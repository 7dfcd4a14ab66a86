from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import tweetfocus as tf
from tweetfocus.sources.prices import XPrices
from tweetfocus.sources.source import Kind, Request
from tweetfocus.sources.x_api import XTariff


def test_prices_of_a_file_replace_some(tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text('{"as_of": 2027, "post": 0.004, "user": 1}')
    prices = XPrices.read(tmp_path / "prices.json")
    assert (prices.as_of, prices.post, prices.user, prices.follow) == ("2027", Decimal("0.004"), 1, Decimal("0.010"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "must hold an object with prices"),
        ('{"tweet": 1}', "'tweet' is not a price; there are as_of, user"),
        ('{"post": "free"}', "post must be an amount in US dollars, not 'free'"),
        ('{"post": -1}', "post must be an amount"),
        ('{"post": NaN}', "post must be an amount"),
        ('{"post": true}', "post must be an amount"),
        ('{"post": 1e400}', "post must be an amount"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "prices.json").write_text(text)
    with pytest.raises(tf.DataError, match=r"prices\.json: .*" + why):
        XPrices.read(tmp_path / "prices.json")


def test_each_kind_has_its_price() -> None:
    tariff = XTariff()
    price = {kind: tariff.price(Request(kind=kind, account_ids=("1",), limit=1)) for kind in Kind}
    assert price == {
        Kind.ME: Decimal("0.010"),
        Kind.ACCOUNTS: Decimal("0.010"),
        Kind.FOLLOWINGS: Decimal("0.010"),
        Kind.FOLLOWERS: Decimal("0.010"),
        Kind.POSTS: Decimal("0.005"),
        Kind.MENTIONS: Decimal("0.005"),
        Kind.LIKES: Decimal("0.001"),
        Kind.MUTES: Decimal("0.001"),
        Kind.BLOCKS: Decimal("0.001"),
        Kind.LISTS: Decimal("0.005"),
        Kind.LIST_MEMBERS: Decimal("0.010"),
    }
    posts = Request(kind=Kind.POSTS, account_ids=("1",), limit=10)
    assert tariff.price(posts, expanded=True) == Decimal("0.250")  # with the author and whom each answers
