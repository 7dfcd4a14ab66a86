from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tweetfocus as tf
from tweetfocus.interfaces.report.profiles import by_id, checked, on_bluesky, on_mastodon, on_x

PROFILES = [on_x, on_bluesky, on_mastodon("heat.example"), by_id]


@pytest.mark.parametrize(
    ("profile", "account_id", "username", "address"),
    [
        (on_x, "7", "ana", "https://x.com/ana"),
        (on_x, "7", "longer_than_fifteen", "https://x.com/i/user/7"),
        (on_x, "x7", "ana/../../evil", None),
        (on_bluesky, "did:plc:" + "a2" * 12, "ana.example", "https://bsky.app/profile/did:plc:" + "a2" * 12),
        (on_bluesky, "7", "Ana.Example", "https://bsky.app/profile/ana.example"),
        (on_bluesky, "did:plc:short", "no dots", None),
        (on_mastodon("heat.example"), "7", "bo", "https://heat.example/@bo"),
        (on_mastodon("Heat.Example"), "7", "bo@grid.example", "https://heat.example/@bo@grid.example"),
        (on_mastodon("heat.example"), "7", None, None),
        (by_id, "did:plc:" + "a2" * 12, None, "https://bsky.app/profile/did:plc:" + "a2" * 12),
        (by_id, "7", "ana.example", None),
    ],
)
def test_addresses(profile, account_id: str, username: str | None, address: str | None) -> None:
    assert profile(account_id, username) == address


@given(st.text(max_size=30), st.none() | st.text(max_size=30))
def test_whatever_people_call_themselves_an_address_is_ours_or_none(account_id: str, username: str | None) -> None:
    for profile in PROFILES:
        address = profile(account_id, username)
        assert checked(address) == address
        assert address is None or address.startswith(("https://x.com/", "https://bsky.app/profile/", "https://heat.example/@"))


@pytest.mark.parametrize(
    "server", ["", "heat", "https://heat.example", "heat.example/@x", "heat.example:80", "a@heat.example", "-.example"]
)
def test_a_server_is_a_name(server: str) -> None:
    with pytest.raises(tf.InvalidRequest, match="is not the name of a server"):
        on_mastodon(server)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "http://x.com/ana",
        "https://",
        "https://a b",
        'https://x.com/"',
        "https://x.com/<b>",
        "https://u@x.com/",
        7,
        "//x.com/ana",
    ],
)
def test_nothing_else_is_linked(address: object) -> None:
    with pytest.raises(tf.InvalidRequest, match="profiles are https addresses or None"):
        checked(address)
