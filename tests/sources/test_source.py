from __future__ import annotations

import pytest

from tweetfocus.sources.source import Kind, Offer, Page, Request, Source


def test_a_request_about_one_account_names_it() -> None:
    assert Request(kind=Kind.POSTS, account_ids=("7",)).account_id == "7"
    for several in ((), ("7", "8")):
        with pytest.raises(ValueError, match="unpack"):
            Request(kind=Kind.ACCOUNTS, account_ids=several).account_id  # noqa: B018


def test_an_empty_page_is_a_page() -> None:
    page = Page()
    assert (page.next_cursor, page.items, page.cost, dict(page.missing), dict(page.extra)) == (None, 0, 0, {}, {})


def test_what_lacks_a_method_is_no_source() -> None:
    class Half:
        name = platform = "half"
        handle = None
        offers = {Kind.ME: Offer(most=1)}  # noqa: RUF012

    assert not isinstance(Half(), Source)
