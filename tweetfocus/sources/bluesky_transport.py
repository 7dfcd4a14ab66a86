"""How requests reach Bluesky: through the atproto SDK, which signs in and refreshes the session, within limits of time and size."""

from __future__ import annotations

import re
import time
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

from tweetfocus.errors import NotAuthorized, RateLimited, Refused, SourceError, StaleCursor, Unavailable
from tweetfocus.sources.answers import AnswerTooLarge, bounded, error_name, every, load, secret

__all__ = ["BLUESKY_PASSWORD", "BlueskyServer", "Gone", "Homes"]

BLUESKY_PASSWORD = "BLUESKY_APP_PASSWORD"  # noqa: S105 (the variable's name)
_GONE = frozenset({"AccountDeactivated", "AccountTakedown", "NotFound", "RepoNotFound", "RepoDeactivated", "RepoTakendown"})
_SILENT = 3  # then the directory is not asked any more by this process
_NO_LOGIN = frozenset({"ExpiredToken", "InvalidToken", "AuthenticationRequired", "AuthMissing"})


class Gone(Refused):
    """The account that was asked about is not there; `why` says it in a word or two."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"bluesky: {why}")


class BlueskyServer:
    """One server, and the session with it. Its typed models are left aside: they refuse a whole page for one odd record.

    Args:
        address: https://host.
        login: as whom to sign in, with the app password from the environment; None to read as a stranger.
        labelers: DIDs of moderation services that are asked for.
        timeout: seconds for a connection, and for each part of an answer.
    """

    def __init__(self, address: str, *, login: str | None, labelers: tuple[str, ...], timeout: float) -> None:
        self.address = address
        self.login = login
        self.labelers = labelers
        self.timeout = timeout
        self._client: Any = None

    def ask(self, method: str, asked: dict[str, Any]) -> tuple[Any, int | None]:
        """The JSON of an answer, and how many requests are left."""
        from atproto_client.exceptions import RequestErrorBase

        if self._client is None:
            self._client = self._connect()
        client = self._client
        try:
            answer = client.invoke_query(method, params=_Params(asked))
        except RequestErrorBase as error:
            raise self._error(error, method, listed="cursor" in asked) from None
        except SourceError:
            raise
        except Exception as error:  # whatever a server provokes in the libraries below
            raise Unavailable(f"bluesky: {method}: no usable answer ({type(error).__name__})") from None
        if not isinstance(answer.content, dict):
            raise Unavailable(f"bluesky: {method}: the answer is not JSON", charged=False)
        left = answer.headers.get("ratelimit-remaining", "")
        return answer.content, int(left) if left.isdecimal() else None

    def _connect(self) -> Any:
        from atproto_client import Client
        from atproto_client.exceptions import RequestErrorBase
        from atproto_client.request import Request as Sender

        client = Client(self.address, request=Sender(timeout=self.timeout, transport=_transport()))
        weakref.finalize(self, client.request.close)
        client.request.add_additional_header("User-Agent", "tweetfocus")
        if self.labelers:
            client.request.add_additional_header("atproto-accept-labelers", ", ".join(self.labelers))
        if self.login is not None:
            try:
                client.login(self.login, secret(BLUESKY_PASSWORD), fetch_bsky_profile=False)
            except RequestErrorBase as error:
                if error.response is not None and error.response.status_code in (400, 401, 403):
                    hint = f"is {BLUESKY_PASSWORD} an app password of this account?"
                    raise NotAuthorized(f"bluesky: {self.address} refuses the login of @{self.login}; {hint}") from None
                raise self._error(error, "login", listed=False) from None
            except Exception as error:
                raise Unavailable(f"bluesky: login at {self.address}: no usable answer ({type(error).__name__})") from None
        return client

    def _error(self, error: Any, method: str, *, listed: bool) -> SourceError:
        """What an error of the SDK's means; nothing of the server's own words goes into a message."""
        response = error.response
        if response is None:
            return Unavailable(f"bluesky: no answer from {self.address} ({type(error).__name__})", charged=False)
        status, name = response.status_code, error_name(getattr(response.content, "error", None))
        what = f"bluesky: {method}: {status} {name}".rstrip()
        if status == 429:
            return RateLimited(f"{what}: too many requests", until=_until(response.headers))
        if status == 401 or name in _NO_LOGIN:
            hint = (
                "the login has ended" if self.login is not None else f"needs a login; set {BLUESKY_PASSWORD} to an app password"
            )
            return NotAuthorized(f"{what}: {hint}") if self.login is not None else Refused(f"{what}: {hint}")
        said = str(getattr(response.content, "message", "")).lower()
        if status in (400, 404) and (name in _GONE or "not found" in said or "could not find" in said or "resolve" in said):
            return Gone(_why(name))
        if status == 400 and "cursor" in said and listed:
            return StaleCursor(f"{what}: the place in the list is no longer known")
        if (400 <= status < 500 and status not in (408, 409, 425)) or status == 501:
            return Refused(what)
        return Unavailable(what, charged=False)


class Homes:
    """On whose servers accounts keep their records, which the directory of accounts tells; asked without any login.

    Addresses come from strangers, so only hosts with a name are asked, by HTTPS; on the loopback interface where the directory is
    there too.

    Args:
        directory: https://host, which answers for `did:plc:` accounts; those of `did:web:` name their host themselves.
        timeout: seconds for a connection, and for each part of an answer.
    """

    def __init__(self, directory: str, *, timeout: float) -> None:
        self.directory = directory
        self.timeout = timeout
        self._client: Any = None
        self._silent = 0  # times in a row that the directory has not answered

    def home_of(self, did: str) -> str | None:
        """The server of an account, as https://host; None where nobody says."""
        web = did.removeprefix("did:web:") if did.startswith("did:web:") else None
        place = f"https://{web}" if web else self.directory
        if not self._may_ask(place) or (web is None and self._silent >= _SILENT):
            return None
        document = self._get(f"{place}/.well-known/did.json" if web else f"{place}/{did}", {})
        if web is None:
            self._silent = self._silent + 1 if document is None else 0
        for service in every(document, "service"):
            home = str(service.get("serviceEndpoint")).rstrip("/")
            if str(service.get("id")).endswith("#atproto_pds") and self._may_ask(home):
                return home
        return None

    def ask(self, home: str, asked: dict[str, str]) -> Any:
        """A record from the server of its account; None where there is no answer, `{}` where it says that there is no record."""
        return self._get(f"{home}/xrpc/com.atproto.repo.getRecord", asked)

    def _may_ask(self, address: str) -> bool:
        here = re.fullmatch(r"http://(localhost|127\.0\.0\.1)(:\d+)?", address)
        if here and address != self.directory:
            return re.match(r"http://(localhost|127\.0\.0\.1)(:|$)", self.directory) is not None
        return (
            address == self.directory
            or re.fullmatch(r"https://[A-Za-z0-9.-]+\.[A-Za-z][A-Za-z0-9-]*(:\d+)?", address) is not None
        )

    def _get(self, address: str, asked: dict[str, str]) -> Any:
        import httpx

        if self._client is None:
            headers = {"User-Agent": "tweetfocus"}
            self._client = httpx.Client(transport=_transport(), timeout=self.timeout, headers=headers, follow_redirects=False)
            weakref.finalize(self, self._client.close)
        try:
            answer = self._client.get(address, params=asked)
            if answer.status_code in (400, 404):
                return {}
            return load(answer.content) if answer.status_code == 200 else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError):
            return None


class _Params:
    """Parameters as the SDK wants to be given them."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self._asked = asked

    def model_dump(self, **_: Any) -> dict[str, Any]:
        return self._asked


def _transport() -> Any:
    import httpx

    class Stream(httpx.SyncByteStream):
        def __init__(self, stream: httpx.SyncByteStream) -> None:
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            try:
                yield from bounded(self._stream)
            except AnswerTooLarge as error:
                raise httpx.ReadError(str(error)) from None

        def close(self) -> None:
            self._stream.close()

    class Bounded(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            stream = answer.stream
            assert isinstance(stream, httpx.SyncByteStream)
            return httpx.Response(
                answer.status_code, headers=answer.headers, stream=Stream(stream), extensions=answer.extensions
            )

    return Bounded()


def _why(name: str) -> str:
    return {"AccountDeactivated": "deactivated", "AccountTakedown": "taken down"}.get(name, "not found")


def _until(headers: Mapping[str, str]) -> float | None:
    """When requests are welcome again, in Unix seconds."""
    for name, start in (("retry-after", time.time()), ("ratelimit-reset", 0.0)):
        if re.fullmatch(r"\d{1,12}", value := headers.get(name, "")):
            return start + int(value)
    return None
