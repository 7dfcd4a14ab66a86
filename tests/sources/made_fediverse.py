"""An invented server of the fediverse that speaks Mastodon's API as it is documented, with accounts of its own and of others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from .loopback import Answer, Asked, Loopback

START = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN = "k7-token-of-mara"
BIOS = {
    "mara": "Data engineer at a <strong>grid</strong> operator.",
    "ben": "dbt, Airflow and load profiles. &lt;3 SQL",
    "camille": "Analytics engineer for heat pumps.",
    "dev": "Substations, SCADA, historians.",
    "eva": "Forecasting pipelines for distribution networks.",
    "femi": "Load forecasts, day ahead.",
    "gil": "Sourdough and nothing else.",
    "hana": "Energy data, Kraków.",
}


class MadeFediverse:
    """`mara` (101) follows ben, camille and dev@far.example; ben and camille follow eva, femi, gil and hana between them."""

    def __init__(self) -> None:
        self.accounts: dict[str, dict[str, Any]] = {}
        self.follows: dict[str, list[str]] = {}
        self.statuses: dict[str, list[dict[str, Any]]] = {}
        self.mutes, self.blocks = ["107"], ["106"]
        self.lists = {"9": ["104", "105"]}
        self.hidden: set[str] = set()
        self.domain = ""

    def settle(self, domain: str) -> MadeFediverse:
        self.domain = domain
        for number, (name, bio) in enumerate(BIOS.items(), 101):
            far = name == "dev"
            acct = f"{name}@far.example" if far else name
            self.accounts[str(number)] = {
                "id": str(number), "username": name, "acct": acct, "display_name": name.title(), "note": f"<p>{bio}</p>",
                "url": f"https://{'far.example' if far else domain}/@{name}", "locked": False, "bot": False, "discoverable": True,
                "indexable": True, "group": False, "created_at": "2022-11-05T00:00:00.000Z", "last_status_at": "2026-01-09",
                "followers_count": number, "following_count": 0, "statuses_count": 12, "fields": [], "emojis": [],
            }  # fmt: skip
        self.accounts["107"]["discoverable"] = None
        self.accounts["106"]["indexable"] = False
        self.follows = {
            "101": ["102", "103", "104"], "102": ["101", "105", "106", "107"], "103": ["105", "106", "108"],
            "104": ["101"], "105": ["101"], "106": [], "107": [], "108": [],
        }  # fmt: skip
        for who, others in self.follows.items():
            self.accounts[who]["following_count"] = len(others)
        for who in self.accounts:
            self.statuses[who] = [self.status(who, n, f"Rows {n} of the load profile, and a heat pump.") for n in range(5)]
        link = (
            f'<p><a href="https://{domain}/@ben" class="u-url mention">@<span>ben</span></a> see '
            '<a href="https://paper.example/load"><span class="invisible">https://</span>paper.example/load</a>'
            f' <a href="https://{domain}/tags/dbt" class="mention hashtag" rel="tag">#<span>dbt</span></a></p>'
        )
        reply = self.status("101", 7, link)
        ben = {"id": "102", "username": "ben", "acct": "ben", "url": f"https://{domain}/@ben"}
        reply |= {"in_reply_to_id": "10201", "in_reply_to_account_id": "102", "mentions": [ben]}
        repost = self.status("101", 8, "") | {"reblog": self.statuses["103"][0]}
        quote = self.status("101", 9, "<p>This.</p>") | {
            "quote": {"state": "accepted", "quoted_status": self.statuses["102"][1]}
        }
        self.statuses["101"] += [reply, repost, quote]
        return self

    def status(self, who: str, number: int, html: str) -> dict[str, Any]:
        return {
            "id": f"{who}{number:02}", "created_at": (START + timedelta(hours=number)).isoformat(), "in_reply_to_id": None,
            "in_reply_to_account_id": None, "sensitive": False, "spoiler_text": "", "visibility": "public", "language": "en",
            "uri": f"https://{self.domain}/s/{who}{number:02}", "replies_count": 1, "reblogs_count": 2, "favourites_count": 3,
            "content": html, "reblog": None, "account": self.accounts[who], "mentions": [], "tags": [], "card": None,
        }  # fmt: skip

    def answer(self, asked: Asked) -> Answer:  # noqa: PLR0912 (one branch a path)
        signed_in = asked.headers.get("Authorization") == f"Bearer {TOKEN}"
        if asked.headers.get("Authorization") and not signed_in:
            return Answer({"error": "The access token is invalid"}, 401)
        match asked.path.removeprefix("/api/v1/").split("/"):
            case ["accounts", "lookup"]:
                name = asked.one("acct").removesuffix(f"@{self.domain}")
                found = [raw for raw in self.accounts.values() if raw["acct"] == name]
                return Answer(found[0]) if found else Answer({"error": "Record not found"}, 404)
            case ["accounts", "verify_credentials"] if signed_in:
                return Answer(self.accounts["101"] | {"source": {"note": "private"}})
            case ["accounts", who, *_] if who not in self.accounts:
                return Answer({"error": "Record not found"}, 404)
            case ["accounts", who]:
                return Answer(self.accounts[who])
            case ["accounts", who, "following"]:
                return self.page(asked, [] if who in self.hidden else [self.accounts[i] for i in self.follows[who]])
            case ["accounts", who, "followers"]:
                return self.page(asked, [self.accounts[i] for i, others in self.follows.items() if who in others])
            case ["accounts", who, "statuses"]:
                return self.page(asked, sorted(self.statuses[who], key=lambda status: status["created_at"], reverse=True))
            case ["notifications"] if signed_in and asked.query.get("types[]") == ["mention"]:
                mention = self.status("102", 30, "<p>which grid?</p>") | {"in_reply_to_account_id": "101"}
                private = self.status("105", 31, "<p>for you alone</p>") | {"visibility": "direct"}
                sent = [{"id": str(n), "type": "mention", "status": status} for n, status in enumerate([mention, private])]
                return self.page(asked, sent)
            case ["favourites"] if signed_in:
                return self.page(asked, [self.statuses["102"][0], self.statuses["106"][0]])
            case ["mutes"] if signed_in:
                return self.page(asked, [self.accounts[i] for i in self.mutes])
            case ["blocks"] if signed_in:
                return self.page(asked, [self.accounts[i] for i in self.blocks])
            case ["lists"] if signed_in:
                return Answer([{"id": i, "title": "Grid"} for i in self.lists])
            case ["lists", number, "accounts"] if signed_in:
                return self.page(asked, [self.accounts[i] for i in self.lists[number]])
        return Answer({"error": "This API requires an authenticated user"}, 401)

    def page(self, asked: Asked, items: list[Any]) -> Answer:
        """Pages are linked by ids that are not those of the items, as on the real thing."""
        start, limit = int(asked.one("max_id", "7000")) - 7000, int(asked.one("limit", "40"))
        headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "288", "X-RateLimit-Reset": "2099-01-01T00:00:00.000Z"}
        if start + limit < len(items):
            place = f"http://{self.domain}{asked.path}?limit={limit}&max_id={7000 + start + limit}"
            headers["Link"] = f'<{place}>; rel="next", <http://{self.domain}{asked.path}?min_id=1>; rel="prev"'
        return Answer(items[start : start + limit], headers=headers)


def limit_headers(fault: str) -> dict[str, str]:
    """What comes with a 429, by the name of the fault."""
    return {
        "429": {"X-RateLimit-Reset": "2099-01-01T00:00:00.000Z", "X-RateLimit-Remaining": "0"},
        "429 seconds": {"X-RateLimit-Reset": "4070908800"},
        "429 after": {"Retry-After": "120"},
        "429 past": {"X-RateLimit-Reset": "2020-01-01T00:00:00.000Z"},
        "429 odd": {"X-RateLimit-Reset": "after lunch"},
        "429 bare": {},
    }[fault]


def serve(world: MadeFediverse) -> Loopback:
    return Loopback(world.answer, limit_headers=limit_headers)
