"""The API of X on loopback: the documented shapes, pages, limits and faults, for the people of a `MadeWorld`.

`fault` is asked for every request and names what goes wrong. `charged` counts what X would charge: every resource of an answer that
left, whether it arrived or not.
"""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from oauthlib.common import Request as SignedRequest
from oauthlib.oauth1.rfc5849 import signature

from tweetfocus.data.records import Account, Post

from .made_source import ME, MadeWorld

TOKEN = "AAAAbearer0token1that2nobody3may4see"
USER_KEYS = {
    "consumer_key": "consumer-key-0123",
    "consumer_secret": "consumer-secret-4567",
    "access_token": "100-access-token-89ab",
    "access_token_secret": "access-token-secret-cdef",
}
SECRETS = (TOKEN, *USER_KEYS.values())
PRICES = {
    "me": "0.010", "by": "0.010", "users": "0.010", "following": "0.010", "followers": "0.010", "tweets": "0.005",
    "mentions": "0.005", "liked_tweets": "0.001", "muting": "0.001", "blocking": "0.001", "owned_lists": "0.005",
    "members": "0.010",
}  # fmt: skip
_PROBLEMS = "https://api.twitter.com/2/problems/"
Fault = Callable[[int, str], str | None]


class XStub:
    """The server; `with XStub(...) as stub:` and ask `stub.origin`."""

    def __init__(self, world: MadeWorld | None = None, *, fault: Fault = lambda number, path: None, names: str = "old") -> None:
        self.world = world or MadeWorld()
        self.fault, self.names = fault, names
        self.number = 0
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.counted: Counter[str] = Counter()
        self.clock: Callable[[], float] = time.time
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                stub.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                pass  # clients are killed on purpose

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> XStub:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def charged(self) -> Decimal:
        return sum((Decimal(PRICES[name]) * number for name, number in self.counted.items()), Decimal(0))

    # -- answering ------------------------------------------------------------------------------------------------------------

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.number += 1
        self.asked.append(handler.path)
        self.headers.append(dict(handler.headers))
        fault = self.fault(self.number, url.path)
        if fault and self._broken_before(handler, fault):
            return
        status, body, name = self._respond(handler, url.path, query)
        if status == 200:
            items = body.get("data", [])
            self.counted[name] += len(items) if isinstance(items, list) else 1
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "x-rate-limit-limit": "300", "x-rate-limit-remaining": "299"}
        if fault == "not json":
            data = b"<html>down for a moment</html>"
        elif fault == "a list":
            data = b"[1, 2]"
        elif fault == "cut json":
            data = data[: len(data) // 2]
        elif fault == "drop":
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(data) + 10))
            handler.end_headers()
            handler.wfile.write(data[: len(data) // 2])
            handler.close_connection = True
            return
        self._send(handler, status, data, headers)

    def _broken_before(self, handler: BaseHTTPRequestHandler, fault: str) -> bool:
        """Faults that keep the answer from coming about; True if it was one."""
        now = int(self.clock())
        problem = {"type": "about:blank", "detail": "Too Many Requests", "title": "Too Many Requests", "status": 429}
        limits = {"429": {"x-rate-limit-reset": str(now + 60)}, "429 past": {"x-rate-limit-reset": str(now - 60)}}
        limits |= {"429 odd": {"x-rate-limit-reset": "soon"}, "429 bare": {}}
        if fault in limits:
            self._send(handler, 429, json.dumps(problem).encode(), limits[fault])
        elif fault == "429 v1":
            self._send(handler, 429, b'{"errors": [{"code": 88, "message": "Rate limit exceeded"}]}', {})
        elif fault == "429 cap":
            cap = {"title": "UsageCapExceeded", "type": _PROBLEMS + "usage-capped", "period": "Monthly", "detail": "Usage cap"}
            self._send(handler, 429, json.dumps(cap).encode(), {})
        elif fault == "402":
            empty = {
                "type": _PROBLEMS + "credits", "title": "CreditsDepleted",
                "detail": "Your enrolled account [1234567890123] does not have any credits to fulfill this request.",
            }  # fmt: skip
            self._send(handler, 402, json.dumps(empty).encode(), {})
        elif fault in ("401", "echo"):
            said = f"Unauthorized {handler.headers.get('Authorization')}" if fault == "echo" else "Unauthorized"
            self._send(handler, 401, json.dumps({"title": "Unauthorized", "status": 401, "detail": said}).encode(), {})
        elif fault == "403":
            self._send(handler, 403, json.dumps({"title": "Forbidden", "status": 403, "detail": "Forbidden"}).encode(), {})
        elif fault == "404":
            self._send(handler, 404, json.dumps({"title": "Not Found Error", "status": 404}).encode(), {})
        elif fault == "400":
            bad = {"errors": [{"parameters": {}, "message": "bad"}], "title": "Invalid Request", "type": _PROBLEMS + "x"}
            self._send(handler, 400, json.dumps(bad).encode(), {})
        elif fault in ("500", "502", "503"):
            html = b"<html><body>over capacity</body></html>"
            self._send(handler, int(fault), html, {"Content-Type": "text/html"})
        elif fault == "close":
            handler.close_connection = True
            with contextlib.suppress(OSError):
                handler.connection.close()
        elif fault == "redirect":
            self._send(handler, 302, b"", {"Location": f"{self.origin}/elsewhere"})
        else:
            return False
        return True

    def _send(self, handler: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict[str, str]) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            handler.wfile.write(data)

    def _respond(self, handler: BaseHTTPRequestHandler, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any], str]:
        signed_in = self._signed_in(handler)
        if signed_in is None:
            return 401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}, ""
        parts = path.strip("/").split("/")[1:]
        private = parts == ["users", "me"] or parts[-1] in ("muting", "blocking")
        if private and (not signed_in or (parts[-1] != "me" and parts[1] != ME)):
            kind = _PROBLEMS + "unsupported-authentication"
            said = {"title": "Unsupported Authentication", "type": kind, "status": 403, "detail": "Not with this key."}
            return 403, said, ""
        if wrong := self._wrong_names(query):
            return 400, {"errors": [{"message": wrong}], "title": "Invalid Request", "detail": wrong}, ""
        if parts == ["users", "me"]:
            return 200, {"data": self._user(self.world.accounts[ME])}, "me"
        if parts[:3] == ["users", "by", "username"]:
            known = [a for a in self.world.accounts.values() if a.username == parts[3]]
            return 200, {"data": self._user(known[0])} if known else {"errors": [self._error(parts[3], "username")]}, "by"
        if parts == ["users"]:
            return 200, self._users(query["ids"].split(",")), "users"
        return self._list(parts, query)

    def _signed_in(self, handler: BaseHTTPRequestHandler) -> bool | None:
        """Whether a user asks; None where the keys are wrong."""
        said = handler.headers.get("Authorization", "")
        if said.startswith("Bearer "):
            return False if said == f"Bearer {TOKEN}" else None
        request = SignedRequest(f"{self.origin}{handler.path}", "GET", headers={"Authorization": said})
        request.params = signature.collect_parameters(
            uri_query=urlsplit(handler.path).query, headers={"Authorization": said}, with_realm=False
        )
        given = dict(signature.collect_parameters(headers={"Authorization": said}, exclude_oauth_signature=False))
        request.signature = given.get("oauth_signature", "")
        mine = given.get("oauth_consumer_key") == USER_KEYS["consumer_key"]
        secrets = USER_KEYS["consumer_secret"], USER_KEYS["access_token_secret"]
        return True if mine and signature.verify_hmac_sha1(request, *secrets) else None

    def _wrong_names(self, query: dict[str, str]) -> str | None:
        right = {"old": "tweet.fields", "new": "post.fields"}[self.names]
        known = {right, "user.fields", "expansions", "ids", "max_results", "pagination_token"}
        unknown = sorted(set(query) - known)
        return f"The query parameter [{unknown[0]}] is not one of [{','.join(sorted(known))}]" if unknown else None

    def _error(self, value: str, parameter: str = "id") -> dict[str, Any]:
        shared = {"value": value, "resource_id": value, "resource_type": "user", "parameter": parameter}
        if value == self.world.protected:
            kind = _PROBLEMS + "not-authorized-for-resource"
            detail = f"Sorry, you are not authorized to see the user with id: [{value}]."
            return {**shared, "title": "Authorization Error", "detail": detail, "type": kind}
        kind = _PROBLEMS + "resource-not-found"
        if value in self.world.gone:
            return {**shared, "title": "Forbidden", "detail": f"User has been suspended: [{value}].", "type": kind}
        return {
            **shared,
            "title": "Not Found Error",
            "detail": f"Could not find user with {parameter}: [{value}].",
            "type": kind,
        }

    def _users(self, ids: list[str]) -> dict[str, Any]:
        there = [i for i in ids if i in self.world.accounts and i not in self.world.gone]
        lost = [self._error(i, "ids") for i in ids if i not in there]
        return {
            **({"data": [self._user(self.world.accounts[i]) for i in there]} if there else {}),
            **({"errors": lost} if lost else {}),
        }

    def _list(self, parts: list[str], query: dict[str, str]) -> tuple[int, dict[str, Any], str]:
        who, name = parts[1], parts[2]
        if parts[0] == "users" and (who in self.world.gone or who not in self.world.accounts):
            return 200, {"errors": [self._error(who)]}, name
        if who == self.world.protected:
            return 200, {"errors": [self._error(who)]}, name
        rows = self._rows(name, who)
        start = 0
        if token := query.get("pagination_token"):
            place = base64.urlsafe_b64decode(token).decode().split("|")
            if len(token) < 16 or place[0] != "/".join(parts):
                return 400, {"errors": [{"message": "Invalid pagination_token"}], "title": "Invalid Request"}, ""
            start = int(place[1])
        part = rows[start : start + int(query.get("max_results", 100))]
        meta: dict[str, Any] = {"result_count": len(part)}
        if start + len(part) < len(rows):
            meta["next_token"] = base64.urlsafe_b64encode(f"{'/'.join(parts)}|{start + len(part)}|opaque".encode()).decode()
        return 200, {**({"data": part} if part else {}), "meta": meta}, name

    def _rows(self, name: str, who: str) -> list[dict[str, Any]]:
        world = self.world
        people = {
            "following": world.follows.get(who, []),
            "followers": sorted(source for source, targets in world.follows.items() if who in targets),
            "muting": world.mutes,
            "blocking": world.blocks,
            "members": world.lists.get(who, []),
        }
        if name in people:
            return [self._user(world.accounts[i]) for i in people[name] if i not in world.gone]  # as X does
        if name == "owned_lists":
            return [{"id": i, "name": f"List {i}"} for i in world.lists]
        posts = world.posts.get(who, [])[::-1]
        if name == "mentions":
            posts = [p for every in world.posts.values() for p in every if world.accounts[who].username in (p.mentions or ())]
        elif name == "liked_tweets":
            posts = [p for every in world.posts.values() for p in every[:1]]
        return [self._post(post) for post in posts]

    def _user(self, account: Account) -> dict[str, Any]:
        count = "tweet_count" if self.names == "old" else "post_count"
        return {
            "id": account.account_id, "username": account.username, "name": f"{account.username}!", "description": account.bio,
            "protected": account.protected, "created_at": "2020-01-01T00:00:00.000Z",
            "public_metrics": {"followers_count": account.followers_count, "following_count": 7, count: 6},
        }  # fmt: skip

    def _post(self, post: Post) -> dict[str, Any]:
        assert post.created_at is not None
        names = {i: self.world.accounts[i].username for i in self.world.accounts}
        mentions = [{"username": name, "id": i} for i, name in names.items() if name in (post.mentions or ())]
        reposts = "retweet_count" if self.names == "old" else "repost_count"
        return {
            "id": post.post_id, "text": post.text, "author_id": post.account_id, "lang": "en",
            "created_at": post.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "entities": {"mentions": mentions},
            **({"in_reply_to_user_id": post.reply_to_account_id} if post.reply_to_account_id else {}),
            "public_metrics": {"like_count": 1, reposts: 2, "reply_count": 3},
        }  # fmt: skip


@contextlib.contextmanager
def x_stub(**settings: Any) -> Iterator[XStub]:
    with XStub(**settings) as stub:
        yield stub
