"""How requests reach X: through tweepy, with keys that no log, error or repr can show, to one origin, within limits of time and size."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from tweetfocus.errors import InvalidRequest, MissingExtra, NotAuthorized, Unavailable

__all__ = ["Answer", "XKeys", "XTransport"]

X_ORIGIN = "https://api.x.com"
_PREFIXES = ("TWEETFOCUS_X_", "X_", "TWITTER_")
_BEARER = ("BEARER", "BEARER_TOKEN")
_USER = {
    "consumer_key": ("API_KEY", "CONSUMER_KEY"),
    "consumer_secret": ("API_KEY_SECRET", "API_SECRET", "CONSUMER_SECRET"),
    "access_token": ("ACCESS_TOKEN",),
    "access_token_secret": ("ACCESS_TOKEN_SECRET",),
}
_KEY = re.compile(r"[\x21-\x7e]+")
_CONNECT, _READ, _WHOLE = 10.0, 30.0, 90.0  # seconds
_MOST_BYTES = 32 * 2**20
# they write headers, parameters or keys at level DEBUG
_TALKATIVE = (
    "tweepy.client",
    "tweepy.auth",
    "requests_oauthlib.oauth1_auth",
    "requests_oauthlib.oauth1_session",
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
)


class XKeys:
    """What X is asked with: a bearer token, or the four keys of a signed-in user. Not shown by anything.

    Example:
        >>> XKeys(bearer="AAAA")
        XKeys(a bearer token)
    """

    __slots__ = ("_bearer", "_user")

    def __init__(self, *, bearer: str | None = None, user: Mapping[str, str] | None = None) -> None:
        for name, value in {"the bearer token": bearer, **(user or {})}.items():
            if value is not None and not _KEY.fullmatch(value):
                raise NotAuthorized(f"x: {name} holds characters that no key has; copy it again")
        self._bearer = bearer
        self._user = dict(user) if user else None

    def __repr__(self) -> str:
        return f"XKeys({'the keys of a user' if self._user else 'a bearer token'})"

    def __reduce__(self) -> Any:
        raise TypeError("keys are not copied or written")

    @property
    def signed_in(self) -> bool:
        """Whether these are a user's keys; of a bearer token nobody can tell before it is used."""
        return self._user is not None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> XKeys:
        """The keys in the environment: a user's four keys if they are all there, else a bearer token.

        Raises:
            NotAuthorized: there are none; the message says which variables are looked at.
        """

        def find(names: tuple[str, ...]) -> str | None:
            found = (environment.get(prefix + name, "").strip() for prefix in _PREFIXES for name in names)
            return next((value for value in found if value), None)

        user = {name: find(names) for name, names in _USER.items()}
        whole = {name: value for name, value in user.items() if value is not None}
        if len(whole) == len(_USER):
            return cls(user=whole)
        if bearer := find(_BEARER):
            return cls(bearer=bearer)
        if whole:
            lacking = ", ".join("TWEETFOCUS_X_" + _USER[name][0] for name in _USER if name not in whole)
            raise NotAuthorized(f"x: some of a user's four keys are missing; set {lacking}")
        raise NotAuthorized("x: no key; set TWEETFOCUS_X_BEARER to the bearer token of your X app (or the four keys of a user)")

    def sign(self, request: Any) -> None:
        """Put the authorization on a request that is about to leave."""
        if self._user is None:
            request.headers["Authorization"] = f"Bearer {self._bearer}"
            return
        import tweepy

        keys = self._user
        handler = tweepy.OAuth1UserHandler(
            keys["consumer_key"], keys["consumer_secret"], keys["access_token"], keys["access_token_secret"]
        )
        request.headers.pop("Authorization", None)
        handler.apply_auth()(request)

    def struck_from(self, text: str) -> str:
        """`text` with every key in it blotted out: a server may send back what it got."""
        for key in [self._bearer, *(self._user or {}).values()]:
            if key and len(key) > 3:
                text = text.replace(key, "…")
        return text


