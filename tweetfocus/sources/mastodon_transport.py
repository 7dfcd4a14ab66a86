"""How requests reach a Mastodon server: through Mastodon.py, within limits of time and size; and where a handle's server is.

Mastodon.py knows the paths and parameters, and signs in. Of its answers the JSON itself is read: where its typed values cannot hold
what a server sent, they say nothing instead, and an odd header ends a good answer.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tweetfocus.errors import InvalidRequest, MissingExtra, NotAuthorized, RateLimited, Refused, SourceError, Unavailable
from tweetfocus.sources.answers import AnswerTooLarge, as_time, bounded, load, pasted, pick, secret

__all__ = ["MASTODON_TOKEN", "Gone", "MastodonServer", "find_server", "objects", "user_and_host"]

MASTODON_TOKEN = "MASTODON_ACCESS_TOKEN"  # noqa: S105 (the variable's name)


class Gone(Refused):
    """The account that was asked about is not there; `why` says it in a word or two."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"mastodon: {why}")


class MastodonServer:
    """One server, and Mastodon.py for it.

    Args:
        address: https://host.
        signed_in: whether to send the token from the environment.
        timeout: seconds for a connection, and for each part of an answer.
    """

    def __init__(self, address: str, *, signed_in: bool, timeout: float) -> None:
        self.address = address
        self.signed_in = signed_in
        self.timeout = timeout
        self._client: Any = None
        self._answer: Any = None
        if signed_in and not re.fullmatch(r"[\x21-\x7e]+", secret(MASTODON_TOKEN) or ""):
            raise NotAuthorized(f"mastodon: {MASTODON_TOKEN} holds characters that no token has; copy it again")

    def next_page(self) -> tuple[str | None, bool]:
        """Where the next page begins, which only the Link header says; and whether that was understood."""
        following = self._answer.links.get("next", {}).get("url")
        if following is None:
            return None, True
        # the id alone is taken: whichever host the header names, the next request goes to our own
        place = parse_qs(urlsplit(following).query).get("max_id", [None])[0]
        return place, place is not None

    def left(self) -> int | None:
        """How many requests the last answer says are left before the rate limit."""
        left = self._answer.headers.get("X-RateLimit-Remaining", "")
        return int(left) if re.fullmatch(r"\d{1,9}", left) else None

    @property
    def client(self) -> Any:
        """Mastodon.py, set up for this server; nothing is asked yet."""
        if self._client is None:
            self._client = self._connect()
        return self._client

    def _connect(self) -> Any:
        import requests
        from mastodon import Mastodon as Client

        def keep(answer: Any, **_: Any) -> None:
            # Mastodon.py ends a good answer for an odd time in this header, and warns of deprecated paths
            for name in ("X-RateLimit-Reset", "Deprecation"):
                if name in answer.headers:
                    answer.headers[f"Server-{name}"] = answer.headers.pop(name)
            answer.raw = _Bounded(answer.raw)
            self._answer = answer

        session = requests.Session()
        session.hooks["response"].append(keep)
        client = Client(
            api_base_url=self.address,
            session=session,
            ratelimit_method="throw",
            request_timeout=self.timeout,
            user_agent="tweetfocus",
        )
        client.access_token = (
            secret(MASTODON_TOKEN) if self.signed_in else None
        )  # as an argument it might be taken for the name of a file
        return client

    def ask(self, call: Callable[[], Any]) -> Any:
        """The JSON that a call of Mastodon.py brought, whatever Mastodon.py made of it."""
        self._answer = None
        broken = ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the versions of servers
            try:
                call()
            except Exception as error:  # whatever a server provokes in the libraries below
                broken = type(error).__name__
        answer = self._answer
        if answer is None:
            raise Unavailable(f"mastodon: no answer from {self.address}", charged=False)
        if answer.status_code >= 300:
            raise self._error(answer)
        try:
            return load(answer.content)
        except ValueError:
            what = f"the answer of {self.address} is not JSON; is it a Mastodon server?"
            raise Unavailable(f"mastodon: {what}", charged=False) from None
        except Exception as error:
            raise Unavailable(f"mastodon: the answer of {self.address} broke off ({broken or type(error).__name__})") from None

    def _error(self, answer: Any) -> SourceError:
        """What a status means; nothing of the server's own words goes into a message."""
        status, where = answer.status_code, urlsplit(self.address).netloc
        if status == 429:
            return RateLimited(f"mastodon: {where}: too many requests", until=_until(answer.headers))
        if status in (404, 410):
            return Gone("not found" if status == 404 else "suspended")
        if status == 401 and self.signed_in:
            return NotAuthorized(f"mastodon: {where} refuses the token in {MASTODON_TOKEN} (401)")
        if status in (401, 403) and not self.signed_in:
            return Refused(
                f"mastodon: {where} does not show this to strangers ({status}); set {MASTODON_TOKEN} to read with a login"
            )
        if 400 <= status < 500 and status not in (408, 425):
            return Refused(f"mastodon: {where} refuses this ({status}); the token may lack the right to read it")
        return Unavailable(f"mastodon: {where} has a fault ({status})", charged=False)


