from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import tweetfocus as tf
from tweetfocus.sources.collect import collect
from tweetfocus.sources.plan import CollectPlan
from tweetfocus.sources.source import Kind, Page, Request, Source
from tweetfocus.sources.x_api import XApi
from tweetfocus.sources.x_archive import XArchive
from tweetfocus.sources.x_records import post_of, troubles, user_of
from tweetfocus.sources.x_transport import XKeys, XTransport

from .made_archive import as_zip, js
from .made_source import ME, MadeWorld, Time
from .source_contract import SourceContract
from .x_stub import SECRETS, TOKEN, USER_KEYS, XStub, x_stub

NAME = "@user_100"


@pytest.fixture
def stub() -> Iterator[XStub]:
    with x_stub() as server:
        yield server


def bearer(stub: XStub, **more: Any) -> XApi:
    return XApi(NAME, keys=XKeys(bearer=TOKEN), origin=stub.origin, **more)


def signed_in(stub: XStub, **more: Any) -> XApi:
    return XApi(keys=XKeys(user=USER_KEYS), origin=stub.origin, **more)


class TestXContract(SourceContract):
    secrets = SECRETS

    @pytest.fixture(params=["old names", "new names"])
    def source(self, request: pytest.FixtureRequest) -> Iterator[Source]:
        with x_stub(names=request.param.split()[0]) as stub:
            source = signed_in(stub)
            if request.param == "new names":  # found out by the first refusal
                with pytest.raises(tf.Unavailable, match="newer names"):
                    source.read(Request(kind=Kind.POSTS, account_ids=(ME,), limit=5))
            yield source
            source.close()

    def nobody(self, owner: object) -> str:
        return "999"


def read(source: XApi, kind: Kind, *ids: str, limit: int = 100, cursor: str | None = None) -> Page:
    return source.read(Request(kind=kind, account_ids=ids, limit=limit, cursor=cursor))


def test_a_collection_by_tweepy_equals_the_world(stub: XStub, tmp_path: Path) -> None:
    found = collect(signed_in(stub), tmp_path, progress=False)
    data = tf.read_dataset(tmp_path)
    world = stub.world
    assert found.stopped is None
    assert found.bill.spent == stub.charged
    assert found.bill.requests == stub.number
    mine = [f["target_id"] for f in data.follows.to_pylist() if f["source_id"] == ME]
    assert mine == [who for who in world.follows[ME] if who not in world.gone]
    assert data.mutes["target_id"].to_pylist() == world.mutes
    assert data.blocks["target_id"].to_pylist() == world.blocks
    assert data.account("101").bio == "Pipeline planner 1"
    assert data.account(world.protected).protected is True
    assert data.account("101").is_source is True


def test_a_bearer_token_reads_all_but_mutes_and_blocks(stub: XStub, tmp_path: Path) -> None:
    found = collect(bearer(stub), tmp_path, progress=False)
    assert found.stopped is None
    assert [issue.field for issue in found.issues] == ["mutes", "blocks"]
    assert tf.read_dataset(tmp_path).account("@me").account_id == ME


def test_without_a_name_a_bearer_token_is_not_enough(stub: XStub, tmp_path: Path) -> None:
    with pytest.raises(tf.NotAuthorized, match="name your account: tweetfocus collect x @name"):
        collect(XApi(keys=XKeys(bearer=TOKEN), origin=stub.origin), tmp_path, progress=False)


def test_a_name_that_nobody_has(stub: XStub, tmp_path: Path) -> None:
    with pytest.raises(tf.SourceError, match="x: no account @nobody"):
        collect(XApi("nobody", keys=XKeys(bearer=TOKEN), origin=stub.origin), tmp_path, progress=False)


def test_a_wrong_key(stub: XStub, tmp_path: Path) -> None:
    with pytest.raises(tf.NotAuthorized, match="the key is not accepted"):
        collect(XApi(NAME, keys=XKeys(bearer="wrong"), origin=stub.origin), tmp_path, progress=False)
    wrong = {**USER_KEYS, "access_token_secret": "wrong"}
    with pytest.raises(tf.NotAuthorized, match="the key is not accepted"):
        collect(XApi(keys=XKeys(user=wrong), origin=stub.origin), tmp_path / "b", progress=False)


