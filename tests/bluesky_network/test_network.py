"""The Bluesky source on the servers that Bluesky runs: collected, built, recommended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tweetfocus as tf
from tweetfocus.data.records import Account
from tweetfocus.sources.bluesky import Bluesky
from tweetfocus.sources.collect import collect
from tweetfocus.sources.source import Kind, Page, Request

from ..sources.source_contract import SourceContract
from .network import Network
from .people import BIOS, People, put


@pytest.fixture(autouse=True)
def _no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BLUESKY_APP_PASSWORD", raising=False)
    monkeypatch.delenv("TWEETFOCUS_BLUESKY_APP_PASSWORD", raising=False)


@pytest.fixture
def source(people: People) -> Bluesky:
    return Bluesky("mara.test", server=people.network.appview)


@pytest.fixture
def signed_in(people: People, monkeypatch: pytest.MonkeyPatch) -> Bluesky:
    monkeypatch.setenv("BLUESKY_APP_PASSWORD", people.password("mara"))
    return Bluesky("mara.test", sign_in=people.network.pds)


def read(source: Bluesky, kind: Kind, *who: str, **more: object) -> Page:
    return source.read(Request(kind=kind, account_ids=who, **more))  # type: ignore[arg-type]


class TestContract(SourceContract):
    @pytest.fixture(params=["without login", "with login"])
    def source(self, request: pytest.FixtureRequest, people: People, monkeypatch: pytest.MonkeyPatch) -> Bluesky:
        if request.param == "with login":
            monkeypatch.setenv("BLUESKY_APP_PASSWORD", people.password("mara"))
        return Bluesky("mara.test", server=people.network.appview, sign_in=people.network.pds)

    def nobody(self, owner: Account) -> str:
        return "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"


def test_profiles_and_who_is_silently_missing(source: Bluesky, people: People) -> None:
    asked = [people.did["mara"], people.did["leif"], "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"]
    page = read(source, Kind.ACCOUNTS, *asked)
    (mara,) = page.accounts
    assert (mara.username, mara.name, mara.bio) == ("mara.test", "Mara", BIOS["mara"])
    assert (mara.following_count, mara.followers_count, mara.post_count) == (3, 3, 4)
    assert set(page.missing) == set(asked[1:])


def test_followings_and_followers_page_by_page(source: Bluesky, people: People) -> None:
    for kind, names in ((Kind.FOLLOWINGS, {"benno", "camille", "devika"}), (Kind.FOLLOWERS, {"benno", "camille", "eva"})):
        found: set[str | None] = set()
        cursor, pages = None, 0
        while pages == 0 or cursor is not None:
            page = read(source, kind, people.did["mara"], cursor=cursor, limit=1)
            found |= {account.username for account in page.accounts}
            cursor, pages = page.next_cursor, pages + 1
        assert found == {f"{name}.test" for name in names}
        assert pages >= 3


def test_who_was_taken_down_is_in_nobodys_list(source: Bluesky, people: People) -> None:
    assert f"{'leif'}.test" not in {account.username for account in read(source, Kind.FOLLOWINGS, people.did["benno"]).accounts}
    assert read(source, Kind.FOLLOWINGS, people.did["leif"]).missing == {people.did["leif"]: "not found"}


def test_posts_replies_reposts_quotes_mentions_and_links(source: Bluesky, people: People) -> None:
    page = read(source, Kind.POSTS, people.did["mara"], cursor="feed")
    benno = people.did["benno"]
    posts = {post.text: post for post in page.posts}
    reply = posts["@benno.test see paper.example/load"]
    assert (reply.reply_to_account_id, reply.mentions) == (benno, (benno,))
    assert reply.urls == ("https://paper.example/load/2026",)
    assert posts["This."].quote_of_account_id == benno
    assert posts["Which grid has open profiles?"].repost_of_account_id == benno
    assert all(post.account_id == people.did["mara"] for post in page.posts)
    assert len(page.posts) == 5


def test_lists(source: Bluesky, people: People) -> None:
    (curated,) = read(source, Kind.LISTS, people.did["mara"]).lists
    assert set(read(source, Kind.LIST_MEMBERS, curated).members) == {people.did["eva"], people.did["femi"]}


def test_what_only_the_owner_may_read(signed_in: Bluesky, people: People) -> None:
    mara, benno = people.did["mara"], people.did["benno"]
    assert "@mara.test which dbt version?" in {post.text for post in read(signed_in, Kind.MENTIONS, mara).posts}
    assert [(like.author_id, like.text) for like in read(signed_in, Kind.LIKES, mara).likes] == [
        (benno, "Which grid has open profiles?")
    ]
    people.clients["mara"].mute(people.did["gilles"])
    try:
        assert [follow.target_id for follow in read(signed_in, Kind.MUTES, mara).mutes] == [people.did["gilles"]]
    finally:
        people.clients["mara"].unmute(people.did["gilles"])
    assert read(signed_in, Kind.BLOCKS, mara).blocks == ()


def test_a_wrong_password_and_a_wrong_handle(people: People, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(tf.SourceError, match=r"there is no account 'nobody\.test'"):
        collect(Bluesky("nobody.test", server=people.network.appview), tmp_path / "a", progress=False)
    monkeypatch.setenv("BLUESKY_APP_PASSWORD", "not-the-password")
    with pytest.raises(tf.NotAuthorized, match="refuses the login of @mara") as caught:
        collect(Bluesky("mara.test", sign_in=people.network.pds), tmp_path / "b", progress=False)
    assert "not-the-password" not in repr(caught.value)


def test_consent(source: Bluesky, people: People) -> None:
    hana = read(source, Kind.ACCOUNTS, people.did["hana"]).accounts
    assert hana == (Account(account_id=people.did["hana"], username="hana.test", discoverable=False),)
    assert read(source, Kind.ACCOUNTS, people.did["jonas"]).extra == {people.did["jonas"]: {"moderation": "spam"}}


@pytest.mark.parametrize("asked", ["the servers of the people", "the server one is signed in to"])
def test_who_declares_not_to_be_recommended(source: Bluesky, signed_in: Bluesky, people: People, asked: str) -> None:
    network = people.network
    where = signed_in
    if "people" in asked:
        where = Bluesky("mara.test", server=network.appview, sign_in=network.pds, directory=network.directory)

    def first_posts(name: str) -> Page:
        page = read(where, Kind.POSTS, people.did[name])
        return read(where, Kind.POSTS, people.did[name], cursor=page.next_cursor) if where.directory else page

    assert first_posts("iris").accounts == (Account(account_id=people.did["iris"], discoverable=False),)
    assert first_posts("eva").next_cursor == "feed"
    name = "app.bsky.actor.contentVisibilityDeclaration"
    put(people.clients["femi"], name, {"$type": name, "hideFromAlgorithmicRecommendations": True})
    assert first_posts("femi").accounts[0].discoverable is False
    put(people.clients["femi"], name, {"$type": name, "hideFromAlgorithmicRecommendations": False})
    assert first_posts("femi").accounts == ()


def test_collect_build_recommend_on_the_command_line(people: People, network: Network, tmp_path: Path) -> None:
    def tweetfocus(*words: str) -> str:
        kept = {name: value for name, value in os.environ.items() if "BLUESKY_APP" not in name}
        done = subprocess.run(
            [sys.executable, "-m", "tweetfocus", *words], cwd=tmp_path, env=kept, capture_output=True, text=True, check=False
        )
        sys.stdout.write(f"$ tweetfocus {' '.join(words)}\n{done.stdout}{done.stderr}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    there = ("--server", network.appview, "--directory", network.directory)
    tweetfocus("collect", "bluesky", "@mara.test", "-o", "people", *there)
    data = tf.read_dataset(tmp_path / "people")
    assert data.account("@me").username == "mara.test"
    assert data.issues == ()
    assert {name for name in BIOS if name != "leif"} == {
        str(name).removesuffix(".test") for name in data.accounts["username"].to_pylist()
    }
    before = data.digest
    tweetfocus("collect", "bluesky", "@mara.test", "-o", "people", *there)
    assert tf.read_dataset(tmp_path / "people").digest == before
    tweetfocus("build", "people", "-o", "me.index", "--no-cache")
    shown = tweetfocus("recommend", "me.index", "@me", "-n", "5")
    order = [word for word in shown.split() if word.endswith(".test") and word.startswith("@")]
    first = {word.strip("@").removesuffix(".test") for word in order if word.strip("@").removesuffix(".test") in BIOS}
    assert {"eva", "femi", "kerstin"} <= first
    index = tf.AccountIndex.open(tmp_path / "me.index")
    recs = tf.recommend(index, "@me", n=20)
    ranked = [str(rec.username).removesuffix(".test") for rec in recs]
    left = {str(dropped.username).removesuffix(".test"): str(dropped.code) for dropped in recs.dropped}
    assert set(ranked[:3]) == {"eva", "femi", "kerstin"}
    assert left["hana"] == left["iris"] == "opted_out"
    assert left["jonas"] == "spam"
    assert not {"hana", "iris", "jonas", "leif"} & set(ranked)