class _Bounded:
    """The body of an answer with a limit, in place of the stream that `requests` reads from."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def stream(self, size: int, **how: Any) -> Iterator[bytes]:
        try:
            yield from bounded(self._raw.stream(size, **how))
        except AnswerTooLarge as error:
            self._raw.close()
            raise OSError(str(error)) from None


def find_server(handle: str, *, timeout: float = 30.0) -> str:
    """Where the server of a handle answers: many have their handles on one host and their server on another (WebFinger, RFC 7033).

    Makes one request to the handle's host. Where that has no answer to it, it is itself taken for the server. A server on the loopback
    interface is not asked, and spoken to without TLS.

    Args:
        handle: `ana@grid.example`.
        timeout: seconds.

    Raises:
        InvalidRequest: not a handle.
        MissingExtra: the library is not installed.
    """
    user, host = user_and_host(handle)
    try:
        import requests
    except ImportError:
        raise MissingExtra("mastodon", "reading from Mastodon") from None
    if re.fullmatch(r"(localhost|127\.0\.0\.1)(:\d+)?", host):
        return f"http://{host}"
    asked = f"https://{host}/.well-known/webfinger"
    try:
        with requests.get(asked, {"resource": f"acct:{user}@{host}"}, timeout=timeout, stream=True) as answer:
            document = load(b"".join(bounded(answer.iter_content(2**16), most=2**20))) if answer.ok else None
    except (requests.RequestException, AnswerTooLarge, ValueError, OSError):
        document = None
    links = [link for link in objects(pick(document, "links") or []) if link.get("rel") == "self"]
    found = urlsplit(str(links[0].get("href"))) if links else None
    if found and found.scheme == "https" and re.fullmatch(r"[A-Za-z0-9.-]+\.[A-Za-z][A-Za-z0-9-]*", found.netloc):
        return f"https://{found.netloc.lower()}"
    return f"https://{host}"


def user_and_host(text: str) -> tuple[str, str]:
    """User and host, from what people paste: @ana@grid.example, or the address of the profile."""
    bare = pasted(text)
    bare = re.sub(r"^acct:", "", bare)
    page = re.fullmatch(r"https?://([^/@\s]+)/(?:@|users/)([^/@\s]+)(?:@([^/@\s]+))?/?", bare)
    user, host = (page[2], page[3] or page[1]) if page else (bare.removeprefix("@").rpartition("@")[::2])
    if re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?", user) and re.fullmatch(
        r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?", host
    ):
        return user.lower(), host.lower()
    raise InvalidRequest(f"a Mastodon handle has the server in it, as ana@mastodon.social, not {text!r}")


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of what should be a list of them."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _until(headers: Mapping[str, str]) -> float | None:
    """When requests are welcome again, in Unix seconds: a time (Mastodon), seconds since 1970 (others), or seconds from now."""
    wait, reset = headers.get("Retry-After", ""), headers.get("Server-X-RateLimit-Reset", "")
    if re.fullmatch(r"\d{1,9}", wait):
        return time.time() + int(wait)
    if re.fullmatch(r"\d{1,12}", reset):
        return float(reset)
    moment = as_time(reset)
    return moment.timestamp() if isinstance(moment, datetime) else None