# -- keys --------------------------------------------------------------------------------------------------------------------------


def test_keys_from_the_environment() -> None:
    with pytest.raises(tf.NotAuthorized, match="set TWEETFOCUS_X_BEARER"):
        XKeys.from_environment({"BEARER_TOKEN": "of something else"})
    assert repr(XKeys.from_environment({"TWEETFOCUS_X_BEARER": TOKEN})) == "XKeys(a bearer token)"
    assert repr(XKeys.from_environment({"X_BEARER_TOKEN": TOKEN})) == "XKeys(a bearer token)"
    assert repr(XKeys.from_environment({"TWITTER_BEARER_TOKEN": f" {TOKEN}\n"})) == "XKeys(a bearer token)"
    names = {"TWITTER_API_KEY": "a", "TWITTER_API_SECRET": "b", "X_ACCESS_TOKEN": "c", "TWEETFOCUS_X_ACCESS_TOKEN_SECRET": "d"}
    assert XKeys.from_environment({**names, "TWEETFOCUS_X_BEARER": TOKEN}).signed_in
    del names["X_ACCESS_TOKEN"]
    assert not XKeys.from_environment({**names, "TWEETFOCUS_X_BEARER": TOKEN}).signed_in
    with pytest.raises(tf.NotAuthorized, match=r"set TWEETFOCUS_X_ACCESS_TOKEN$"):
        XKeys.from_environment(names)


@pytest.mark.parametrize("key", ["line\nend", "spa ce", "ü", "\0", ""])
def test_keys_that_are_none(key: str) -> None:
    with pytest.raises(tf.NotAuthorized, match="holds characters that no key has") as error:
        XKeys(bearer=key)
    assert not key or key not in str(error.value)


def test_keys_cannot_be_copied_out() -> None:
    import copy

    with pytest.raises(TypeError, match="not copied"):
        copy.copy(XKeys(bearer=TOKEN))


@pytest.mark.parametrize(
    "origin", ["http://example.org", "ftp://127.0.0.1", "https://user:pass@example.org", "https://", "nonsense", "https://a?b"]
)
def test_origins_that_would_see_keys(origin: str) -> None:
    with pytest.raises(tf.InvalidRequest):
        XTransport(XKeys(bearer=TOKEN), origin)


@pytest.mark.parametrize("handle", ["", "@", "a b", "../me", "name_that_is_too_long", "a?b"])
def test_names_that_are_none(handle: str) -> None:
    with pytest.raises(tf.InvalidRequest, match="not a username of X"):
        XApi(handle, keys=XKeys(bearer=TOKEN))


