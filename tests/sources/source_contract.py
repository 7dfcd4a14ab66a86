"""What every source must keep: subclass `SourceContract` and give it a `source` fixture that reads something real or made.

The fixture gives a source whose owner follows at least one account. Reads go out one by one, and are few.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import tweetfocus as tf
from tweetfocus.data.records import Account
from tweetfocus.sources.collect import collect
from tweetfocus.sources.records import clean_page
from tweetfocus.sources.source import Kind, Page, Request, Source

_SINGLE = (Kind.ME, Kind.ACCOUNTS)
_OF_OWNER = [kind for kind in Kind if kind not in (*_SINGLE, Kind.LIST_MEMBERS)]
_PAGES = 200


class SourceContract:
    """Subclasses may name `secrets`: texts, such as tokens, that must never be seen."""

    secrets: tuple[str, ...] = ()

    @pytest.fixture
    def source(self) -> Source:
        raise NotImplementedError

    @pytest.fixture
    def owner(self, source: Source) -> Account:
        (account,) = source.read(Request(kind=Kind.ME, limit=1)).accounts
        return account

    def pages(self, source: Source, kind: Kind, who: str, limit: int | None = None) -> Iterator[tuple[Request, Page]]:
        cursor = None
        for _ in range(_PAGES):
            offer = source.offers[kind]
            request = Request(kind=kind, account_ids=(who,), cursor=cursor, limit=limit or offer.most)
            page = source.read(request)
            yield request, page
            cursor = page.next_cursor
            if cursor is None:
                return
        pytest.fail(f"{kind}: no end after {_PAGES} pages")

    def test_keeps_the_protocol(self, source: Source) -> None:
        assert isinstance(source, Source)
        assert Kind.ME in source.offers
        assert source.name.split() == [source.name]
        assert all(1 <= offer.least <= offer.most for offer in source.offers.values())

    def test_the_owner_is_one_account(self, source: Source) -> None:
        page = source.read(Request(kind=Kind.ME, limit=1))
        assert len(page.accounts) == 1
        assert page.accounts[0].account_id
        assert page.next_cursor is None

    @pytest.mark.parametrize("kind", _OF_OWNER)
    def test_lists_end_and_hold_clean_records(self, source: Source, owner: Account, kind: Kind) -> None:
        if kind not in source.offers:
            return
        for request, page in self.pages(source, kind, owner.account_id):
            clean = clean_page(page, request, source.name, profiles=False)
            assert list(clean.issues) == list(page.issues)  # collect finds nothing more to mend
            assert page.next_cursor is None or isinstance(page.next_cursor, str)
            assert page.items >= max(len(page.posts), len(page.follows), len(page.likes), len(page.members))

    @pytest.mark.parametrize("kind", [Kind.FOLLOWINGS, Kind.FOLLOWERS])
    def test_small_pages_bring_the_same(self, source: Source, owner: Account, kind: Kind) -> None:
        if kind not in source.offers:
            return
        least = source.offers[kind].least
        large = [pair for _, page in self.pages(source, kind, owner.account_id) for pair in page.follows]
        small = [pair for _, page in self.pages(source, kind, owner.account_id, least) for pair in page.follows]
        assert {(p.source_id, p.target_id) for p in small} == {(p.source_id, p.target_id) for p in large}
        if kind is Kind.FOLLOWINGS:
            assert {pair.source_id for pair in large} == {owner.account_id}

    def test_a_page_holds_no_more_than_was_asked_for(self, source: Source, owner: Account) -> None:
        for kind in _OF_OWNER:
            if kind in source.offers:
                least = source.offers[kind].least
                page = source.read(Request(kind=kind, account_ids=(owner.account_id,), limit=least))
                assert page.items <= least

    def test_nothing_costs_more_than_its_price(self, source: Source, owner: Account) -> None:
        for kind in _OF_OWNER:
            if kind in source.offers:
                for limit in {source.offers[kind].least, source.offers[kind].most}:
                    request = Request(kind=kind, account_ids=(owner.account_id,), limit=limit)
                    assert Decimal(0) <= source.read(request).cost <= source.price(request)

    def test_prices_grow_with_the_page(self, source: Source, owner: Account) -> None:
        for kind, offer in source.offers.items():
            ids = () if kind is Kind.ME else (owner.account_id,)
            prices = [source.price(Request(kind=kind, account_ids=ids, limit=n)) for n in (offer.least, offer.most)]
            assert prices == sorted(prices)

    def test_a_page_can_be_read_again_from_its_cursor(self, source: Source, owner: Account) -> None:
        if Kind.FOLLOWINGS not in source.offers:
            return
        kind, least = Kind.FOLLOWINGS, source.offers[Kind.FOLLOWINGS].least
        for request, page in list(self.pages(source, kind, owner.account_id, least))[:3]:
            assert source.read(request).follows == page.follows

    def test_accounts_that_do_not_exist_are_missing(self, source: Source, owner: Account) -> None:
        if Kind.ACCOUNTS not in source.offers:
            return
        nobody = self.nobody(owner)
        both = (owner.account_id, nobody)
        at_once = [both] if source.offers[Kind.ACCOUNTS].most > 1 else [(one,) for one in both]
        pages = []
        for ids in at_once:
            request = Request(kind=Kind.ACCOUNTS, account_ids=ids, limit=len(ids))
            pages.append(clean_page(source.read(request), request, source.name, profiles=True))
        assert [missing for page in pages for missing in page.missing] == [nobody]
        assert [account["account_id"] for page in pages for account in page.accounts] == [owner.account_id]

    def nobody(self, owner: Account) -> str:
        """An id of the right shape that nobody has."""
        return owner.account_id[:-1] + ("8" if owner.account_id.endswith("9") else "9")

    def test_a_whole_collection_can_be_read_back(self, source: Source, owner: Account, tmp_path: Path) -> None:
        found = collect(source, tmp_path / "people", progress=False)
        assert found.stopped is None
        assert found.owner == owner.account_id
        data = tf.read_dataset(tmp_path / "people")
        assert data.account("@me").account_id == owner.account_id
        assert data.issues == ()
        before = data.digest
        again = collect(source, tmp_path / "people", progress=False)
        assert again.bill.requests == 0  # all of it is fresh
        assert tf.read_dataset(tmp_path / "people").digest == before

    def test_secrets_are_not_seen(self, source: Source) -> None:
        said = [repr(source), str(source), repr(source.offers), repr(getattr(source, "__dict__", ""))]
        assert not [secret for secret in self.secrets if any(secret in text for text in said)]
