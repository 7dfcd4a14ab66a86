"""The API of X as a source, through tweepy. X charges for what it returns, so every request knows its price."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from tweetfocus.data.records import Account, Follow, Issue
from tweetfocus.errors import InvalidRequest, NotAuthorized, OutOfCredit, RateLimited, Refused, StaleCursor, Unavailable
from tweetfocus.sources.archive_records import id_of, time_of
from tweetfocus.sources.prices import XPrices
from tweetfocus.sources.source import Kind, Like, Offer, Page, Rate, Request
from tweetfocus.sources.x_records import inner, objects, post_of, troubles, user_of
from tweetfocus.sources.x_transport import X_ORIGIN, Answer, XKeys, XTransport

__all__ = ["XApi", "XTariff"]

_WINDOW = 900.0  # seconds
_USER_FIELDS = "created_at,description,entities,location,protected,public_metrics,url"
_USERNAME = re.compile(r"[A-Za-z0-9_]{1,15}")
_POSTS = (Kind.POSTS, Kind.MENTIONS)


class _Endpoint(NamedTuple):
    path: str
    returns: str  # "users", "posts", "lists"
    price: str  # field of XPrices
    least: int
    most: int
    requests: int  # in 15 minutes


_ENDPOINTS: Mapping[Kind, _Endpoint] = {
    Kind.ME: _Endpoint("/2/users/me", "users", "user", 1, 1, 75),
    Kind.ACCOUNTS: _Endpoint("/2/users", "users", "user", 1, 100, 300),
    Kind.FOLLOWINGS: _Endpoint("/2/users/{}/following", "users", "follow", 1, 1000, 300),
    Kind.FOLLOWERS: _Endpoint("/2/users/{}/followers", "users", "follow", 1, 1000, 300),
    Kind.POSTS: _Endpoint("/2/users/{}/tweets", "posts", "post", 5, 100, 900),
    Kind.MENTIONS: _Endpoint("/2/users/{}/mentions", "posts", "post", 5, 100, 300),
    Kind.LIKES: _Endpoint("/2/users/{}/liked_tweets", "posts", "like", 10, 100, 75),
    Kind.MUTES: _Endpoint("/2/users/{}/muting", "users", "mute", 1, 1000, 15),
    Kind.BLOCKS: _Endpoint("/2/users/{}/blocking", "users", "block", 1, 1000, 15),
    Kind.LISTS: _Endpoint("/2/users/{}/owned_lists", "lists", "list", 1, 100, 15),
    Kind.LIST_MEMBERS: _Endpoint("/2/lists/{}/members", "users", "user", 1, 100, 75),
}
# names of one idea before and after August 2026
_OLD = {
    "fields": "tweet.fields",
    "post": "author_id,created_at,entities,in_reply_to_user_id,lang,note_tweet,public_metrics,referenced_tweets",
}
_NEW = {
    "fields": "post.fields",
    "post": "created_at,entities,lang,note_post,public_metrics",
    "expansions": "author_id,in_reply_to_user_id",
}


class XTariff:
    """What X offers, with page sizes and rate limits, and what it charges; known without a key.

    Example:
        >>> XTariff().price(Request(kind=Kind.POSTS, account_ids=("7",), limit=100))
        Decimal('0.500')
    """

    def __init__(self, prices: XPrices | None = None, *, own_app: bool = False) -> None:
        self.prices = prices or XPrices()
        self.own_app = own_app
        self.offers: Mapping[Kind, Offer] = MappingProxyType(
            {
                kind: Offer(
                    most=at.most,
                    least=at.least,
                    rate=Rate(f"x {kind.value}", at.requests, _WINDOW),
                    profiles=at.returns == "users",
                )
                for kind, at in _ENDPOINTS.items()
            }
        )

    def price(self, request: Request, *, expanded: bool = False) -> Decimal:
        """The most that a page costs; `expanded` where authors come along with posts, and whom they answer."""
        number = len(request.account_ids) if request.kind is Kind.ACCOUNTS else request.limit
        along = 2 * self.prices.user if expanded and request.kind in _POSTS else Decimal(0)
        return number * (self.each(request) + along)

    def each(self, request: Request) -> Decimal:
        """What one item costs."""
        cheaper = self.own_app and request.own and request.kind not in (Kind.ME, Kind.ACCOUNTS, Kind.LIST_MEMBERS)
        price: Decimal = self.prices.owned if cheaper else getattr(self.prices, _ENDPOINTS[request.kind].price)
        return price


class XApi:
    """X, asked with a key of your own.

    Keys come from the environment: `TWEETFOCUS_X_BEARER` (a bearer token), or a user's four keys `TWEETFOCUS_X_API_KEY`,
    `TWEETFOCUS_X_API_KEY_SECRET`, `TWEETFOCUS_X_ACCESS_TOKEN` and `TWEETFOCUS_X_ACCESS_TOKEN_SECRET`. The prefixes `X_` and
    `TWITTER_` are understood as well. Only a signed-in user can read mutes and blocks.

    Args:
        handle: whom to read, as @username; not needed where a user's keys say it.
        keys: instead of those in the environment.
        prices: what X charges.
        own_app: the app that the key belongs to is the owner's, so that X charges less for the owner's own lists.
        origin: where the API is.

    Raises:
        NotAuthorized: no key.
        MissingExtra: tweepy is not installed.
        InvalidRequest: not a username, or an origin that would see the keys in clear text.

    Example:
        >>> source = XApi("@ana", keys=XKeys(bearer="AAAA"))
        >>> source.price(Request(kind=Kind.FOLLOWINGS, account_ids=("7",), limit=100))
        Decimal('1.000')
    """

    name = "x"
    platform = "x"

    def __init__(
        self,
        handle: str | None = None,
        *,
        keys: XKeys | None = None,
        prices: XPrices | None = None,
        own_app: bool = False,
        origin: str = X_ORIGIN,
    ) -> None:
        username = handle.strip().removeprefix("@") if handle is not None else None
        if username is not None and not _USERNAME.fullmatch(username):
            raise InvalidRequest(f"not a username of X: {handle!r}; write it as @name")
        self.handle: str | None = username
        self.tariff = XTariff(prices, own_app=own_app)
        self.offers = self.tariff.offers
        self._names = _OLD
        self._renamed = False
        self._transport = XTransport(keys or XKeys.from_environment(), origin)

    def __repr__(self) -> str:
        return f"XApi({self.handle!r}, {self._transport.keys!r})"

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def price(self, request: Request) -> Decimal:
        """What X charges for a full page; what may come along with posts is counted in."""
        return self.tariff.price(request, expanded=self._names is _NEW)

    # -- reading --------------------------------------------------------------------------------------------------------------

    def read(self, request: Request) -> Page:
        """One request to X and its page; see `Source.read` for the errors."""
        path, parameters = self._question(request)
        if path is None:
            return Page(missing=dict.fromkeys(request.account_ids, "not an id of X"))
        answer = self._transport.get(path, parameters)
        if not 200 <= answer.status < 300:
            return self._failure(answer, request)
        if not isinstance(answer.json, dict):
            raise Unavailable("x: an answer that is not JSON")
        return self._page(answer, request)

    def _question(self, request: Request) -> tuple[str | None, dict[str, Any]]:
        """Path and parameters; no path where nobody can be meant."""
        kind, at = request.kind, _ENDPOINTS[request.kind]
        parameters: dict[str, Any] = {}
        ids = [i for i in request.account_ids if id_of(i)]
        path = at.path
        if kind is Kind.ME:
            path = f"/2/users/by/username/{self.handle}" if self.handle else path
        elif not ids:
            return None, parameters
        elif kind is Kind.ACCOUNTS:
            parameters["ids"] = ",".join(ids)
        else:
            path = path.format(ids[0])
            parameters["max_results"] = max(at.least, min(at.most, request.limit))
        if request.cursor is not None:
            parameters["pagination_token"] = request.cursor
        if at.returns == "users":
            parameters["user.fields"] = _USER_FIELDS
        elif at.returns == "posts":
            parameters[self._names["fields"]] = self._names["post"]
            if "expansions" in self._names and kind in _POSTS:
                parameters["expansions"] = self._names["expansions"]
        return path, parameters

    def _page(self, answer: Answer, request: Request) -> Page:
        """The records of an answer, what it says that it could not give, and what X charges for it."""
        kind, said = request.kind, answer.json
        data, place = objects(said.get("data")), f"x {request.kind.value}"
        trouble = troubles(said.get("errors"), place, request.account_ids)
        issues = trouble.issues
        cursor = inner(said, "meta").get("next_token")
        owner = request.account_ids[0] if len(request.account_ids) == 1 else ""
        found: dict[str, Any] = {}
        if _ENDPOINTS[kind].returns == "users":
            users = [user for thing in data if (user := user_of(thing)) is not None]
            found["accounts"] = (*users, *(Account(account_id=i, protected=True) for i in trouble.protected))
            found |= _lists_of_people(kind, owner, [user.account_id for user in users])
            usable = len(users)
        elif kind is Kind.LISTS:
            found["lists"] = tuple(number for thing in data if (number := id_of(thing.get("id"))))
            usable = len(found["lists"])
        elif kind is Kind.LIKES:
            found["likes"] = tuple(like for thing in data if (like := _like_of(thing, owner)) is not None)
            usable = len(found["likes"])
        else:
            included = inner(said, "includes")
            authors = {
                str(p.get("id")): str(who)
                for p in objects(included.get("posts") or included.get("tweets"))
                if (who := id_of(p.get("author_id")))
            }
            author = owner if kind is Kind.POSTS else None
            found["posts"] = tuple(post for thing in data if (post := post_of(thing, author, authors)) is not None)
            found["accounts"] = tuple(user for thing in objects(included.get("users")) if (user := user_of(thing)) is not None)
            usable = len(found["posts"])
        if usable < len(data):
            issues.append(Issue(place, None, None, f"{len(data) - usable} entries without an id or text; left out"))
        if kind is Kind.ME and not data:
            raise Refused(f"x: no account @{self.handle}" if self.handle else "x: the key does not say whose it is")
        if kind not in (Kind.ME, Kind.ACCOUNTS) and trouble.protected:
            found["accounts"] = (
                *found.get("accounts", ()),
                *(Account(account_id=i, protected=True) for i in trouble.protected),
            )
            trouble.missing |= dict.fromkeys(trouble.protected, "protected")
        cost, resources = self._bill(request, said, len(data))
        return Page(
            **found,
            missing=trouble.missing,
            next_cursor=cursor if isinstance(cursor, str) and cursor else None,
            items=len(data),
            cost=cost,
            resources=resources,
            remaining=answer.number("x-rate-limit-remaining"),
            issues=tuple(issues),
        )

    def _bill(self, request: Request, said: Mapping[str, Any], items: int) -> tuple[Decimal, dict[str, int]]:
        """What X charges: each thing returned, and what came along with it."""
        included = inner(said, "includes")
        users, posts = len(objects(included.get("users"))), len(objects(included.get("posts") or included.get("tweets")))
        name = _ENDPOINTS[request.kind].price
        resources = {name: items} if items else {}
        for along, number in (("user", users), ("post", posts)):
            if number:
                resources[along] = resources.get(along, 0) + number
        prices = self.tariff.prices
        return items * self.tariff.each(request) + users * prices.user + posts * prices.post, resources

    # -- what goes wrong ------------------------------------------------------------------------------------------------------

    def _failure(self, answer: Answer, request: Request) -> Page:
        """Raise what an answer means; only "not found" is a page, as it is a fact about the account."""
        status, said = answer.status, self._said(answer)
        kind = _problem(answer.json)
        if status >= 500:
            raise Unavailable(f"x: {status} {said}".rstrip(), charged=False)
        if status == 402 or kind in ("credits", "credits-depleted", "usage-capped") or "spend" in said.lower():
            raise OutOfCredit(f"x: no credits left ({said or status})")
        if status == 429:
            until = answer.number("x-rate-limit-reset")
            raise RateLimited("x: too many requests", until=None if until is None else float(until))
        if status == 401:
            raise NotAuthorized(f"x: the key is not accepted ({said or 'Unauthorized'}); check TWEETFOCUS_X_BEARER")
        if status == 400:
            self._other_names(request, said)
        if status == 404 and request.kind is not Kind.ME:
            return Page(
                missing=dict.fromkeys(request.account_ids, "not found"), remaining=answer.number("x-rate-limit-remaining")
            )
        if request.kind is Kind.ME and status == 403:
            if kind == "client-forbidden":
                raise NotAuthorized(f"x: the app of this key has no access ({said})")
            if self.handle is None:
                raise NotAuthorized("x: this key does not say who you are; name your account: tweetfocus collect x @name")
        raise Refused(f"x: {status} {said}".rstrip())

    def _other_names(self, request: Request, said: str) -> None:
        """After a 400: a cursor that is no longer known, or the other spelling of a field, which is tried once."""
        if request.cursor is not None:
            raise StaleCursor(f"x: the place in the list is no longer known ({said})")
        if _ENDPOINTS[request.kind].returns == "posts" and not self._renamed:
            self._renamed, self._names = True, _NEW
            raise Unavailable("x: asks for the newer names of fields", charged=False)

    def _said(self, answer: Answer) -> str:
        """What the answer says in words, without numbers of accounts, keys, and anything long."""
        problem = objects(answer.json)[:1] or [{}]
        errors = objects(problem[0].get("errors"))[:1]
        words = [str(t.get(name)) for name in ("detail", "message", "title") for t in (*problem, *errors) if t.get(name)]
        text = re.sub(r"\d{5,}", "…", self._transport.keys.struck_from(words[0])) if words else ""
        return " ".join(text.split())[:200]


def _problem(said: Any) -> str:
    """The last part of the type of a problem, at the top or in the first of several errors."""
    top = objects(said)[:1] or [{}]
    types = [str(thing.get("type") or "") for thing in (*top, *objects(top[0].get("errors"))[:1])]
    return next((kind.rsplit("/", 1)[-1] for kind in types if kind and kind != "about:blank"), "")


def _lists_of_people(kind: Kind, owner: str, ids: list[str]) -> dict[str, Any]:
    """The pairs or members that a list of users stands for."""
    if kind is Kind.FOLLOWERS:
        return {"follows": tuple(Follow(source_id=i, target_id=owner) for i in ids)}
    name = {Kind.FOLLOWINGS: "follows", Kind.MUTES: "mutes", Kind.BLOCKS: "blocks"}.get(kind)
    if name:
        return {name: tuple(Follow(source_id=owner, target_id=i) for i in ids)}
    return {"members": tuple(ids)} if kind is Kind.LIST_MEMBERS else {}


def _like_of(thing: Mapping[str, Any], owner: str) -> Like | None:
    post_id, text = id_of(thing.get("id")), thing.get("text")
    if post_id is None:
        return None
    return Like(
        account_id=owner,
        post_id=post_id,
        author_id=id_of(thing.get("author_id")),
        text=text if isinstance(text, str) else None,
        created_at=time_of(thing.get("created_at")),
    )