@pytest.mark.parametrize(
    "fault", ["401", "echo", "403", "404", "500", "close", "drop", "429 odd", "402", "not json", "redirect"]
)
@pytest.mark.parametrize("keys", ["bearer", "user"])
def test_no_key_is_ever_seen(fault: str, keys: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    loggers = [logging.getLogger(n) for n in ("", "tweepy", "tweepy.client", "oauthlib", "requests_oauthlib", "urllib3")]
    before = [logger.level for logger in loggers]
    logging.getLogger().addHandler(handler)
    seen: list[str] = []
    try:
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
        # the first request goes well, so that tokens have been at work before the fault
        with x_stub(fault=lambda number, path: fault if number > 3 else None) as stub:
            source = bearer(stub) if keys == "bearer" else signed_in(stub)
            time = Time()
            try:
                found = collect(source, tmp_path, progress=True, clock=time, sleep=time.sleep)
                seen += [repr(found), str(found.stopped), repr(found.failure), repr(found.failure and found.failure.__dict__)]
                seen += [repr(issue) for issue in found.issues]
            except tf.SourceError as error:
                seen.append("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
            seen += [repr(source), repr(vars(source)), repr(source._transport), repr(vars(source._transport))]
            seen += [repr(vars(source._transport._client)), repr(vars(source._transport._client.session))]
            source.close()
    finally:
        logging.getLogger().removeHandler(handler)
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
    out = capfd.readouterr()
    seen += [log.getvalue(), out.out, out.err]
    seen += [file.read_bytes().decode("utf-8", "replace") for file in tmp_path.rglob("*") if file.is_file()]
    assert [secret for secret in SECRETS for text in seen if secret in text] == []
    assert any("GET /2/users" in text for text in seen)  # urllib3 did write its log


def test_nothing_but_the_origin_gets_the_keys(stub: XStub) -> None:
    source = bearer(stub)
    read(source, Kind.ME)
    stub.fault = lambda number, path: "redirect"
    with pytest.raises(tf.Refused):
        read(source, Kind.FOLLOWINGS, ME)
    assert [path for path in stub.asked if "elsewhere" in path] == []
    assert all(headers["Authorization"] == f"Bearer {TOKEN}" for headers in stub.headers)
    assert all(headers["Host"] == stub.origin.removeprefix("http://") for headers in stub.headers)


def test_without_tweepy_the_install_line_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "tweepy", None)
    with pytest.raises(tf.MissingExtra, match=r"pip install 'tweetfocus\[x\]'"):
        XApi(NAME, keys=XKeys(bearer=TOKEN))


def test_an_archive_and_the_api_fill_one_folder(stub: XStub, tmp_path: Path) -> None:
    people = {kind: [{kind: {"accountId": i}} for i in ("101", "102", "103")] for kind in ("following", "follower")}
    members = {
        "data/account.js": js("account.part0", [{"account": {"accountId": ME, "username": "user_100"}}]),
        **{f"data/{kind}.js": js(f"{kind}.part0", records) for kind, records in people.items()},
        "data/tweets.js": js("tweets.part0", [{"tweet": {"id_str": "555", "full_text": "From the archive"}}]),
    }
    archived = collect(XArchive(as_zip(tmp_path / "me.zip", members)), tmp_path / "p", plan=CollectPlan.whole(), progress=False)
    assert archived.bare == 3
    found = collect(bearer(stub), tmp_path / "p", progress=False)
    data = tf.read_dataset(tmp_path / "p")
    assert found.bare == 0
    assert "From the archive" in data.posts["text"].to_pylist()
    assert data.account("103").bio == "Pipeline planner 3"
    # whom the API no longer lists is no longer followed
    assert sorted(p["target_id"] for p in data.follows.to_pylist() if p["source_id"] == ME) == [
        who for who in stub.world.follows[ME] if who not in stub.world.gone
    ]


# -- what goes wrong ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        ("401", tf.NotAuthorized, "the key is not accepted"),
        ("402", tf.OutOfCredit, "does not have any credits"),
        ("403", tf.Refused, "403 Forbidden"),
        ("400", tf.Refused, "400 bad"),
        ("429", tf.RateLimited, "too many requests"),
        ("429 past", tf.RateLimited, "too many requests"),
        ("429 bare", tf.RateLimited, "too many requests"),
        ("429 odd", tf.RateLimited, "too many requests"),
        ("429 v1", tf.RateLimited, "too many requests"),
        ("429 cap", tf.OutOfCredit, "Usage cap"),
        ("500", tf.Unavailable, "500"),
        ("503", tf.Unavailable, "503"),
        ("not json", tf.Unavailable, "not JSON"),
        ("cut json", tf.Unavailable, "not JSON"),
        ("a list", tf.Unavailable, "not JSON"),
        ("close", tf.Unavailable, "no answer"),
        ("drop", tf.Unavailable, "no answer"),
    ],
)
def test_faults_are_named(fault: str, error: type[tf.SourceError], message: str) -> None:
    with x_stub(fault=lambda number, path: fault) as stub:
        source = bearer(stub)
        with pytest.raises(error, match=message) as raised:
            read(source, Kind.FOLLOWINGS, ME)
        assert "1234567890123" not in str(raised.value)  # the account number in a 402
        if isinstance(raised.value, tf.RateLimited):
            assert (raised.value.until is not None) == (fault in ("429", "429 past"))
        if isinstance(raised.value, tf.Unavailable):
            assert raised.value.charged == (fault not in ("500", "503"))
        source.close()


