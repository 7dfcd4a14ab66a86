"""An invented Bluesky: the public appview, and the server (PDS) that one logs in to, in one place."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from .loopback import Answer, Asked, Loopback

START = datetime(2026, 1, 1, tzinfo=UTC)
PASSWORD = "abcd-efgh-ijkl-mnop"
PEOPLE = {
    "mara": "Data engineer at a grid operator.",
    "ben": "dbt, Airflow and load profiles.",
    "camille": "Analytics engineer for heat pumps.",
    "dev": "Substations, SCADA, historians.",
    "eva": "Forecasting pipelines for distribution networks.",
    "femi": "Load forecasts, day ahead.",
    "gil": "Sourdough and nothing else.",
    "hana": "Energy data, Kraków.",
}


def did(name: str) -> str:
    return f"did:plc:{name}".ljust(32, "2")


def _token(kind: str) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256'})}.{part({'sub': did('mara'), 'exp': 4070908800, 'scope': kind})}.c2VjcmV0LXNpZ25hdHVyZQ"


ACCESS, REFRESH = _token("access"), _token("refresh")


class MadeBluesky:
    """`mara` follows ben, camille and dev; these follow eva, femi, gil and hana between them. `ira` was taken down."""

    def __init__(self) -> None:
        names = list(PEOPLE)
        self.profiles: dict[str, dict[str, Any]] = {
            did(name): {
                "did": did(name), "handle": f"{name}.example.social", "displayName": name.title(), "description": bio, "labels": [],
                "createdAt": "2023-05-01T10:00:00.000Z", "indexedAt": "2023-05-01T10:00:00.000Z",
                "followersCount": 10 + number, "followsCount": 3, "postsCount": 5, "website": f"https://{name}.example",
            }
            for number, (name, bio) in enumerate(PEOPLE.items())
        }  # fmt: skip
        follows = {
            "mara": names[1:4],
            "ben": ["mara", "eva", "femi"],
            "camille": ["eva", "femi", "gil"],
            "dev": ["eva", "hana"],
        }
        self.follows = {did(name): [did(other) for other in follows.get(name, [])] for name in names}
        self.posts = {who: [self.post(who, n, f"Rows {n} of the load profile.") for n in range(5)] for who in self.profiles}
        self.declared: dict[str, Any] = {}
        self.lists = {f"at://{did('mara')}/app.bsky.graph.list/3k": [did("eva"), did("femi")]}
        self.pages_between = 0  # empty pages that come before each page with something in it
        mara = self.posts[did("mara")]
        mara.append(self.post(did("mara"), 7, "@ben.example.social see paper.example/load...",
            reply={"parent": {"uri": f"at://{did('ben')}/app.bsky.feed.post/3k0"}, "root": {"uri": "at://x"}},
            facets=[
                {"features": [{"$type": "app.bsky.richtext.facet#mention", "did": did("ben")}]},
                {"features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://paper.example/load/2026"}]},
                {"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "dbt"}]},
            ],
        ))  # fmt: skip
        quote = {"$type": "app.bsky.embed.record", "record": {"uri": f"at://{did('camille')}/app.bsky.feed.post/3k1"}}
        mara.append(self.post(did("mara"), 8, "This.", embed=quote))
        external = {"$type": "app.bsky.embed.external", "external": {"uri": "https://news.example/", "title": "News"}}
        mara.append(self.post(did("mara"), 9, "Read this", embed=external))
        self.reposts = {did("mara"): [self.posts[did("dev")][2]]}

    def post(self, who: str, number: int, text: str, **record: Any) -> dict[str, Any]:
        made = (START + timedelta(hours=number)).isoformat()
        return {
            "uri": f"at://{who}/app.bsky.feed.post/3k{number}", "cid": "bafy", "indexedAt": made, "labels": [],
            "author": self.basic(who), "likeCount": 3, "repostCount": 2, "replyCount": 1, "quoteCount": 0,
            "record": {"$type": "app.bsky.feed.post", "text": text, "createdAt": made, "langs": ["en"], **record},
        }  # fmt: skip

    def basic(self, who: str) -> dict[str, Any]:
        return {name: self.profiles[who][name] for name in ("did", "handle", "displayName", "labels", "createdAt")}

    def view(self, who: str) -> dict[str, Any]:
        return self.basic(who) | {"description": self.profiles[who]["description"]}

    def find(self, actor: str) -> str | None:
        handles = {str(profile["handle"]): who for who, profile in self.profiles.items()}
        return actor if actor in self.profiles else handles.get(actor)

    def answer(self, asked: Asked) -> Answer:  # noqa: PLR0912 (one branch a path)
        method = asked.path.removeprefix("/xrpc/")
        signed_in = asked.headers.get("Authorization") == f"Bearer {ACCESS}"
        if method == "com.atproto.server.createSession":
            sent = json.loads(asked.body)
            if sent["identifier"] != "mara.example.social" or sent["password"] != PASSWORD:
                return _error("AuthenticationRequired", "Invalid identifier or password", 401)
            session = {
                "accessJwt": ACCESS,
                "refreshJwt": REFRESH,
                "did": did("mara"),
                "handle": "mara.example.social",
                "active": True,
            }
            return Answer(session)
        actor = self.find(asked.one("actor"))
        match method.rpartition(".")[2]:
            case "getProfile":
                return Answer(self.profiles[actor]) if actor else _error("InvalidRequest", "Profile not found")
            case "getProfiles":
                return Answer({"profiles": [self.profiles[who] for who in asked.query["actors"] if who in self.profiles]})
            case "getRecord":
                value = self.declared.get(asked.one("repo"))
                return (
                    Answer({"uri": "at://x", "value": value}) if value else _error("RecordNotFound", "Could not locate record")
                )
            case "getFollows" | "getFollowers" as kind if actor:
                back = [who for who, others in self.follows.items() if actor in others]
                people = self.follows[actor] if kind == "getFollows" else back
                return self.page(asked, kind[3:].lower(), [self.view(who) for who in people], subject=self.view(actor))
            case "getAuthorFeed" if actor:
                feed: list[Any] = [{"post": post} for post in self.posts[actor]]
                for post in self.reposts.get(actor, []):
                    reason = {
                        "$type": "app.bsky.feed.defs#reasonRepost",
                        "by": self.basic(actor),
                        "indexedAt": START.isoformat(),
                    }
                    feed.append({"post": post, "reason": reason | {"uri": f"at://{actor}/app.bsky.feed.repost/3r"}})
                return self.page(asked, "feed", feed)
            case "getLists" if actor:
                curated = [{"uri": uri, "purpose": "app.bsky.graph.defs#curatelist"} for uri in self.lists]
                against = [{"uri": f"at://{actor}/app.bsky.graph.list/3m", "purpose": "app.bsky.graph.defs#modlist"}]
                return self.page(asked, "lists", [*curated, *against] if actor == did("mara") else [])
            case "getList":
                return self.page(asked, "items", [{"subject": self.view(who)} for who in self.lists[asked.one("list")]])
            case "listNotifications" if signed_in:
                post = self.post(did("ben"), 30, "@mara.example.social which grid?")
                sent = [{"uri": post["uri"], "reason": "mention", "author": self.view(did("ben")), "record": post["record"]}]
                return self.page(asked, "notifications", sent)
            case "getActorLikes" if signed_in and actor == did("mara"):
                return self.page(asked, "feed", [{"post": post} for post in self.posts[did("ben")][:2]])
            case "getMutes" if signed_in:
                return self.page(asked, "mutes", [self.view(did("gil"))])
            case "getBlocks" if signed_in:
                return self.page(asked, "blocks", [self.view(did("hana"))])
            case "getMutes" | "getBlocks" | "listNotifications" | "getActorLikes":
                return _error("AuthMissing", "Authentication Required", 401)
        return _error("InvalidRequest", f"Actor not found: {asked.one('actor')}")

    def page(self, asked: Asked, name: str, items: list[Any], **more: Any) -> Answer:
        place, _, waited = asked.one("cursor", "0").partition("/")
        start, limit, empty = int(place), int(asked.one("limit", "50")), int(waited or 0)
        headers = {"ratelimit-limit": "3000", "ratelimit-remaining": "2977"}
        if empty < self.pages_between:
            return Answer({name: [], "cursor": f"{start}/{empty + 1}", **more}, headers=headers)
        cursor = {"cursor": str(start + limit)} if start + limit < len(items) else {}
        return Answer({name: items[start : start + limit], **cursor, **more}, headers=headers)


def _error(name: str, message: str, status: int = 400) -> Answer:
    return Answer({"error": name, "message": message}, status)


def limit_headers(fault: str) -> dict[str, str]:
    """What comes with a 429, by the name of the fault."""
    return {
        "429": {"ratelimit-reset": "4070908800", "ratelimit-remaining": "0"},
        "429 after": {"retry-after": "120"},
        "429 past": {"ratelimit-reset": "1577836800"},
        "429 odd": {"ratelimit-reset": "after lunch"},
        "429 bare": {},
    }[fault]


def serve(world: MadeBluesky) -> Loopback:
    return Loopback(world.answer, limit_headers=limit_headers)
