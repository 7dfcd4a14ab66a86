"""The Mastodon source, through Mastodon.py, on an invented server; faults and hostile answers included."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

import tweetfocus as tf
from tweetfocus.data.records import Account, Follow
from tweetfocus.sources.collect import collect
from tweetfocus.sources.mastodon import Mastodon
from tweetfocus.sources.mastodon_transport import find_server
from tweetfocus.sources.source import Kind, Page, Request

from .loopback import Answer, Asked, Loopback
from .made_fediverse import TOKEN, MadeFediverse, serve
from .source_contract import SourceContract


@pytest.fixture(autouse=True)
def _no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MASTODON_ACCESS_TOKEN", raising=False)
    monkeypatch.delenv("TWEETFOCUS_MASTODON_ACCESS_TOKEN", raising=False)


@pytest.fixture
def world() -> MadeFediverse:
    return MadeFediverse()


@pytest.fixture
def server(world: MadeFediverse) -> Iterator[Loopback]:
    with serve(world) as loopback:
        world.settle(loopback.host)
        yield loopback


@pytest.fixture
def source(server: Loopback) -> Mastodon:
    return Mastodon(f"@mara@{server.host}", server=server.url, timeout=0.5)


@pytest.fixture
def signed_in(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Mastodon:
    monkeypatch.setenv("MASTODON_ACCESS_TOKEN", TOKEN)
    return Mastodon(f"@mara@{server.host}", server=server.url, timeout=0.5)


def read(source: Mastodon, kind: Kind, who: str = "101", **more: Any) -> Page:
    if kind in (Kind.FOLLOWINGS, Kind.FOLLOWERS):
        more = {"cursor": "home+:"} | more  # as if whose list it is had been seen
    return source.read(Request(kind=kind, account_ids=() if kind is Kind.ME else (who,), **more))


class TestContract(SourceContract):
    secrets = (TOKEN,)

    @pytest.fixture(params=["without login", "with login"])
    def source(self, request: pytest.FixtureRequest, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Mastodon:
        if request.param == "with login":
            monkeypatch.setenv("MASTODON_ACCESS_TOKEN", TOKEN)
        return Mastodon(f"mara@{server.host}", server=server.url)


class TestAccounts:
    def test_an_account_is_read_whole(self, source: Mastodon, server: Loopback) -> None:
        page = read(source, Kind.FOLLOWINGS)
        assert page.accounts[0] == Account(
            account_id="102", username=f"ben@{server.host}", name="Ben", bio="dbt, Airflow and load profiles. <3 SQL",
            url=f"https://{server.host}/@ben", followers_count=102, following_count=4, post_count=12, discoverable=True,
            created_at=datetime(2022, 11, 5, tzinfo=UTC), last_post_at=datetime(2026, 1, 9),
        )  # fmt: skip
        assert page.extra["102"] == {"indexable": True, "bot": False, "locked": False}
        assert page.remaining == 288

    def test_accounts_of_other_servers_keep_their_host(self, source: Mastodon) -> None:
        assert [a.username for a in read(source, Kind.FOLLOWINGS).accounts][2] == "dev@far.example"

    @pytest.mark.parametrize(
        ("flags", "found"),
        [
            ({}, True),
            ({"discoverable": False}, False),
            ({"discoverable": None}, False),
            ({"discoverable": "yes"}, False),
            ({"suspended": True}, False),
            ({"limited": True}, False),
            ({"memorial": True}, False),
            ({"moved": {"id": "1"}}, False),
            ({"indexable": False}, True),
            ({"bot": True, "locked": True}, True),
        ],
    )
    def test_only_who_says_so_is_found(
        self, source: Mastodon, world: MadeFediverse, flags: dict[str, Any], found: bool
    ) -> None:
        world.accounts["102"] |= flags
        assert read(source, Kind.FOLLOWINGS).accounts[0].discoverable is found

    def test_hidden_followings_are_not_taken_for_none(self, source: Mastodon, world: MadeFediverse, tmp_path: Path) -> None:
        world.hidden.add("102")
        found = collect(source, tmp_path, progress=False)
        assert found.stopped is None
        assert ["follows others and does not show whom" in str(issue) for issue in found.issues].count(True) == 1
        data = tf.read_dataset(tmp_path)
        assert data.account("102").is_source is None
        assert data.account("103").is_source is True

    def test_what_a_server_knows_of_another_servers_account_is_not_the_whole_list(
        self, source: Mastodon, tmp_path: Path
    ) -> None:
        collect(source, tmp_path, progress=False)
        data = tf.read_dataset(tmp_path)
        assert Follow(source_id="104", target_id="101") in [
            Follow(source_id=f["source_id"], target_id=f["target_id"]) for f in data.follows.to_pylist()
        ]
        assert data.account("104").is_source is None

    def test_a_process_that_goes_on_learns_first_whose_list_it_is(self, source: Mastodon, world: MadeFediverse) -> None:
        world.hidden.add("102")
        for who, mark in (("101", "home+:"), ("102", "home+:"), ("104", "away+:"), ("108", "home:")):
            first = read(source, Kind.FOLLOWINGS, who, cursor=None)
            assert (first.accounts[0].account_id, first.items, first.next_cursor) == (who, 0, mark)
            source = Mastodon(str(source.handle), server=source.server)
            page = read(source, Kind.FOLLOWINGS, who, cursor=mark, limit=1)
            while page.next_cursor:
                source = Mastodon(str(source.handle), server=source.server)
                assert page.next_cursor.startswith(mark)
                page = read(source, Kind.FOLLOWINGS, who, cursor=page.next_cursor, limit=1)
            assert page.whole is (who in ("101", "108"))

    def test_through_another_server_its_own_accounts_are_not_taken_for_the_owner(
        self, server: Loopback, world: MadeFediverse
    ) -> None:
        world.accounts["101"]["acct"] = "mara@far.example"
        world.accounts["102"] |= {"acct": "mara", "indexable": False}  # the owner's name, but somebody else
        source = Mastodon("mara@far.example", server=server.url)
        for known in (False, True):
            if known:
                read(source, Kind.ME)
            assert read(source, Kind.ACCOUNTS, "102").accounts[0].username == f"mara@{server.host}"
            assert read(source, Kind.POSTS, "102").posts == ()
            assert len(read(source, Kind.POSTS, "101").posts) == 8

    @pytest.mark.parametrize(
        ("handle", "server", "domain"),
        [
            ("ana@grid.example", "https://grid.example", "grid.example"),
            ("ana@grid.example", "https://social.grid.example", "grid.example"),
            ("ana@grid.example", "https://notgrid.example", "notgrid.example"),
            ("ana@social.grid.example", "https://grid.example", "grid.example"),
        ],
    )
    def test_where_accounts_without_a_host_are_at_home(self, handle: str, server: str, domain: str) -> None:
        assert Mastodon(handle, server=server)._domain == domain

    def test_a_part_that_a_server_lacks_is_no_missing_account(self, signed_in: Mastodon, server: Loopback) -> None:
        for kind in (Kind.MENTIONS, Kind.LIKES, Kind.MUTES, Kind.BLOCKS, Kind.LIST_MEMBERS):
            server.faults[:] = ["404"]
            with pytest.raises(tf.Refused, match="has no "):
                read(signed_in, kind)

    def test_a_missing_account_is_missing(self, source: Mastodon) -> None:
        assert read(source, Kind.ACCOUNTS, "999").missing == {"999": "not found"}
        assert read(source, Kind.FOLLOWINGS, "999").missing == {"999": "not found"}
        assert read(source, Kind.POSTS, "999").missing == {"999": "not found"}


class TestPosts:
    def test_a_reply_with_mention_link_and_hashtag(self, source: Mastodon, server: Loopback) -> None:
        reply = next(post for post in read(source, Kind.POSTS).posts if post.post_id == "10107")
        assert reply.text == f"@ben@{server.host} see https://paper.example/load #dbt"
        assert (reply.reply_to_account_id, reply.mentions, reply.urls) == ("102", ("102",), ("https://paper.example/load",))
        assert (reply.like_count, reply.repost_count, reply.reply_count, reply.lang) == (3, 2, 1, "en")
        assert reply.created_at == datetime(2026, 1, 1, 7, tzinfo=UTC)

    def test_a_repost_has_the_text_and_a_quote_its_own(self, source: Mastodon) -> None:
        posts = {post.post_id: post for post in read(source, Kind.POSTS).posts}
        assert posts["10108"].text == "Rows 0 of the load profile, and a heat pump."
        assert (posts["10108"].repost_of_account_id, posts["10108"].like_count) == ("103", None)
        assert (posts["10109"].text, posts["10109"].quote_of_account_id) == ("This.", "102")

    def test_a_content_warning_is_part_of_the_text(self, source: Mastodon, world: MadeFediverse) -> None:
        world.statuses["101"][0] |= {"spoiler_text": "Long, about SQL"}
        assert read(source, Kind.POSTS).posts[-1].text.startswith("Long, about SQL\nRows 0")

    def test_posts_of_who_is_not_indexable_are_not_kept(self, source: Mastodon) -> None:
        page = read(source, Kind.POSTS, "106", limit=2)
        assert page.posts == ()
        assert page.next_cursor is None  # and no more of them are asked for
        assert [issue.why for issue in page.issues] == ["2 are of an account that has not agreed to being searched; left out"]

    @pytest.mark.parametrize("flag", [{"indexable": None}, {"noindex": True}])
    def test_silence_is_no_consent(self, source: Mastodon, world: MadeFediverse, flag: dict[str, Any]) -> None:
        world.accounts["102"] |= flag
        assert read(source, Kind.POSTS, "102").posts == ()

    def test_the_owners_posts_are_theirs_to_use(self, source: Mastodon, world: MadeFediverse) -> None:
        world.accounts["101"]["indexable"] = False
        assert len(read(source, Kind.POSTS).posts) == 8

    @pytest.mark.parametrize("visibility", ["unlisted", "private", "direct", None, "loud"])
    def test_only_public_posts_of_others(self, source: Mastodon, world: MadeFediverse, visibility: str) -> None:
        world.statuses["102"][2]["visibility"] = visibility
        page = read(source, Kind.POSTS, "102")
        assert len(page.posts) == 4
        assert [issue.why for issue in page.issues] == ["1 are not public; left out"]

    def test_reposts_of_who_is_not_indexable_are_left_out(self, source: Mastodon, world: MadeFediverse) -> None:
        world.statuses["102"].append(world.status("102", 20, "") | {"reblog": world.statuses["106"][0]})
        page = read(source, Kind.POSTS, "102")
        assert len(page.posts) == 5
        assert "repost somebody who has not agreed" in page.issues[0].why


class TestSignedIn:
    def test_mentions_in_private_are_nobodys_business(self, signed_in: Mastodon) -> None:
        page = read(signed_in, Kind.MENTIONS)
        assert [(post.account_id, post.text, post.reply_to_account_id) for post in page.posts] == [
            ("102", "which grid?", "101")
        ]
        assert [issue.why for issue in page.issues] == ["1 are private; left out"]

    def test_likes_mutes_blocks_and_lists(self, signed_in: Mastodon) -> None:
        likes = read(signed_in, Kind.LIKES).likes
        assert [(like.post_id, like.author_id, bool(like.text)) for like in likes] == [
            ("10200", "102", True),
            ("10600", "106", False),
        ]
        assert [follow.target_id for follow in read(signed_in, Kind.MUTES).mutes] == ["107"]
        assert [follow.target_id for follow in read(signed_in, Kind.BLOCKS).blocks] == ["106"]
        assert read(signed_in, Kind.LISTS).lists == ("9",)
        assert read(signed_in, Kind.LIST_MEMBERS, "9").members == ("104", "105")

    def test_a_token_of_somebody_else(self, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MASTODON_ACCESS_TOKEN", TOKEN)
        with pytest.raises(tf.NotAuthorized, match=f"is not of ben@{server.host}"):
            read(Mastodon(f"ben@{server.host}", server=server.url), Kind.ME)

    def test_a_wrong_token_is_refused_and_seen_nowhere(
        self, server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("MASTODON_ACCESS_TOKEN", "wrong-but-secret")
        source = Mastodon(f"mara@{server.host}", server=server.url)
        with caplog.at_level(logging.DEBUG), pytest.raises(tf.NotAuthorized, match="refuses the token") as caught:
            collect(source, tmp_path / "people", progress=False)
        told = [str(caught.value), repr(caught.value), repr(source), caplog.text, str(vars(source))]
        told += [file.read_bytes().decode("latin-1") for file in (tmp_path / "people").rglob("*") if file.is_file()]
        assert server.asked[-1].headers["Authorization"] == "Bearer wrong-but-secret"
        assert not any("wrong-but-secret" in text for text in told)

    def test_without_a_login_no_token_is_sent_and_nothing_private_asked(self, source: Mastodon, server: Loopback) -> None:
        with pytest.raises(tf.Refused, match="set MASTODON_ACCESS_TOKEN"):
            read(source, Kind.MUTES)
        read(source, Kind.ME)
        assert [asked.path for asked in server.asked] == ["/api/v1/accounts/lookup"]
        assert "Authorization" not in server.asked[0].headers


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "until"),
        [
            ("429", 4070908800.0),
            ("429 seconds", 4070908800.0),
            ("429 past", 1577836800.0),
            ("429 odd", None),
            ("429 bare", None),
        ],
    )
    def test_rate_limits(self, source: Mastodon, server: Loopback, fault: str, until: float | None) -> None:
        server.faults.append(fault)
        with pytest.raises(tf.RateLimited) as caught:
            read(source, Kind.FOLLOWINGS)
        assert caught.value.until == until

    def test_a_rate_limit_in_seconds_from_now(self, source: Mastodon, server: Loopback) -> None:
        server.faults.append("429 after")
        with pytest.raises(tf.RateLimited) as caught:
            read(source, Kind.FOLLOWINGS)
        assert caught.value.until is not None
        assert caught.value.until > datetime.now(UTC).timestamp()

    @pytest.mark.parametrize(
        "fault",
        ["500", "502", "503", "html503", "html", "broken json", "json of another kind", "not utf-8", "nested", "empty", "dropped",
         "half", "slow", "endless"],
    )  # fmt: skip
    def test_whatever_comes_is_an_error_of_ours(self, source: Mastodon, server: Loopback, fault: str) -> None:
        for kind in (Kind.ME, Kind.FOLLOWINGS, Kind.POSTS):
            server.faults[:] = [fault]
            with pytest.raises(tf.Unavailable, match=r"^mastodon: ") as caught:
                read(source, kind)
            assert "Bearer" not in str(caught.value)
            assert "\n" not in str(caught.value)
        assert read(source, Kind.FOLLOWINGS).items == 3  # and the next request works

    @pytest.mark.parametrize("fault", ["401", "403"])
    def test_what_is_not_shown_to_strangers_is_refused(self, source: Mastodon, server: Loopback, fault: str) -> None:
        server.faults.append(fault)
        with pytest.raises(tf.Refused, match="does not show this to strangers"):
            read(source, Kind.FOLLOWERS)

    def test_an_unknown_handle_is_one_clear_line(self, server: Loopback, tmp_path: Path) -> None:
        source = Mastodon(f"nobody@{server.host}", server=server.url)
        with pytest.raises(tf.SourceError, match="knows no account 'nobody@127") as caught:
            collect(source, tmp_path / "people", progress=False)
        assert "\n" not in str(caught.value)

    def test_a_server_that_is_not_there(self, tmp_path: Path) -> None:
        with Loopback(lambda asked: Answer()) as gone:
            url, host = gone.url, gone.host
        with pytest.raises(tf.Unavailable, match="no answer from http://127"):
            read(Mastodon(f"mara@{host}", server=url), Kind.ME)

    def test_good_answers_with_odd_headers(self, source: Mastodon, server: Loopback, world: MadeFediverse) -> None:
        answer = world.answer

        def odd(asked: Any) -> Answer:
            made = answer(asked)
            made.headers |= {"X-RateLimit-Reset": "soon", "X-RateLimit-Remaining": "many", "Deprecation": "@1700000000"}
            return made

        server.answer = odd
        page = read(source, Kind.FOLLOWINGS)
        assert (page.items, page.remaining) == (3, None)

    @pytest.mark.parametrize(
        "junk",
        [None, 7, "x", [], {}, {"id": None}, {"id": {"a": 1}}, {"id": "a/../b"}, {"id": "1\n2"}, {"id": True}],
    )
    def test_items_that_are_none_are_counted(self, source: Mastodon, server: Loopback, world: MadeFediverse, junk: Any) -> None:
        answer = world.answer
        server.answer = lambda asked: Answer([junk, *answer(asked).body])
        page = read(source, Kind.FOLLOWINGS)
        assert (len(page.accounts), page.items) == (3, 4)
        assert [issue.why for issue in page.issues] == ["1 of 4 items cannot be read; left out"]

    def test_values_of_the_wrong_type_are_listed_by_collect(
        self, source: Mastodon, world: MadeFediverse, tmp_path: Path
    ) -> None:
        world.accounts["102"] |= {
            "followers_count": -1, "statuses_count": "many", "created_at": "once", "note": ["<p>"], "display_name": {"a": 1},
            "acct": "ben\ud800@x", "moved": False,
        }  # fmt: skip
        world.statuses["101"][0] |= {"content": None, "mentions": "all", "card": [], "spoiler_text": 7, "language": 5}
        found = collect(source, tmp_path, progress=False)
        assert found.stopped is None
        told = " ".join(str(issue) for issue in found.issues)
        assert "not a time: 'once'" in told
        assert "many" in told
        assert len(tf.read_dataset(tmp_path)) == 8

    def test_pages_named_in_another_way_end_the_list_with_a_word(
        self, source: Mastodon, server: Loopback, world: MadeFediverse
    ) -> None:
        answer = world.answer
        server.answer = lambda asked: Answer(answer(asked).body, headers={"Link": '<http://x.example/?page=2>; rel="next"'})
        page = read(source, Kind.FOLLOWINGS)
        assert (page.next_cursor, page.whole) == (None, False)
        assert "names its next page in a way" in page.issues[0].why

    def test_a_link_to_another_host_takes_no_token_there(
        self, signed_in: Mastodon, server: Loopback, world: MadeFediverse
    ) -> None:
        answer = world.answer
        with Loopback(lambda asked: Answer([])) as other:
            link = {"Link": f'<{other.url}/api/v1/steal?max_id=7001>; rel="next"'}
            server.answer = lambda asked: Answer(answer(asked).body, headers=link)
            cursor = read(signed_in, Kind.FOLLOWINGS).next_cursor
            read(signed_in, Kind.FOLLOWINGS, cursor=cursor)
            assert cursor == "home+:7001"
            assert not other.asked

    def test_a_redirect_to_another_host_takes_no_token_there(
        self, signed_in: Mastodon, server: Loopback, world: MadeFediverse
    ) -> None:
        with Loopback(lambda asked: Answer([])) as other:
            elsewhere = other.url.replace("127.0.0.1", "localhost")
            server.answer = lambda asked: Answer({}, 302, {"Location": f"{elsewhere}/api"})
            read(signed_in, Kind.FOLLOWINGS)
            assert other.asked
            assert "Authorization" not in other.asked[0].headers


class TestHandles:
    @pytest.mark.parametrize(
        "text",
        ["ana@grid.example", "@ana@grid.example", " @Ana@Grid.example\u200b", "acct:ana@grid.example", "https://grid.example/@ana",
         "https://grid.example/users/ana/", "https://other.example/@ana@grid.example"],
    )  # fmt: skip
    def test_what_people_paste(self, text: str) -> None:
        assert Mastodon(text).handle == "ana@grid.example"

    @pytest.mark.parametrize("text", ["ana", "@ana", "", "ana@", "@grid.example", "a b@c d/e", "ana@grid.example/x", "ana@@x"])
    def test_what_cannot_be_one(self, text: str) -> None:
        with pytest.raises(tf.InvalidRequest, match="has the server in it"):
            Mastodon(text)

    @pytest.mark.parametrize("server", ["grid.example", "https://", "https://user:pass@grid.example", "ftp://grid.example"])
    def test_what_is_no_server(self, server: str) -> None:
        with pytest.raises(tf.InvalidRequest, match="a server's address looks like"):
            Mastodon("ana@grid.example", server=server)

    def test_the_ids_belong_to_the_server(self) -> None:
        assert Mastodon("ana@grid.example").platform == "mastodon:grid.example"
        assert Mastodon("ana@grid.example", server="https://Social.example/").platform == "mastodon:social.example"

    def test_a_host_without_an_answer_is_taken_for_the_server(self) -> None:
        assert find_server("ana@grid.invalid", timeout=2) == "https://grid.invalid"

    @pytest.mark.parametrize(
        ("document", "server"),
        [
            ({"links": [{"rel": "self", "href": "https://social.grid.example/users/ana"}]}, "https://social.grid.example"),
            (
                {"links": [{"rel": "x"}, 7, {"rel": "self", "href": "https://Social.grid.example/ap"}]},
                "https://social.grid.example",
            ),
            ({"links": [{"rel": "self", "href": "http://social.grid.example/users/ana"}]}, "https://grid.example"),
            ({"links": [{"rel": "self", "href": "https://10.0.0.1/users/ana"}]}, "https://grid.example"),
            ({"links": [{"rel": "self", "href": "https://localhost/users/ana"}]}, "https://grid.example"),
            ({"links": [{"rel": "self", "href": "https://a@b.example/users/ana"}]}, "https://grid.example"),
            ({"links": [{"rel": "self", "href": None}]}, "https://grid.example"),
            ({"links": "all"}, "https://grid.example"),
            ([], "https://grid.example"),
        ],
    )
    def test_handles_on_another_host_than_their_server(
        self, monkeypatch: pytest.MonkeyPatch, document: Any, server: str
    ) -> None:
        asked: list[Asked] = []

        def answer(request: Asked) -> Answer:
            asked.append(request)
            return Answer(document)

        with Loopback(answer) as web:
            real = requests.get

            def get(url: str, *args: Any, **more: Any) -> Any:  # the name leads to the loopback interface
                return real(url.replace("https://grid.example", web.url), *args, **more)

            monkeypatch.setattr(requests, "get", get)
            assert find_server("ana@grid.example") == server
        assert [(request.path, request.one("resource")) for request in asked] == [
            ("/.well-known/webfinger", "acct:ana@grid.example")
        ]

    def test_a_server_on_the_loopback_interface_speaks_plainly(self) -> None:
        assert find_server("ana@localhost:8080") == "http://localhost:8080"
        assert find_server("ana@127.0.0.1:8080") == "http://127.0.0.1:8080"


class TestExtra:
    @pytest.mark.parametrize("module", ["mastodon", "selectolax"])
    def test_what_is_not_installed_is_said_with_its_line(self, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(tf.MissingExtra, match=r"pip install 'tweetfocus\[mastodon\]'"):
            Mastodon("ana@grid.example")

    def test_a_token_that_cannot_be_one_is_not_sent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MASTODON_ACCESS_TOKEN", "secret\nX-Injected: 1")
        with pytest.raises(tf.NotAuthorized, match="copy it again") as caught:
            Mastodon("ana@grid.example")
        assert "secret" not in str(caught.value)