def test_a_server_that_is_not_there_charges_nothing() -> None:
    with x_stub() as stub:
        source = bearer(stub)
    with pytest.raises(tf.Unavailable, match="no answer") as error:
        read(source, Kind.FOLLOWINGS, ME)
    assert error.value.charged is False


def test_not_found_is_a_fact(stub: XStub) -> None:
    stub.fault = lambda number, path: "404"
    assert dict(read(bearer(stub), Kind.FOLLOWINGS, "777").missing) == {"777": "not found"}


def test_partial_errors_are_recorded(stub: XStub) -> None:
    world = stub.world
    page = read(bearer(stub), Kind.ACCOUNTS, "101", "105", "999", world.protected)
    assert [account.account_id for account in page.accounts] == ["101", world.protected]
    assert dict(page.missing) == {"105": "suspended", "999": "not found"}
    suspended, closed = read(bearer(stub), Kind.FOLLOWINGS, "105"), read(bearer(stub), Kind.POSTS, world.protected)
    assert (dict(suspended.missing), suspended.items, suspended.cost) == ({"105": "suspended"}, 0, 0)
    assert dict(closed.missing) == {world.protected: "protected"}
    assert closed.accounts == (tf.Account(account_id=world.protected, protected=True),)


def test_a_cursor_that_is_no_longer_known(stub: XStub) -> None:
    with pytest.raises(tf.StaleCursor, match="Invalid pagination_token"):
        read(bearer(stub), Kind.FOLLOWINGS, ME, cursor="dXNlcnMvMS9mb2xsb3dpbmd8Mw==")


def test_ids_that_are_none_of_x_are_not_asked_for(stub: XStub) -> None:
    assert dict(read(bearer(stub), Kind.FOLLOWINGS, "../me").missing) == {"../me": "not an id of X"}
    assert dict(read(bearer(stub), Kind.ACCOUNTS, "did:plc:x", "1,2").missing) == {
        "did:plc:x": "not an id of X",
        "1,2": "not an id of X",
    }
    assert stub.asked == []


def test_pages_and_parameters(stub: XStub) -> None:
    source = bearer(stub)
    first = read(source, Kind.FOLLOWINGS, ME, limit=3)
    assert (first.items, len(first.follows), first.cost, dict(first.resources)) == (3, 3, Decimal("0.030"), {"follow": 3})
    assert first.remaining == 299
    second = read(source, Kind.FOLLOWINGS, ME, limit=3, cursor=first.next_cursor)
    assert [f.target_id for f in first.follows + second.follows] == ["101", "102", "103", "104", "106", "107"]
    posts = read(source, Kind.POSTS, ME, limit=5)
    assert [post.post_id for post in posts.posts] == ["1005", "1004", "1003", "1002", "1001"]
    assert posts.cost == Decimal("0.025")
    assert "max_results=5" in stub.asked[-1]
    assert "pagination_token" not in stub.asked[-1]


def test_owned_reads_are_cheaper_with_ones_own_app(stub: XStub) -> None:
    source = signed_in(stub, own_app=True)
    mine = Request(kind=Kind.FOLLOWINGS, account_ids=(ME,), limit=100, own=True)
    theirs = Request(kind=Kind.FOLLOWINGS, account_ids=("101",), limit=100)
    assert (source.price(mine), source.price(theirs)) == (Decimal("0.100"), Decimal("1.000"))
    assert source.read(mine).cost == Decimal("0.007")
    assert source.price(Request(kind=Kind.LIST_MEMBERS, account_ids=("9001",), limit=10, own=True)) == Decimal("0.100")


def test_the_other_spelling_is_tried_once() -> None:
    with x_stub(names="new") as stub:
        source = bearer(stub)
        with pytest.raises(tf.Unavailable, match="newer names"):
            read(source, Kind.POSTS, ME)
        assert read(source, Kind.POSTS, ME).posts[0].repost_count == 2
        assert "post.fields=" in stub.asked[-1]
        stub.names = "old"
        with pytest.raises(tf.Refused, match="400"):
            read(source, Kind.POSTS, ME)