class Answer:
    """What X said: status, JSON if it is some, and the headers that count."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        try:
            self.json: Any = response.json()
        except (ValueError, RecursionError):
            self.json = None

    def number(self, header: str) -> int | None:
        """A header that holds a whole number, None where it does not."""
        value = (self.headers.get(header) or "").strip()
        return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


class XTransport:
    """One client of tweepy, and what has to be done around it.

    tweepy names a host of its own, has no time-outs, and writes the authorization it was given into its log. So it is given none: an
    adapter below it signs each request as it leaves, sends it to `origin`, and stops answers that are too slow or too large.

    Raises:
        MissingExtra: tweepy is not installed.
        InvalidRequest: an origin that would see the keys in clear text.
    """

    def __init__(self, keys: XKeys, origin: str = X_ORIGIN) -> None:
        try:
            import tweepy
        except ImportError as error:
            raise MissingExtra("x", "the API of X") from error
        for name in _TALKATIVE:
            _silence(logging.getLogger(name))
        self.keys = keys
        self.origin = _origin(origin)
        self._client = tweepy.Client(bearer_token="kept elsewhere", wait_on_rate_limit=False)  # noqa: S106
        self._adapter = _adapter(keys, self.origin)
        session = self._client.session
        session.max_redirects = 0  # a redirect would take the keys elsewhere
        session.trust_env = not _is_loopback(urlsplit(self.origin).hostname or "")
        session.mount("https://", self._adapter)
        session.mount("http://", self._adapter)

    def __repr__(self) -> str:
        return f"XTransport({self.origin!r})"

    def close(self) -> None:
        """Close the connections."""
        self._client.session.close()

    def get(self, path: str, parameters: Mapping[str, Any]) -> Answer:
        """Make one request; every answer is returned, whatever its status.

        Raises:
            Unavailable: no answer, or not a whole one.
        """
        import requests

        self._adapter.last = None
        failed: str | None = None
        sent = True
        try:
            self._client.request("GET", path, params=dict(parameters))
        except requests.RequestException as error:
            failed = type(error).__name__
            sent = not _never_sent(error)
        except Unavailable:
            raise
        except Exception as error:  # tweepy raises by status, and stumbles over odd bodies and headers
            failed = type(error).__name__
        response = self._adapter.last
        self._adapter.last = None
        if response is None:
            raise Unavailable(f"x: no answer ({failed})", charged=sent)
        return Answer(response)


def _never_sent(error: Exception) -> bool:
    """Whether no connection came about, so that nothing can have been charged for."""
    from requests.exceptions import ConnectTimeout, ProxyError, SSLError
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(error, (ConnectTimeout, ProxyError, SSLError)) or isinstance(reason, NewConnectionError)


def _silence(logger: logging.Logger) -> None:
    """Let through what is worth a warning; whatever level anybody sets."""
    if not any(isinstance(known, _OnlyWarnings) for known in logger.filters):
        logger.addFilter(_OnlyWarnings())


class _OnlyWarnings(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


def _origin(text: str) -> str:
    """`text` as an origin to which keys may be sent: https, or this machine."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise InvalidRequest(f"not the address of an API: {text!r}; write https://host")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise InvalidRequest(f"{text!r} is not encrypted, and would see your keys; write https://")
    return text.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _adapter(keys: XKeys, origin: str) -> Any:
    from requests.adapters import HTTPAdapter

    class Adapter(HTTPAdapter):  # type: ignore[misc]
        """Signs, redirects to the origin, and reads the whole answer within its limits."""

        last: Any = None

        def send(self, request: Any, **settings: Any) -> Any:
            # nothing but tweepy's own host can be meant: what stands there is a path below `origin`
            parts = urlsplit(request.url)
            request.url = origin + parts.path + (f"?{parts.query}" if parts.query else "")
            request.headers.pop("Authorization", None)
            keys.sign(request)
            settings |= {"timeout": (_CONNECT, _READ), "stream": True}
            try:
                response = super().send(request, **settings)
                response._content = _body(response)
                response._content_consumed = True
            finally:
                request.headers.pop("Authorization", None)  # what an error carries along must not hold it
            self.last = response
            return response

    return Adapter()


def _body(response: Any) -> bytes:
    """The body, unless it takes too long or too much."""
    ends, parts, size = time.monotonic() + _WHOLE, [], 0
    for part in response.iter_content(2**16):
        parts.append(part)
        size += len(part)
        if size > _MOST_BYTES:
            response.close()
            raise Unavailable(f"x: an answer of more than {_MOST_BYTES >> 20} MB")
        if time.monotonic() > ends:
            response.close()
            raise Unavailable(f"x: an answer that took more than {_WHOLE:.0f} s")
    return b"".join(parts)
