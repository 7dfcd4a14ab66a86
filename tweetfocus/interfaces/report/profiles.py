"""Addresses of profiles: made here from ids and names of a known form, never taken from what people wrote."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from tweetfocus.errors import InvalidRequest

__all__ = ["Profile", "by_id", "checked", "on_bluesky", "on_mastodon", "on_x"]

Profile = Callable[[str, str | None], str | None]  # from account id and username to an https address, or to None

_X_NAME = re.compile(r"[A-Za-z0-9_]{1,15}")
_NUMBER = re.compile(r"[0-9]{1,20}")
_DID = re.compile(r"did:(plc:[a-z2-7]{24}|web:[a-z0-9.-]{1,200})")
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_FEDIVERSE_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?(@[A-Za-z0-9.-]{4,253})?")
_PLAIN = re.compile(r"[!#$%&()*+,./:;=?@A-Z\[\]_a-z~0-9-]{1,500}")


def on_x(account_id: str, username: str | None) -> str | None:
    """The profile on X.

    Example:
        >>> on_x("7", "ana"), on_x("7", None), on_x("seven", "not a name")
        ('https://x.com/ana', 'https://x.com/i/user/7', None)
    """
    if username and _X_NAME.fullmatch(username):
        return f"https://x.com/{username}"
    return f"https://x.com/i/user/{account_id}" if _NUMBER.fullmatch(account_id) else None


def on_bluesky(account_id: str, username: str | None) -> str | None:
    """The profile on Bluesky, by DID, which stays when a handle changes.

    Example:
        >>> on_bluesky("did:web:ana.example", "ana.example")
        'https://bsky.app/profile/did:web:ana.example'
    """
    if _DID.fullmatch(account_id):
        return f"https://bsky.app/profile/{account_id}"
    return f"https://bsky.app/profile/{username.lower()}" if username and _HOST.fullmatch(username.lower()) else None


def on_mastodon(server: str) -> Profile:
    """Profiles as seen on a Mastodon server.

    Raises:
        InvalidRequest: `server` is not the name of a server.

    Example:
        >>> on_mastodon("mastodon.example")("7", "bo@heat.example")
        'https://mastodon.example/@bo@heat.example'
    """
    host = server.lower()
    if not _HOST.fullmatch(host):
        raise InvalidRequest(f"{server!r} is not the name of a server, such as mastodon.social")

    def profile(account_id: str, username: str | None) -> str | None:
        return f"https://{host}/@{username}" if username and _FEDIVERSE_NAME.fullmatch(username) else None

    return profile


def by_id(account_id: str, username: str | None) -> str | None:
    """The profile where the id alone tells the platform, as on Bluesky; elsewhere None.

    Example:
        >>> by_id("7", "ana") is None
        True
    """
    return on_bluesky(account_id, None)


def checked(address: object) -> str | None:
    """An address that a page may link to: https, with a host, and without a character that could end an attribute.

    Raises:
        InvalidRequest: anything else but None.
    """
    if address is None:
        return None
    if isinstance(address, str) and _PLAIN.fullmatch(address):
        parts = urlsplit(address)
        if parts.scheme == "https" and parts.hostname and "@" not in parts.netloc:
            return address
    raise InvalidRequest(f"profiles are https addresses or None, not {address!r:.100}")