def test_slow_and_large_answers_end(monkeypatch: pytest.MonkeyPatch, stub: XStub) -> None:
    from tweetfocus.sources import x_transport

    source = bearer(stub)
    monkeypatch.setattr(x_transport, "_WHOLE", -1.0)
    with pytest.raises(tf.Unavailable, match="took more than"):
        read(source, Kind.ME)
    monkeypatch.setattr(x_transport, "_WHOLE", 90.0)
    monkeypatch.setattr(x_transport, "_MOST_BYTES", 10)
    with pytest.raises(tf.Unavailable, match="more than"):
        read(source, Kind.ME)


# -- records ----------------------------------------------------------------------------------------------------------------------


def test_a_user_in_either_spelling() -> None:
    told = {
        "id": "7", "username": "ana", "name": "Ana", "description": "Feeders https://t.co/a", "protected": False,
        "url": "https://t.co/b", "location": " ", "created_at": "2020-01-01T00:00:00.000Z",
        "entities": {
            "description": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://example.org"}]},
            "url": {"urls": [{"url": "https://t.co/b", "expanded_url": "https://ana.example"}]},
        },
    }  # fmt: skip
    old, new = ({"followers_count": 1, "following_count": 2, name: 3} for name in ("tweet_count", "post_count"))
    account = user_of({**told, "public_metrics": old})
    assert account == user_of({**told, "public_metrics": new})
    assert account is not None
    assert (account.bio, account.url, account.location) == ("Feeders https://example.org", "https://ana.example", None)
    assert (account.followers_count, account.following_count, account.post_count) == (1, 2, 3)


def test_a_long_post_in_either_spelling() -> None:
    note = {"text": "All of it &amp; more", "entities": {"mentions": [{"username": "bo", "id": "9"}]}}
    for name in ("note_tweet", "note_post"):
        post = post_of({"id": "1", "author_id": "7", "text": "All of…", "entities": {}, name: note}, None, {})
        assert post is not None
        assert (post.text, post.mentions) == ("All of it & more", ("9",))


def test_reposts_and_quotes() -> None:
    told = {"id": "1", "author_id": "7", "text": "RT @Bo: hi", "entities": {"mentions": [{"username": "bo", "id": "9"}]}}
    for name in ("referenced_tweets", "referenced_posts"):
        repost = post_of({**told, name: [{"type": "retweeted", "id": "5"}]}, None, {})
        assert repost is not None
        assert repost.repost_of_account_id == "9"
        quote = post_of({"id": "2", "author_id": "7", "text": "so", name: [{"type": "quoted", "id": "5"}]}, None, {"5": "12"})
        assert quote is not None
        assert (quote.quote_of_account_id, quote.repost_of_account_id, quote.mentions) == ("12", None, None)


NONSENSE: list[Any] = [None, 1, "x", [], {}, [None], [[1]], {"id": None}, {"id": [1]}, {"id": "x" * 40}]


@pytest.mark.parametrize("thing", NONSENSE)
def test_nonsense_is_no_record(thing: Any) -> None:
    if isinstance(thing, dict):
        assert user_of(thing) is None
        assert post_of(thing, "7", {}) is None
    assert troubles(thing, "x", ("7",)).missing == {}
    for where in ("public_metrics", "entities", "description", "username", "created_at", "protected", "url", "note_tweet"):
        assert user_of({"id": "7", where: thing}) is not None
        assert post_of({"id": "1", "text": "t", where: thing, "referenced_tweets": thing, "text ": thing}, "7", {}) is not None


def test_nonsense_pages_are_issues(monkeypatch: pytest.MonkeyPatch, stub: XStub) -> None:
    rows = [{"id": "x"}, {"id": "1"}, 5, {"id": "2", "username": 7}]
    monkeypatch.setattr(stub, "_rows", lambda name, who: rows)
    page = read(bearer(stub), Kind.FOLLOWINGS, ME)
    assert [account.account_id for account in page.accounts] == ["1", "2"]
    assert [str(issue) for issue in page.issues] == ["x followings: 1 entries without an id or text; left out"]


def test_the_world_may_be_small(tmp_path: Path) -> None:
    with x_stub(world=MadeWorld(8)) as stub:
        found = collect(signed_in(stub), tmp_path, plan=CollectPlan(sample=2, shortlist=1), progress=False)
        assert found.stopped is None
        assert found.bill.spent == stub.charged
