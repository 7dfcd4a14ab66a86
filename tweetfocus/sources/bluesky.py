"""Bluesky as a source: public reads without a login, and what only the owner may read with one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from tweetfocus.data.records import Account, Follow, Issue, Post
from tweetfocus.errors import (
    InvalidRequest,
    MissingExtra,
    Refused,
    Unavailable,
)
from tweetfocus.sources.answers import every, pasted, pick, secret
from tweetfocus.sources.bluesky_records import (
    account_of,
    feed_post,
    is_did,
    moderation_of,
    post_of,
    signed_in_only,
    whose,
)
from tweetfocus.sources.bluesky_transport import BLUESKY_PASSWORD, BlueskyServer, Gone, Homes
from tweetfocus.sources.source import Kind, Like, Offer, Page, Rate, Request

__all__ = ["Bluesky"]

PUBLIC = "https://public.api.bsky.app"
SIGN_IN = "https://bsky.social"
DIRECTORY = "https://plc.directory"
_RATE = Rate("bluesky", requests=3000, seconds=300)
_OPEN = {
    Kind.ME: Offer(most=1, rate=_RATE),
    Kind.ACCOUNTS: Offer(most=25, rate=_RATE),
    Kind.FOLLOWINGS: Offer(most=100, rate=_RATE, profiles=True),
    Kind.FOLLOWERS: Offer(most=100, rate=_RATE, profiles=True),
    Kind.POSTS: Offer(most=100, rate=_RATE),
    Kind.LISTS: Offer(most=100, rate=_RATE, others=False),
    Kind.LIST_MEMBERS: Offer(most=100, rate=_RATE, profiles=True, others=False),
}
_SIGNED_IN = {
    Kind.MENTIONS: Offer(most=100, rate=_RATE, profiles=True, others=False),
    Kind.LIKES: Offer(most=100, rate=_RATE, others=False),
    Kind.MUTES: Offer(most=100, rate=_RATE, profiles=True, others=False),
    Kind.BLOCKS: Offer(most=100, rate=_RATE, profiles=True, others=False),
}
_DECLARATION = "app.bsky.actor.contentVisibilityDeclaration"
# cursors of POSTS: the wishes kept at an address, who this is, the feed from its start or from a place on
_WISH, _ASK_WHO, _FEED = "wish", "who", "feed"


class Bluesky:
    """Reads from Bluesky, or from any other network that speaks its protocol.

    Without a login everything public is read: profiles, followings, followers, posts, lists. With an app password in the
    environment variable `BLUESKY_APP_PASSWORD` also the owner's mentions, likes, mutes and blocks.

    People who ask to be shown to signed-in people only are opted out, and without a login neither their bio nor their posts are
    kept. Who has declared not to be recommended is opted out as well, which is asked before somebody's posts are read.

    Args:
        handle: whose network: `ana.bsky.social`, with or without @, or a DID.
        server: where to read without a login.
        sign_in: where to log in: the owner's own server (PDS), or Bluesky's entrance for all of its servers.
        directory: where accounts are registered, which says on whose server an account's wishes are kept; by default that of Bluesky,
            or none for a network of your own, whose server is asked instead.
        labelers: DIDs of moderation services whose labels are asked for, instead of those that the server chooses.
        timeout: seconds to wait for a connection, and for each part of an answer.

    Raises:
        InvalidRequest: a handle or an address that cannot be one.
        MissingExtra: the SDK is not installed.

    Example:
        >>> Bluesky("@ana.bsky.social")
        Bluesky('ana.bsky.social', without login)
    """

    name = platform = "bluesky"

    def __init__(
        self,
        handle: str,
        *,
        server: str = PUBLIC,
        sign_in: str = SIGN_IN,
        directory: str | None = None,
        labelers: tuple[str, ...] = (),
        timeout: float = 30.0,
    ) -> None:
        try:
            import atproto_client  # noqa: F401
        except ImportError:
            raise MissingExtra("bluesky", "reading from Bluesky") from None
        self.handle: str | None = _handle(handle)
        for address in (server, sign_in, directory or PUBLIC):
            if not re.fullmatch(r"https?://[^\s/@]+(/[^\s@]*)?", address):
                raise InvalidRequest(f"a server's address looks like https://example.org, not {address!r}")
        if bad := [did for did in labelers if not is_did(did)]:
            raise InvalidRequest(f"a labeler is given by its DID (did:plc:...), not {bad[0]!r}")
        self.signed_in = secret(BLUESKY_PASSWORD) is not None
        self.server = (sign_in if self.signed_in else server).rstrip("/")
        self.labelers = tuple(labelers)
        self.timeout = timeout
        self.offers: Mapping[Kind, Offer] = MappingProxyType(_OPEN | (_SIGNED_IN if self.signed_in else {}))
        self._server = BlueskyServer(
            self.server, login=self.handle if self.signed_in else None, labelers=self.labelers, timeout=timeout
        )
        usual = self.server in (PUBLIC, SIGN_IN)
        self.directory = directory.rstrip("/") if directory else DIRECTORY if usual else None
        self._homes = Homes(self.directory, timeout=timeout) if self.directory else None
        self._me: str | None = None

    def __repr__(self) -> str:
        return f"Bluesky({self.handle!r}, {'with' if self.signed_in else 'without'} login)"

    def price(self, request: Request) -> Decimal:
        """Reading is free."""
        return Decimal(0)

    def read(self, request: Request) -> Page:
        """Make one request; see `Source`. The first one of a process that logs in is preceded by the login."""
        readers: dict[Kind, Callable[[Request], Page]] = {
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
            raise Refused(f"bluesky: {request.kind.value} needs a login; set {BLUESKY_PASSWORD} to an app password")
        return readers[request.kind](request)

    # -- one reader for each kind ---------------------------------------------------------------------------------------------

    def _read_me(self, request: Request) -> Page:
        try:
            view, _ = self._server.ask("app.bsky.actor.getProfile", {"actor": self.handle})
        except Gone as gone:
            raise Refused(f"bluesky: there is no account {self.handle!r} ({gone.why}); is the handle complete?") from None
        if not is_did(pick(view, "did")):
            raise Unavailable("bluesky: the server sent a profile without a DID", charged=False)
        self._me = view["did"]
        issues = []
        if not self._open(view):
            why = (
                f"@{self.handle} asks to be shown to signed-in people only: bio and posts are read with {BLUESKY_PASSWORD} set"
            )
            issues.append(Issue("bluesky", None, "me", why))
        return Page(**self._people([view]), items=1, issues=tuple(issues))

    def _read_accounts(self, request: Request) -> Page:
        asked = [account_id for account_id in request.account_ids if is_did(account_id)]
        missing = {account_id: "not an id of Bluesky" for account_id in request.account_ids if not is_did(account_id)}
        if not asked:
            return Page(missing=missing)
        answer, left = self._server.ask("app.bsky.actor.getProfiles", {"actors": asked})
        views = [view for view in every(answer, "profiles") if view.get("did") in asked]
        found = {view["did"] for view in views}
        missing |= {account_id: "not found, deactivated or taken down" for account_id in asked if account_id not in found}
        return Page(**self._people(views), missing=missing, items=len(views), remaining=left)

    def _read_follows(self, request: Request) -> Page:
        what = "follows" if request.kind is Kind.FOLLOWINGS else "followers"
        method = "app.bsky.graph.getFollows" if request.kind is Kind.FOLLOWINGS else "app.bsky.graph.getFollowers"
        views, rest = self._list(method, what, request, actor=request.account_id)
        who = request.account_id
        pairs = [(who, view["did"]) if request.kind is Kind.FOLLOWINGS else (view["did"], who) for view in views]
        return Page(**self._people(views), follows=_pairs(pairs), **rest)

    def _read_posts(self, request: Request) -> Page:
        """Steps of one request each: where the account's wishes are kept, what they are, whether it is the owner's own, the feed."""
        who = request.account_id
        if request.cursor is None and self._homes is not None:
            home = self._homes.home_of(who)
            return Page(next_cursor=f"{_WISH}:{home}" if home else _FEED, issues=self._unasked(who) if home is None else ())
        if request.cursor is None or request.cursor.startswith(_WISH):
            hidden = self._hides(who, request.cursor)
            if hidden:
                own = who in (self._me, self.handle)
                account = Account(account_id=who, discoverable=False)
                return Page(accounts=(account,), next_cursor=_FEED if own else None if self._me else _ASK_WHO)
            return Page(next_cursor=_FEED, issues=self._unasked(who) if hidden is None else ())
        if request.cursor == _ASK_WHO:
            view, _ = self._server.ask("app.bsky.actor.getProfile", {"actor": who})
            own = self.handle == str(view.get("handle")).lower()
            return Page(next_cursor=_FEED if own else None)
        place = request.cursor.removeprefix(_FEED).removeprefix(":") or None
        shown = "posts_with_replies"
        items, rest = self._list(
            "app.bsky.feed.getAuthorFeed", "feed", replace(request, cursor=place), key="post", actor=who, filter=shown
        )
        if "missing" in rest:
            return Page(**rest)
        posts, issues = self._posts(items, request)
        following = rest["next_cursor"]
        rest["next_cursor"] = f"{_FEED}:{following}" if following is not None else None
        rest["issues"] += issues
        return Page(posts=posts, **rest)

    def _read_mentions(self, request: Request) -> Page:
        wanted = ["mention", "reply", "quote"]
        views, rest = self._list("app.bsky.notification.listNotifications", "notifications", request, key="uri", reasons=wanted)
        views = [view for view in views if view.get("reason") in wanted and is_did(pick(view, "author", "did"))]
        authors = {view["author"]["did"]: view["author"] for view in views}
        return Page(**self._people(list(authors.values())), posts=tuple(post_of(view) for view in views), **rest)

    def _read_likes(self, request: Request) -> Page:
        feed, rest = self._list("app.bsky.feed.getActorLikes", "feed", request, key="post", actor=request.account_id)
        posts = [post_of(item["post"]) for item in feed if isinstance(item["post"], dict)]
        likes = tuple(
            Like(account_id=request.account_id, post_id=post.post_id, author_id=post.account_id, text=post.text)
            for post in posts
            if post.post_id
        )
        return Page(likes=likes, **rest)

    def _read_mutes(self, request: Request) -> Page:
        what = request.kind.value
        views, rest = self._list(f"app.bsky.graph.get{what.capitalize()}", what, request)
        rest[what] = _pairs((request.account_id, view["did"]) for view in views)
        return Page(**self._people(views), **rest)

    def _read_lists(self, request: Request) -> Page:
        views, rest = self._list("app.bsky.graph.getLists", "lists", request, key="uri", actor=request.account_id)
        # lists of people to read; those for muting and blocking say the opposite
        lists = tuple(view["uri"] for view in views if str(view.get("purpose")).endswith("#curatelist") and whose(view["uri"]))
        return Page(lists=lists, **rest)

    def _read_members(self, request: Request) -> Page:
        items, rest = self._list("app.bsky.graph.getList", "items", request, key="subject", list=request.account_id)
        views = [item["subject"] for item in items if is_did(pick(item, "subject", "did"))]
        return Page(**self._people(views), members=tuple(view["did"] for view in views), **rest)

    # -- what they share ------------------------------------------------------------------------------------------------------

    def _list(
        self, method: str, what: str, request: Request, *, key: str = "did", **asked: Any
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The items of one page, and what of the page is the same for all kinds."""
        asked["limit"] = request.limit
        if request.cursor is not None:
            asked["cursor"] = request.cursor
        try:
            answer, left = self._server.ask(method, asked)
        except Gone as gone:
            if request.kind not in (Kind.FOLLOWINGS, Kind.FOLLOWERS, Kind.POSTS):  # it is a list that is gone, and no account
                raise Refused(f"bluesky: there is no {request.kind.value} here ({gone.why})") from None
            return [], {"missing": {request.account_id: gone.why}}
        sent = pick(answer, what)
        if not isinstance(sent, list):
            raise Unavailable(f"bluesky: the answer of {method} holds no {what}", charged=False)
        items = [item for item in sent if isinstance(item, dict) and (is_did(item.get(key)) if key == "did" else item.get(key))]
        issues = []
        if len(items) < len(sent):
            why = f"{len(sent) - len(items)} of {len(sent)} items cannot be read; left out"
            issues.append(Issue("bluesky", None, request.kind.value, why))
        following = pick(answer, "cursor")
        # a page may be empty and still not be the last
        cursor = following if isinstance(following, str) and following and following != request.cursor else None
        return items, {"next_cursor": cursor, "items": len(sent), "remaining": left, "issues": tuple(issues)}

    def _people(self, views: list[dict[str, Any]]) -> dict[str, Any]:
        accounts = tuple(account_of(view, open_to_us=self._open(view)) for view in views)
        extra = {view["did"]: {"moderation": said} for view in views if (said := moderation_of(view)) is not None}
        return {"accounts": accounts, "extra": extra}

    def _open(self, view: dict[str, Any]) -> bool:
        return self.signed_in or not signed_in_only(view)

    def _posts(self, items: list[dict[str, Any]], request: Request) -> tuple[tuple[Post, ...], tuple[Issue, ...]]:
        posts, hidden, strange = [], 0, 0
        for item in items:
            post = feed_post(item)
            author = pick(item, "post", "author")
            if not isinstance(author, dict) or post.account_id != request.account_id or not is_did(author.get("did")):
                strange += 1
            elif not self._open(author):
                hidden += 1
            else:
                posts.append(post)
        said = [
            (hidden, "posts are for signed-in people only; left out"),
            (strange, "posts are not this account's; left out"),
        ]
        place = f"posts of {request.account_id}"
        return tuple(posts), tuple(Issue("bluesky", None, place, f"{number} {why}") for number, why in said if number)

    def _hides(self, account_id: str, cursor: str | None) -> bool | None:
        """Whether the account has declared that it does not want to be recommended; None where that cannot be learned."""
        asked = {"repo": account_id, "collection": _DECLARATION, "rkey": "self"}
        try:
            if cursor is not None and self._homes is not None:
                answer = self._homes.ask(cursor.partition(":")[2], asked)
            else:
                answer, _ = self._server.ask("com.atproto.repo.getRecord", asked)
        except Refused:  # nothing declared: that is the rule
            return False
        return None if answer is None else pick(answer, "value", "hideFromAlgorithmicRecommendations") is True

    def _unasked(self, account_id: str) -> tuple[Issue, ...]:
        why = "whether the account wants to be recommended cannot be learned now; its posts are read"
        return (Issue("bluesky", None, f"posts of {account_id}", why),)


def _handle(text: str) -> str:
    """A handle in lower case, or a DID, from what people paste: with @, as a link to the profile, with invisible characters."""
    bare = pasted(text)
    bare = re.sub(r"^(?:https?://(?:www\.)?bsky\.app/profile/|at://|@)", "", bare, flags=re.IGNORECASE).strip("/@")
    if is_did(bare):
        return bare
    if re.fullmatch(r"(?=.{3,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", bare.lower()):
        return bare.lower()
    hint = f"; did you mean {bare.lower()}.bsky.social?" if re.fullmatch(r"[A-Za-z0-9-]{1,63}", bare) else ""
    raise InvalidRequest(f"a Bluesky handle looks like ana.bsky.social, not {text!r}{hint}")


def _pairs(pairs: Any) -> tuple[Follow, ...]:
    return tuple(Follow(source_id=source, target_id=target) for source, target in pairs)
