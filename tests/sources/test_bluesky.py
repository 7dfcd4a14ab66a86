"""The Bluesky source, through the atproto SDK, on an invented network; faults and hostile answers included."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import tweetfocus as tf
from tweetfocus.data.records import Account, Post
from tweetfocus.sources.bluesky import Bluesky
from tweetfocus.sources.bluesky_records import moderation_of, signed_in_only
from tweetfocus.sources.bluesky_transport import Homes
from tweetfocus.sources.collect import collect
from tweetfocus.sources.source import Kind, Page, Request

from .loopback import Answer, Asked, Loopback
from .made_bluesky import ACCESS, PASSWORD, REFRESH, MadeBluesky, did, serve
from .source_contract import SourceContract

MARA = did("mara")


@pytest.fixture(autouse=True)
def _no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BLUESKY_APP_PASSWORD", raising=False)
    monkeypatch.delenv("TWEETFOCUS_BLUESKY_APP_PASSWORD", raising=False)


@pytest.fixture
def world() -> MadeBluesky:
    return MadeBluesky()


@pytest.fixture
def server(world: MadeBluesky) -> Iterator[Loopback]:
    with serve(world) as loopback:
        yield loopback


@pytest.fixture
def source(server: Loopback) -> Bluesky:
    return Bluesky("mara.example.social", server=server.url, timeout=0.5)


@pytest.fixture
def signed_in(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Bluesky:
    monkeypatch.setenv("BLUESKY_APP_PASSWORD", PASSWORD)
    return Bluesky("mara.example.social", sign_in=server.url, timeout=0.5)


def read(source: Bluesky, kind: Kind, *who: str, **more: Any) -> Page:
    return source.read(Request(kind=kind, account_ids=who or (() if kind is Kind.ME else (MARA,)), **more))


def label(value: str, src: str = "did:plc:moderation", **more: Any) -> dict[str, Any]:
    return {"src": src, "uri": "did:plc:x", "val": value, "cts": "2026-01-01T00:00:00Z", **more}


def own_wish(who: str) -> list[dict[str, Any]]:
    return [label("!no-unauthenticated", src=who)]


class TestContract(SourceContract):
    secrets = (PASSWORD, ACCESS, REFRESH)

    @pytest.fixture(params=["without login", "with login", "with empty pages between"])
    def source(
        self, request: pytest.FixtureRequest, server: Loopback, world: MadeBluesky, monkeypatch: pytest.MonkeyPatch
    ) -> Bluesky:
        if request.param == "with login":
            monkeypatch.setenv("BLUESKY_APP_PASSWORD", PASSWORD)
        world.pages_between = 2 if "empty" in request.param else 0
        return Bluesky("mara.example.social", server=server.url, sign_in=server.url)


class TestAccounts:
    def test_an_account_is_read_whole(self, source: Bluesky) -> None:
        page = read(source, Kind.ACCOUNTS, did("ben"))
        assert page.accounts == (
            Account(
                account_id=did("ben"), username="ben.example.social", name="Ben", bio="dbt, Airflow and load profiles.",
                url="https://ben.example", followers_count=11, following_count=3, post_count=5,
                created_at=datetime(2023, 5, 1, 10, tzinfo=UTC),
            ),
        )  # fmt: skip

    def test_profiles_come_in_batches_and_the_silently_missing_are_noticed(self, source: Bluesky, server: Loopback) -> None:
        gone = [did(f"gone{number:02}") for number in range(22)]
        page = read(source, Kind.ACCOUNTS, did("ben"), "not-a-did", *gone, did("eva"))
        assert [account.username for account in page.accounts] == ["ben.example.social", "eva.example.social"]
        assert dict(page.missing) == {"not-a-did": "not an id of Bluesky"} | dict.fromkeys(
            gone, "not found, deactivated or taken down"
        )
        assert len(server.asked) == 1
        assert len(server.asked[0].query["actors"]) == 24

    def test_ids_of_another_kind_are_not_asked_for(self, source: Bluesky, server: Loopback) -> None:
        assert set(read(source, Kind.ACCOUNTS, "a", "b").missing) == {"a", "b"}
        assert not server.asked

    def test_a_handle_that_leads_nowhere_is_no_name(self, source: Bluesky, world: MadeBluesky) -> None:
        world.profiles[did("ben")]["handle"] = "handle.invalid"
        assert read(source, Kind.ACCOUNTS, did("ben")).accounts[0].username is None

    def test_follow_lists_bring_bios(self, source: Bluesky) -> None:
        page = read(source, Kind.FOLLOWINGS)
        assert [account.bio for account in page.accounts][2] == "Substations, SCADA, historians."
        assert [(follow.source_id, follow.target_id) for follow in page.follows] == [
            (MARA, did(name)) for name in ("ben", "camille", "dev")
        ]
        assert page.remaining == 2977

    @pytest.mark.parametrize("kind", [Kind.FOLLOWINGS, Kind.FOLLOWERS])
    def test_lists_of_who_is_gone(self, source: Bluesky, kind: Kind) -> None:
        assert read(source, kind, did("ira")).missing == {did("ira"): "not found"}

    def test_a_feed_of_who_is_gone(self, source: Bluesky) -> None:
        assert read(source, Kind.POSTS, did("ira"), cursor="feed").missing == {did("ira"): "not found"}

    def test_a_list_that_is_gone_is_no_missing_account(self, source: Bluesky, server: Loopback) -> None:
        server.answer = lambda asked: Answer({"error": "InvalidRequest", "message": "List not found"}, 400)
        for kind in (Kind.LISTS, Kind.LIST_MEMBERS):
            with pytest.raises(tf.Refused, match="there is no list"):
                read(source, kind, "at://did:plc:x/app.bsky.graph.list/3k")

    def test_lists_for_muting_are_no_interests(self, source: Bluesky) -> None:
        (curated,) = read(source, Kind.LISTS).lists
        assert read(source, Kind.LIST_MEMBERS, curated).members == (did("eva"), did("femi"))


class TestPosts:
    def test_a_feed(self, source: Bluesky) -> None:
        page = read(source, Kind.POSTS, cursor="feed")
        posts = {str(post.post_id).rpartition("/")[2]: post for post in page.posts}
        assert posts["3k7"] == Post(
            account_id=MARA, post_id=f"at://{MARA}/app.bsky.feed.post/3k7", text="@ben.example.social see paper.example/load...",
            created_at=datetime(2026, 1, 1, 7, tzinfo=UTC), lang="en", reply_to_account_id=did("ben"), mentions=(did("ben"),),
            urls=("https://paper.example/load/2026",), like_count=3, repost_count=2, reply_count=1,
        )  # fmt: skip
        assert posts["3k8"].quote_of_account_id == did("camille")
        assert posts["3k9"].urls == ("https://news.example/",)
        repost = posts["3r"]
        assert (repost.account_id, repost.repost_of_account_id, repost.text) == (
            MARA,
            did("dev"),
            "Rows 2 of the load profile.",
        )
        assert (repost.created_at, repost.like_count) == (datetime(2026, 1, 1, tzinfo=UTC), None)

    def test_posts_of_others_in_a_feed_are_left_out_and_counted(self, source: Bluesky, world: MadeBluesky) -> None:
        world.posts[MARA].append(world.posts[did("eva")][0])
        page = read(source, Kind.POSTS, cursor="feed")
        assert {post.account_id for post in page.posts} == {MARA}
        assert [issue.why for issue in page.issues] == ["1 posts are not this account's; left out"]


class TestConsent:
    def test_who_is_for_signed_in_people_only_is_opted_out_and_not_described(self, source: Bluesky, world: MadeBluesky) -> None:
        world.profiles[did("ben")]["labels"] = own_wish(did("ben"))
        hidden = read(source, Kind.ACCOUNTS, did("ben")).accounts
        assert hidden == (Account(account_id=did("ben"), username="ben.example.social", discoverable=False),)
        assert read(source, Kind.FOLLOWINGS).accounts[0] == hidden[0]

    def test_their_posts_and_what_others_repost_of_them_are_not_kept(self, source: Bluesky, world: MadeBluesky) -> None:
        world.profiles[did("dev")]["labels"][:] = own_wish(did("dev"))
        page = read(source, Kind.POSTS, did("dev"), cursor="feed")
        assert page.posts == ()
        assert [issue.why for issue in page.issues] == ["5 posts are for signed-in people only; left out"]
        assert not [post for post in read(source, Kind.POSTS, cursor="feed").posts if post.repost_of_account_id]

    def test_with_a_login_they_are_read_and_still_not_suggested(self, signed_in: Bluesky, world: MadeBluesky) -> None:
        world.profiles[did("ben")]["labels"] = own_wish(did("ben"))
        account = read(signed_in, Kind.ACCOUNTS, did("ben")).accounts[0]
        assert (account.bio, account.discoverable) == ("dbt, Airflow and load profiles.", False)

    def test_an_owner_who_is_for_signed_in_people_only_is_told_so(self, source: Bluesky, world: MadeBluesky) -> None:
        world.profiles[MARA]["labels"] = own_wish(MARA)
        page = read(source, Kind.ME)
        assert (page.accounts[0].bio, page.accounts[0].discoverable) == (None, False)
        assert "BLUESKY_APP_PASSWORD" in page.issues[0].why

    def test_who_declares_not_to_be_recommended_is_opted_out_and_not_read(
        self, source: Bluesky, server: Loopback, world: MadeBluesky
    ) -> None:
        world.declared[did("eva")] = {"hideFromAlgorithmicRecommendations": True}
        read(source, Kind.ME)
        page = read(source, Kind.POSTS, did("eva"))
        assert page.accounts == (Account(account_id=did("eva"), discoverable=False),)
        assert page.next_cursor is None
        assert not [asked for asked in server.asked if "getAuthorFeed" in asked.path]

    def test_the_owner_who_declares_it_has_their_own_posts_read(self, source: Bluesky, world: MadeBluesky) -> None:
        world.declared[MARA] = {"hideFromAlgorithmicRecommendations": True}
        page = read(source, Kind.POSTS)  # as after a break: who the owner is has not been read by this process
        page = read(source, Kind.POSTS, cursor=page.next_cursor)
        assert len(read(source, Kind.POSTS, cursor=page.next_cursor).posts) == 9
        stranger = read(source, Kind.POSTS, did("eva"), cursor="who")
        assert stranger.next_cursor is None

    @pytest.mark.parametrize("declared", [None, {}, {"hideFromAlgorithmicRecommendations": False}, {"hideFrom": True}])
    def test_everybody_else_is_read(self, source: Bluesky, world: MadeBluesky, declared: Any) -> None:
        world.declared[did("eva")] = declared
        page = read(source, Kind.POSTS, did("eva"))
        assert (page.accounts, page.next_cursor) == ((), "feed")

    @pytest.mark.parametrize("value", ["!hide", "!takedown", "!suspend"])
    def test_who_is_taken_out_by_moderators_is_not_suggested(self, source: Bluesky, world: MadeBluesky, value: str) -> None:
        world.profiles[did("ben")]["labels"] = [label(value)]
        assert read(source, Kind.ACCOUNTS, did("ben")).accounts[0].discoverable is False

    @pytest.mark.parametrize(
        ("labels", "said"),
        [
            ([label("spam")], "spam"),
            ([label("spam"), label("bot")], "bot, spam"),
            ([label("spam", src="did:me")], None),  # nobody calls himself a spammer
            ([label("bot", src="did:me")], "bot"),
            ([label("spam", exp="2020-01-01T00:00:00Z")], None),
            ([label("spam", exp="2099-01-01T00:00:00Z")], "spam"),
            ([label("spam"), label("spam", cts="2026-02-01T00:00:00Z", neg=True)], None),
            ([label("spam", cts="2026-03-01T00:00:00Z"), label("spam", cts="2026-02-01T00:00:00Z", neg=True)], "spam"),
            ([label("sexual"), label("intolerant"), label("needs-review")], None),  # about content: nobody's business
            (["spam", None, {"val": 7}, {"val": ["spam"]}], None),
            ("spam", None),
        ],
    )
    def test_moderation_is_evidence(self, labels: Any, said: str | None) -> None:
        assert moderation_of({"did": "did:me", "labels": labels}) == said

    def test_only_oneself_can_ask_for_signed_in_people_and_take_it_back(self) -> None:
        wish = label("!no-unauthenticated", src="did:me")
        assert signed_in_only({"did": "did:me", "labels": [wish]})
        assert not signed_in_only({"did": "did:me", "labels": [wish, wish | {"neg": True, "cts": "2027-01-01T00:00:00Z"}]})

    def test_moderation_becomes_a_column(self, source: Bluesky, world: MadeBluesky, tmp_path: Path) -> None:
        world.profiles[did("femi")]["labels"][:] = [label("spam")]
        collect(source, tmp_path, progress=False)
        data = tf.read_dataset(tmp_path)
        assert data.accounts["moderation"].to_pylist()[data.row("@femi.example.social")] == "spam"


class TestHomes:
    """Wishes are kept on the account's own server, which the directory of accounts names."""

    @pytest.fixture
    def homes(self, world: MadeBluesky) -> Iterator[Loopback]:
        """The directory, and everybody's own server."""

        def answer(asked: Asked) -> Answer:
            if asked.path.startswith("/xrpc/"):
                return world.answer(asked)
            who = asked.path.removeprefix("/")
            if who not in world.profiles:
                return Answer({"message": "DID not registered"}, 404)
            home = self.moved.get(who, loopback.url)
            return Answer({"id": who, "service": [{"id": "#atproto_pds", "serviceEndpoint": home}, {"id": "#x"}]})

        self.moved: dict[str, Any] = {}
        with Loopback(answer) as loopback:
            yield loopback

    @pytest.fixture
    def source(self, server: Loopback, homes: Loopback) -> Bluesky:
        return Bluesky("mara.example.social", server=server.url, directory=homes.url, timeout=0.5)

    def steps(self, source: Bluesky, who: str) -> list[Page]:
        pages = [read(source, Kind.POSTS, who)]
        while pages[-1].next_cursor is not None and len(pages) < 9:
            pages.append(read(source, Kind.POSTS, who, cursor=pages[-1].next_cursor))
        return pages

    def test_one_request_a_step(self, source: Bluesky, server: Loopback, homes: Loopback) -> None:
        home, wish, feed = self.steps(source, did("eva"))
        assert (home.next_cursor, wish.next_cursor, len(feed.posts)) == (f"wish:{homes.url}", "feed", 5)
        assert [asked.path for asked in homes.asked] == [f"/{did('eva')}", "/xrpc/com.atproto.repo.getRecord"]
        assert [asked.path for asked in server.asked] == ["/xrpc/app.bsky.feed.getAuthorFeed"]

    def test_who_declares_not_to_be_recommended_is_not_read(
        self, source: Bluesky, server: Loopback, world: MadeBluesky
    ) -> None:
        world.declared[did("eva")] = {"hideFromAlgorithmicRecommendations": True}
        _, wish, _ = self.steps(source, did("eva"))
        assert wish.accounts == (Account(account_id=did("eva"), discoverable=False),)
        assert not [asked for asked in server.asked if "getAuthorFeed" in asked.path]
        world.declared[MARA] = {"hideFromAlgorithmicRecommendations": True}
        assert len(self.steps(source, MARA)[-1].posts) == 9  # the owner's own

    @pytest.mark.parametrize("fault", ["500", "dropped", "html", "broken json", "429 bare"])
    def test_who_cannot_be_asked_is_read_and_named(self, source: Bluesky, homes: Loopback, fault: str) -> None:
        for faults in ([fault], ["", fault]):
            homes.faults[:] = faults
            homes.limit_headers = lambda name: {}
            pages = self.steps(source, did("eva"))
            assert len(pages[-1].posts) == 5
            assert [issue.why for page in pages for issue in page.issues] == [
                "whether the account wants to be recommended cannot be learned now; its posts are read"
            ]

    def test_a_directory_that_stays_silent_is_not_asked_for_ever(self, source: Bluesky, homes: Loopback) -> None:
        homes.faults[:] = ["500", "500", "", "500", "dropped", "500"]
        for name in ("eva", "ben", "dev", "gil", "femi", "hana", "camille", "eva"):
            read(source, Kind.POSTS, did(name))
        assert len(homes.asked) == 6

    @pytest.mark.parametrize(
        "home",
        ["ftp://a.example", "http://a.example", "https://10.0.0.1", "https://localhost", "https://a@b.example", "https://a.example/x",
         "file:///etc", None, 7, ["https://a.example"]],
    )  # fmt: skip
    def test_addresses_of_strangers_are_not_trusted(self, source: Bluesky, homes: Loopback, home: Any) -> None:
        self.moved[did("eva")] = home
        assert read(source, Kind.POSTS, did("eva")).next_cursor == "feed"
        assert len(homes.asked) == 1

    def test_with_the_public_directory_nobody_names_the_loopback(self) -> None:
        homes = Homes("https://plc.directory", timeout=1)
        assert homes.home_of("did:web:localhost") is None
        assert homes.home_of("did:web:10.0.0.1") is None

    def test_no_login_goes_there(self, server: Loopback, homes: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BLUESKY_APP_PASSWORD", PASSWORD)
        source = Bluesky("mara.example.social", sign_in=server.url, directory=homes.url)
        assert len(self.steps(source, did("eva"))[-1].posts) == 5
        assert homes.asked
        assert not [asked for asked in homes.asked if "Authorization" in asked.headers]

    def test_bluesky_itself_has_a_directory_and_a_network_of_ones_own_has_none(self, server: Loopback) -> None:
        assert Bluesky("mara.example.social").directory == "https://plc.directory"
        assert Bluesky("mara.example.social", server=server.url).directory is None


class TestSignedIn:
    def test_what_only_the_owner_may_read(self, signed_in: Bluesky) -> None:
        mentions = read(signed_in, Kind.MENTIONS)
        assert [(post.account_id, post.text) for post in mentions.posts] == [(did("ben"), "@mara.example.social which grid?")]
        assert [account.username for account in mentions.accounts] == ["ben.example.social"]
        assert [(like.author_id, like.text) for like in read(signed_in, Kind.LIKES).likes] == [
            (did("ben"), "Rows 0 of the load profile."),
            (did("ben"), "Rows 1 of the load profile."),
        ]
        assert [follow.target_id for follow in read(signed_in, Kind.MUTES).mutes] == [did("gil")]
        assert [follow.target_id for follow in read(signed_in, Kind.BLOCKS).blocks] == [did("hana")]

    def test_one_login_a_process(self, signed_in: Bluesky, server: Loopback) -> None:
        read(signed_in, Kind.ME)
        read(signed_in, Kind.FOLLOWINGS)
        assert [asked.path.rpartition(".")[2] for asked in server.asked] == ["createSession", "getProfile", "getFollows"]

    def test_a_wrong_password_is_refused_and_seen_nowhere(
        self, server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("BLUESKY_APP_PASSWORD", "wrong-but-secret")
        source = Bluesky("mara.example.social", sign_in=server.url)
        with caplog.at_level(logging.DEBUG), pytest.raises(tf.NotAuthorized, match="refuses the login") as caught:
            collect(source, tmp_path / "people", progress=False)
        assert b"wrong-but-secret" in server.asked[0].body
        self.never_seen(["wrong-but-secret"], source, caught.value, caplog, tmp_path)

    def test_no_token_is_seen_in_a_whole_collection(
        self, signed_in: Bluesky, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            found = collect(signed_in, tmp_path / "people")
        assert found.stopped is None
        self.never_seen([PASSWORD, ACCESS, REFRESH], signed_in, found, caplog, tmp_path, *capfd.readouterr())

    def never_seen(self, secrets: list[str], source: Bluesky, value: object, caplog: Any, folder: Path, *said: str) -> None:
        told = [str(value), repr(value), repr(source), str(vars(source)), caplog.text, *said]
        told += [file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file()]
        assert len(told) > 5
        assert not [secret for secret in secrets if any(secret in text for text in told)]

    def test_without_a_login_nothing_private_is_asked(self, source: Bluesky, server: Loopback) -> None:
        for kind in (Kind.MENTIONS, Kind.LIKES, Kind.MUTES, Kind.BLOCKS):
            with pytest.raises(tf.Refused, match="set BLUESKY_APP_PASSWORD"):
                read(source, kind)
        assert not server.asked

    def test_labelers_are_named_to_the_server(self, server: Loopback) -> None:
        read(Bluesky("mara.example.social", server=server.url, labelers=("did:plc:one", "did:plc:two")), Kind.ME)
        assert server.asked[0].headers["atproto-accept-labelers"] == "did:plc:one, did:plc:two"

    def test_a_redirect_to_another_host_takes_no_token_there(self, signed_in: Bluesky, server: Loopback) -> None:
        read(signed_in, Kind.ME)
        with Loopback(lambda asked: Answer({"follows": []})) as other:
            elsewhere = other.url.replace("127.0.0.1", "localhost")
            server.answer = lambda asked: Answer({}, 302, {"Location": f"{elsewhere}/xrpc"})
            read(signed_in, Kind.FOLLOWINGS)
            assert other.asked
            assert "Authorization" not in other.asked[0].headers


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "until"), [("429", 4070908800.0), ("429 past", 1577836800.0), ("429 odd", None), ("429 bare", None)]
    )
    def test_rate_limits(self, source: Bluesky, server: Loopback, fault: str, until: float | None) -> None:
        server.faults.append(fault)
        with pytest.raises(tf.RateLimited) as caught:
            read(source, Kind.FOLLOWINGS)
        assert caught.value.until == until

    def test_a_rate_limit_in_seconds_from_now(self, source: Bluesky, server: Loopback) -> None:
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
    def test_whatever_comes_is_an_error_of_ours(self, source: Bluesky, server: Loopback, fault: str) -> None:
        for kind in (Kind.ME, Kind.FOLLOWINGS, Kind.POSTS):
            server.faults[:] = [fault]
            with pytest.raises(tf.Unavailable, match=r"^bluesky: ") as caught:
                read(source, kind)
            assert "Bearer" not in str(caught.value)
            assert "\n" not in str(caught.value)
        assert read(source, Kind.FOLLOWINGS).items == 3  # and the next request works

    @pytest.mark.parametrize("fault", ["broken json", "503", "dropped"])
    def test_a_login_that_fails_can_be_tried_again(self, signed_in: Bluesky, server: Loopback, fault: str) -> None:
        server.faults.append(fault)
        with pytest.raises(tf.Unavailable):
            read(signed_in, Kind.ME)
        assert read(signed_in, Kind.ME).accounts[0].name == "Mara"

    @pytest.mark.parametrize("fault", ["401", "403", "404", "501"])
    def test_one_thing_that_is_not_open_is_refused(self, source: Bluesky, server: Loopback, fault: str) -> None:
        server.faults.append(fault)
        with pytest.raises(tf.Refused, match=r"^bluesky: "):
            read(source, Kind.FOLLOWERS)

    def test_an_unknown_handle_is_one_clear_line(self, server: Loopback, tmp_path: Path) -> None:
        source = Bluesky("nobody.example.social", server=server.url)
        with pytest.raises(tf.SourceError, match=r"there is no account 'nobody\.example\.social'") as caught:
            collect(source, tmp_path / "people", progress=False)
        assert "\n" not in str(caught.value)

    def test_a_place_that_is_no_longer_known(self, source: Bluesky, server: Loopback) -> None:
        server.answer = lambda asked: Answer({"error": "InvalidRequest", "message": "Malformed cursor"}, 400)
        with pytest.raises(tf.StaleCursor):
            read(source, Kind.FOLLOWINGS, cursor="old")

    def test_a_cursor_that_stays_where_it_is_ends_the_list(self, source: Bluesky, server: Loopback) -> None:
        server.answer = lambda asked: Answer({"follows": [], "cursor": "same"})
        assert read(source, Kind.FOLLOWINGS).next_cursor == "same"
        assert read(source, Kind.FOLLOWINGS, cursor="same").next_cursor is None
        server.answer = lambda asked: Answer({"feed": [], "cursor": "same"})
        assert read(source, Kind.POSTS, cursor="feed:same").next_cursor is None

    @pytest.mark.parametrize("junk", [None, 7, "x", [], {}, {"did": None}, {"did": 7}, {"did": "did:plc:a\nb"}, {"did": "ben"}])
    def test_items_that_are_none_are_counted(self, source: Bluesky, server: Loopback, world: MadeBluesky, junk: Any) -> None:
        def answer(asked: Asked) -> Answer:
            made = world.answer(asked)
            made.body["follows"].insert(0, junk)
            return made

        server.answer = answer
        page = read(source, Kind.FOLLOWINGS)
        assert (len(page.accounts), page.items) == (3, 4)
        assert [issue.why for issue in page.issues] == ["1 of 4 items cannot be read; left out"]

    @pytest.mark.parametrize("body", [{}, {"follows": None}, {"follows": {"a": 1}}, [], "x", None])
    def test_an_answer_without_its_list_is_tried_again(self, source: Bluesky, server: Loopback, body: Any) -> None:
        server.answer = lambda asked: Answer(body)
        with pytest.raises(tf.Unavailable):
            read(source, Kind.FOLLOWINGS)

    def test_values_of_the_wrong_type_are_listed_by_collect(self, source: Bluesky, world: MadeBluesky, tmp_path: Path) -> None:
        world.profiles[did("ben")] |= {"displayName": {"a": 1}, "createdAt": "once", "handle": ["x"], "description": 7}
        record = {"text": None, "facets": "all", "embed": [], "reply": 7, "langs": {}, "createdAt": -1}
        world.posts[MARA][0]["record"] = record
        world.posts[MARA][1] |= {"record": None, "likeCount": "many"}
        world.posts[MARA][2]["uri"] = {"at": "x"}
        found = collect(source, tmp_path, progress=False)
        assert found.stopped is None
        told = " ".join(str(issue) for issue in found.issues)
        assert "not a time: 'once'" in told
        assert "many" in told
        assert len(tf.read_dataset(tmp_path)) == 8


class TestExtra:
    def test_what_is_not_installed_is_said_with_its_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "atproto_client", None)
        with pytest.raises(tf.MissingExtra, match=r"pip install 'tweetfocus\[bluesky\]'"):
            Bluesky("ana.example.social")


