"""Mastodon, and every server that speaks its API, as a source."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from tweetfocus.data.records import Follow, Issue, Post
from tweetfocus.errors import (
    InvalidRequest,
    MissingExtra,
    NotAuthorized,
    Refused,
    Unavailable,
)
from tweetfocus.sources.answers import pick, secret
from tweetfocus.sources.mastodon_records import account_of, address, facts_of, id_of, may_be_read, post_of
from tweetfocus.sources.mastodon_transport import MASTODON_TOKEN, Gone, MastodonServer, objects, user_and_host
from tweetfocus.sources.source import Kind, Like, Offer, Page, Rate, Request

__all__ = ["Mastodon"]

_OPEN = {Kind.ME: 1, Kind.ACCOUNTS: 1, Kind.FOLLOWINGS: 80, Kind.FOLLOWERS: 80, Kind.POSTS: 40}
_SIGNED_IN = {Kind.MENTIONS: 40, Kind.LIKES: 40, Kind.MUTES: 80, Kind.BLOCKS: 80, Kind.LIST_MEMBERS: 80}
_HOME, _AWAY = "home", "away"
_ALL_LISTS = 200  # they come in one page


class Mastodon:
    """Reads from one server of the fediverse, which knows its own accounts and those of others as far as it has met them.

    Without a login public profiles, followings, followers and posts are read, where the server shows them to strangers. With an
    access token in the environment variable `MASTODON_ACCESS_TOKEN` also the owner's mentions, likes, mutes, blocks and lists.

    Consent is asked of each account's own flags, and silence is none: who is not `discoverable` is opted out, and posts of others
    are kept only of who is `indexable`, and only public ones.

    Args:
        handle: whose network: `ana@grid.example`, with or without a leading @, or the address of the profile.
        server: where to read, `https://social.example`; by default the host of the handle. See `find_server`.
        timeout: seconds to wait for a connection, and for each part of an answer.

    Raises:
        InvalidRequest: a handle or an address that cannot be one.
        MissingExtra: the library or the HTML parser is not installed.

    Example:
        >>> Mastodon("@ana@grid.example")
        Mastodon('ana@grid.example' at https://grid.example, without login)
    """

    name = "mastodon"

    def __init__(self, handle: str, *, server: str | None = None, timeout: float = 30.0) -> None:
        try:
            import mastodon  # noqa: F401
            import selectolax  # noqa: F401
        except ImportError:
            raise MissingExtra("mastodon", "reading from Mastodon") from None
        user, host = user_and_host(handle)
        self.handle: str | None = f"{user}@{host}"
        self.server = (server or f"https://{host}").rstrip("/")
        if not re.fullmatch(r"https?://[^\s/@?#]+", self.server):
            raise InvalidRequest(f"a server's address looks like https://social.example, not {server!r}")
        self.platform = f"mastodon:{urlsplit(self.server).netloc.lower()}"
        self.timeout = timeout
        self.signed_in = secret(MASTODON_TOKEN) is not None
        place = urlsplit(self.server).hostname or ""
        # of accounts at home; exactly known from the owner's profile on
        self._domain = host if f".{place}".endswith(f".{host.partition(':')[0]}") else urlsplit(self.server).netloc.lower()
        rate = Rate(self.platform, requests=300, seconds=300)
        offers = {
            kind: Offer(most=most, rate=rate, profiles=True, others=kind in _OPEN)
            for kind, most in (_OPEN | (_SIGNED_IN if self.signed_in else {})).items()
        }
        if self.signed_in:
            offers[Kind.LISTS] = Offer(most=_ALL_LISTS, least=_ALL_LISTS, rate=rate, others=False)
        self.offers: Mapping[Kind, Offer] = MappingProxyType(offers)
        self._server = MastodonServer(self.server, signed_in=self.signed_in, timeout=timeout)
        self._whose: dict[str, str] = {}  # of accounts seen so far, what cursors say of them

    def __repr__(self) -> str:
        return f"Mastodon({self.handle!r} at {self.server}, {'with' if self.signed_in else 'without'} login)"

    def price(self, request: Request) -> Decimal:
        """Reading is free."""
        return Decimal(0)

    def read(self, request: Request) -> Page:
        """Make one request; see `Source`."""
        readers: dict[Kind, Callable[[Any, Request], Page]] = {
            Kind.ME: self._read_me,
            Kind.ACCOUNTS: self._read_accounts,
            Kind.FOLLOWINGS: self._read_follows,
            Kind.FOLLOWERS: self._read_follows,
            Kind.POSTS: self._read_posts,
            Kind.MENTIONS: self._read_mentions,
            Kind.LIKES: self._read_likes,
            Kind.MUTES: self._read_mutes,
            Kind.BLOCKS: self._read_mutes,
            Kind.LISTS: self._read_lists,
            Kind.LIST_MEMBERS: self._read_members,
        }
        if request.kind not in self.offers:
            raise Refused(f"mastodon: {request.kind.value} needs a login; set {MASTODON_TOKEN}")
        return readers[request.kind](self._server.client, request)

    # -- one reader for each kind ---------------------------------------------------------------------------------------------

    def _read_me(self, client: Any, request: Request) -> Page:
        user, _, host = str(self.handle).partition("@")
        asked = user if host == urlsplit(self.server).netloc.lower() else self.handle
        try:
            raw = self._server.ask(
                client.account_verify_credentials if self.signed_in else lambda: client.account_lookup(asked)
            )
        except Gone:
            where = urlsplit(self.server).netloc
            raise Refused(
                f"mastodon: {where} knows no account {self.handle!r}; is the handle complete and spelled right?"
            ) from None
        if not isinstance(raw, dict) or id_of(raw.get("id")) is None:
            raise Unavailable(
                f"mastodon: {self.server} answers, but not with an account; is it a Mastodon server?", charged=False
            )
        self._domain = urlsplit(self.server).netloc.lower() if "@" in str(raw.get("acct")) else host
        if self.signed_in and str(raw.get("acct")).lower() not in (user, self.handle):
            raise NotAuthorized(f"mastodon: the token in {MASTODON_TOKEN} is not of {self.handle}; take their own, or unset it")
        return Page(**self._people([raw]), items=1)

    def _read_accounts(self, client: Any, request: Request) -> Page:
        try:
            raw = self._server.ask(lambda: client.account(request.account_id))
        except Gone as gone:
            return Page(missing={request.account_id: gone.why})
        if id_of(pick(raw, "id")) != request.account_id:
            raise Unavailable(f"mastodon: {self.server} sent another account than the one asked for", charged=False)
        return Page(**self._people([raw]), items=1, remaining=self._server.left())

    def _read_follows(self, client: Any, request: Request) -> Page:
        """A page of a list. The cursor says whose list it is: of an account at home or elsewhere, and whether it should be empty."""
        who, out = request.account_id, request.kind is Kind.FOLLOWINGS
        mark, _, place = (request.cursor or "").partition(":")
        if not mark and who not in self._whose:  # as in a process that goes on where another one was killed
            page = self._read_accounts(client, request)
            return page if page.missing else replace(page, items=0, next_cursor=f"{self._whose[who]}:")
        mark = mark or self._whose[who]
        call = client.account_following if out else client.account_followers
        found, rest = self._list(call, replace(request, cursor=place or None), who)
        if "missing" in rest:
            return Page(**rest)
        pairs = [(who, str(id_of(raw["id"]))) if out else (str(id_of(raw["id"])), who) for raw in found]
        if out and not found and not place and mark.endswith("+"):
            why = f"account {who!r} follows others and does not show whom"
            rest["issues"] += (Issue("mastodon", None, "followings", why),)
            rest["whole"] = False
        if mark.startswith(_AWAY):  # of accounts elsewhere this server knows what has to do with its own
            rest["whole"] = False
        if rest["next_cursor"] is not None:
            rest["next_cursor"] = f"{mark}:{rest['next_cursor']}"
        return Page(**self._people(found), follows=_pairs(pairs), **rest)

    def _read_posts(self, client: Any, request: Request) -> Page:
        found, rest = self._list(client.account_statuses, request, request.account_id, key="account")
        posts: list[Post] = []
        kept: list[dict[str, Any]] = []
        left: dict[str, int] = {}
        for raw in found:
            if (why := self._reason_to_leave(raw, request)) is not None:
                left[why] = left.get(why, 0) + 1
                continue
            posts.append(post_of(raw, self._domain))
            kept += [pick(raw, "reblog", "account")] if raw.get("reblog") else []
        if left.get(_NOT_READ):
            rest["next_cursor"] = None  # the flag is the account's: further pages would say the same
        place = f"posts of {request.account_id}"
        rest["issues"] += tuple(Issue("mastodon", None, place, f"{n} {why}; left out") for why, n in sorted(left.items()))
        people = {**self._people([raw for raw in kept if id_of(pick(raw, "id"))])}
        return Page(**people, posts=tuple(posts), **rest)

    def _reason_to_leave(self, raw: dict[str, Any], request: Request) -> str | None:
        author, shared = raw["account"], raw.get("reblog")
        own = str(address(author, self._domain)).lower() == self.handle
        if id_of(pick(author, "id")) != request.account_id:
            return "are not this account's"
        if raw.get("visibility") not in (("public", "unlisted") if own else ("public",)):
            return "are not public"
        if not own and not may_be_read(author):
            return _NOT_READ
        if isinstance(shared, dict) and (shared.get("visibility") != "public" or not may_be_read(shared.get("account"))):
            by_owner = str(address(shared.get("account"), self._domain)).lower() == self.handle
            return None if by_owner else "repost somebody who has not agreed to being searched"
        return None

    def _read_mentions(self, client: Any, request: Request) -> Page:
        def call(**page: Any) -> Any:
            return client.notifications(types=["mention"], **page)

        found, rest = self._list(call, request, key="status")
        posts = [
            raw["status"] for raw in found if isinstance(raw["status"], dict) and id_of(pick(raw, "status", "account", "id"))
        ]
        # written to the owner for all to see; what is written to the owner alone is nobody's business
        shown = [raw for raw in posts if raw.get("visibility") in ("public", "unlisted")]
        if len(shown) < len(found):
            why = f"{len(found) - len(shown)} are private; left out"
            rest["issues"] += (Issue("mastodon", None, "mentions", why),)
        people = self._people([raw["account"] for raw in shown])
        return Page(**people, posts=tuple(post_of(raw, self._domain) for raw in shown), **rest)

    def _read_likes(self, client: Any, request: Request) -> Page:
        found, rest = self._list(client.favourites, request, key="account")
        likes = []
        for raw in found:
            post = post_of(raw, self._domain)
            text = post.text if may_be_read(raw["account"]) and raw.get("visibility") == "public" else None
            if post.post_id is not None:
                author = id_of(pick(raw, "account", "id"))
                likes.append(Like(account_id=request.account_id, post_id=post.post_id, author_id=author, text=text))
        return Page(likes=tuple(likes), **rest)

    def _read_mutes(self, client: Any, request: Request) -> Page:
        found, rest = self._list(client.mutes if request.kind is Kind.MUTES else client.blocks, request)
        rest[request.kind.value] = _pairs((request.account_id, str(id_of(raw["id"]))) for raw in found)
        return Page(**self._people(found), **rest)

    def _read_lists(self, client: Any, request: Request) -> Page:
        found = self._server.ask(client.lists)
        lists = [id_of(raw.get("id")) for raw in objects(found)][:_ALL_LISTS]
        return Page(lists=tuple(i for i in lists if i is not None), items=len(lists), remaining=self._server.left())

    def _read_members(self, client: Any, request: Request) -> Page:
        found, rest = self._list(client.list_accounts, request, request.account_id)
        return Page(**self._people(found), members=tuple(str(id_of(raw["id"])) for raw in found), **rest)

    # -- what they share ------------------------------------------------------------------------------------------------------

    def _list(self, call: Any, request: Request, *args: Any, key: str = "id") -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The items of one page, and what of the page is the same for all kinds."""
        page = {"limit": request.limit} | ({"max_id": request.cursor} if request.cursor is not None else {})
        try:
            sent = self._server.ask(lambda: call(*args, **page))
        except Gone as gone:
            if request.kind not in _OPEN:  # not an account, but a list, or a part of the API that this server lacks
                raise Refused(f"mastodon: {urlsplit(self.server).netloc} has no {request.kind.value} here") from None
            return [], {"missing": {request.account_id: gone.why}, "issues": ()}
        if not isinstance(sent, list):
            raise Unavailable(f"mastodon: {self.server} sent no list for {request.kind.value}", charged=False)
        found = [raw for raw in objects(sent) if _usable(raw, key)]
        issues = []
        if len(found) < len(sent):
            why = f"{len(sent) - len(found)} of {len(sent)} items cannot be read; left out"
            issues.append(Issue("mastodon", None, request.kind.value, why))
        cursor, understood = self._server.next_page()
        if not understood:
            why = "the server names its next page in a way that is not known here; the list ends early"
            issues.append(Issue("mastodon", None, request.kind.value, why))
        return found, {
            "next_cursor": cursor if cursor != request.cursor else None,
            "whole": understood,
            "items": len(sent),
            "remaining": self._server.left(),
            "issues": tuple(issues),
        }

    def _people(self, found: list[dict[str, Any]]) -> dict[str, Any]:
        for raw in found:
            home = _AWAY if "@" in str(raw.get("acct")) else _HOME
            follows = raw.get("following_count")
            self._whose[str(id_of(raw["id"]))] = f"{home}{'+' if isinstance(follows, int) and follows > 0 else ''}"
        extra = {str(id_of(raw["id"])): facts for raw in found if (facts := facts_of(raw))}
        return {"accounts": tuple(account_of(raw, self._domain) for raw in found), "extra": extra}


_NOT_READ = "are of an account that has not agreed to being searched"


def _usable(raw: dict[str, Any], key: str) -> bool:
    return id_of(raw.get(key)) is not None if key == "id" else isinstance(raw.get(key), dict)


def _pairs(pairs: Any) -> tuple[Follow, ...]:
    return tuple(Follow(source_id=source, target_id=target) for source, target in pairs)