class TestHandles:
    @pytest.mark.parametrize(
        "text",
        ["ana.example.social", "@ana.example.social", " Ana.Example.Social\n", "\u202a@ana.example.social\u202c",
         "https://bsky.app/profile/ana.example.social", "at://ana.example.social"],
    )  # fmt: skip
    def test_what_people_paste(self, text: str) -> None:
        assert Bluesky(text).handle == "ana.example.social"

    def test_a_did(self) -> None:
        assert Bluesky(MARA).handle == MARA

    @pytest.mark.parametrize("text", ["", "@", "a b.c", "ana@grid.example", "ana.", ".ana", "ana..social", "-a.b", "1.2.3.4"])
    def test_what_cannot_be_one(self, text: str) -> None:
        with pytest.raises(tf.InvalidRequest, match="a Bluesky handle looks like"):
            Bluesky(text)

    def test_a_handle_without_its_host_is_completed_in_the_message(self) -> None:
        with pytest.raises(tf.InvalidRequest, match=r"did you mean ana\.bsky\.social"):
            Bluesky("@Ana")

    @pytest.mark.parametrize("server", ["bsky.app", "https://", "https://user:pass@bsky.app", "ftp://bsky.app"])
    def test_what_is_no_server(self, server: str) -> None:
        with pytest.raises(tf.InvalidRequest, match="a server's address looks like"):
            Bluesky("ana.example.social", server=server)

    def test_what_is_no_labeler(self) -> None:
        with pytest.raises(tf.InvalidRequest, match="a labeler is given by its DID"):
            Bluesky("ana.example.social", labelers=("moderation.example",))
