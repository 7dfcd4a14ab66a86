from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

import tweetfocus as tf
from tweetfocus.sources.archive_files import ArchiveFiles
from tweetfocus.sources.archive_records import time_of
from tweetfocus.sources.collect import collect
from tweetfocus.sources.plan import CollectPlan
from tweetfocus.sources.source import Kind, Page, Request, Source
from tweetfocus.sources.x_archive import XArchive

from .made_archive import LONG, OWNER, PRIVATE, SECRET, as_folder, as_zip, files, js, manifest, note, tweet
from .source_contract import SourceContract

WHOLE = CollectPlan.whole()


def all_of(source: XArchive, kind: Kind, limit: int = 2_000) -> list[Page]:
    pages = [source.read(Request(kind=kind, account_ids=(OWNER,), limit=limit))]
    while pages[-1].next_cursor is not None:
        pages.append(source.read(Request(kind=kind, account_ids=(OWNER,), cursor=pages[-1].next_cursor, limit=limit)))
    return pages


def posts_of(path: Path) -> list[tf.Post]:
    return [post for page in all_of(XArchive(path), Kind.POSTS) for post in page.posts]


def issues_of(path: Path) -> list[str]:
    source = XArchive(path)
    pages = [source.read(Request(kind=Kind.ME, limit=1))]
    pages += [page for kind in source.offers if kind is not Kind.ME for page in all_of(source, kind)]
    return [str(issue) for page in pages for issue in page.issues]


class TestArchiveContract(SourceContract):
    @pytest.fixture(params=["zip", "folder", "packed with its folder", "2022", "2019"])
    def source(self, request: pytest.FixtureRequest, tmp_path: Path) -> Source:
        if request.param == "folder":
            return XArchive(as_folder(tmp_path / "archive", files()))
        if request.param == "packed with its folder":
            return XArchive(as_zip(tmp_path / "me.zip", files(), "twitter-2025-06-05-abc/"))
        return XArchive(as_zip(tmp_path / "me.zip", files("new" if request.param == "zip" else request.param)))


def test_owner_and_profile(tmp_path: Path) -> None:
    (owner,) = XArchive(as_zip(tmp_path / "me.zip", files())).read(Request(kind=Kind.ME, limit=1)).accounts
    assert owner == tf.Account(
        account_id=OWNER, username="mara", name="Mara L", bio="Data pipelines for power grids", location="Aarhus",
        url="https://t.co/m", following_count=3, followers_count=2,
    )  # fmt: skip


def test_posts_of_a_new_archive(tmp_path: Path) -> None:
    found = {post.post_id: post for post in posts_of(as_zip(tmp_path / "me.zip", files()))}
    assert sorted(found) == ["501", "502", "503", "504", "505"]
    assert found["501"].text == "Heat pumps & feeders, again."
    assert found["501"].created_at == time_of("2025-06-03T09:32:20Z")
    assert (found["501"].like_count, found["501"].repost_count) == (3, 1)
    assert found["502"].reply_to_account_id == "2001"
    assert found["502"].mentions == ("2001",)
    assert found["503"].repost_of_account_id == "2002"
    assert found["504"].urls == ("https://example.org/settlement",)
    assert found["504"].lang is None
    assert found["505"].text == LONG
    assert found["505"].urls == ("https://example.org/long",)


@pytest.mark.parametrize("shape", ["2022", "2019"])
def test_posts_of_older_archives(tmp_path: Path, shape: str) -> None:
    found = {post.post_id: post for post in posts_of(as_zip(tmp_path / "me.zip", files(shape)))}
    assert sorted(found) == ["501", "502", "503", "504", "505"]
    assert found["505"].text.endswith("https://t.co/xyz")  # there is no other text


def test_an_archive_from_before_2019(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "me.zip", files("2018"))
    data = tf.read_dataset(path)
    assert data.account("@me").bio == "Grid planner"
    assert data.posts["text"].to_pylist() == ["Feeders in 2017", "RT @bo: hello"]
    assert data.posts["repost_of_account_id"].to_pylist() == [None, "2002"]
    assert data.issues == ()


def test_a_long_post_without_its_beginning_is_kept_under_its_own_id(tmp_path: Path) -> None:
    members = {**files(), "data/note-tweet.js": js("note_tweet.part0", [note("Another long text " * 20)])}
    found = {post.post_id: post for post in posts_of(as_zip(tmp_path / "me.zip", members))}
    assert sorted(found) == ["501", "502", "503", "504", "505", "777"]
    assert found["505"].text.endswith("https://t.co/xyz")
    assert found["777"].text.startswith("Another long text")


def test_followings_followers_mutes_blocks_and_likes(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "me.zip", files())
    found = collect(XArchive(path), tmp_path / "people", plan=WHOLE, progress=False)
    data = tf.read_dataset(tmp_path / "people")
    pairs = list(zip(data.follows["source_id"].to_pylist(), data.follows["target_id"].to_pylist(), strict=True))
    assert pairs == [(OWNER, "2001"), (OWNER, "2002"), (OWNER, "2003"), ("2001", OWNER), ("2004", OWNER)]
    assert data.mutes["target_id"].to_pylist() == ["2009"]
    assert data.blocks["target_id"].to_pylist() == ["2010"]
    assert data.account("@me").is_source is True
    assert data.account("2001").username == "ana_feeders"  # from a mention
    assert found.bare == 6
    assert found.issues == ()
    import pyarrow.parquet as pq

    (like,) = pq.read_table(tmp_path / "people" / "likes.parquet").to_pylist()
    assert (like["account_id"], like["post_id"], like["text"], like["author_id"]) == (OWNER, "88", "Night <shift>", None)


def test_read_dataset_reads_zips_and_folders_alike(tmp_path: Path) -> None:
    zipped = tf.read_dataset(as_zip(tmp_path / "me.zip", files()))
    assert zipped.digest == tf.read_dataset(as_folder(tmp_path / "me", files())).digest
    assert zipped.posts.num_rows == 5


def test_pages_of_any_size_bring_the_same(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "me.zip", files())
    whole = posts_of(path)
    for limit in (1, 2, 3):
        assert [post for page in all_of(XArchive(path), Kind.POSTS, limit) for post in page.posts] == whole
    second = Request(kind=Kind.POSTS, account_ids=(OWNER,), cursor="2", limit=2)
    assert XArchive(path).read(second).posts == tuple(whole[2:4])  # in a new process


def test_a_table_of_ones_own_brings_the_bios(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("account_id,bio,team,is_me\n2001,Feeder planner,north,true\n3000,Chef,,\n")
    found = collect(
        XArchive(as_zip(tmp_path / "me.zip", files())), tmp_path / "people", plan=WHOLE, progress=False,
        accounts=tmp_path / "mine.csv",
    )  # fmt: skip
    data = tf.read_dataset(tmp_path / "people")
    assert data.account("2001").bio == "Feeder planner"
    assert data.account("3000").bio == "Chef"
    assert data.account("@me").account_id == OWNER
    assert data.accounts["team"].to_pylist()[data.row("2001")] == "north"
    assert found.bare == 5
    assert [str(issue) for issue in found.issues] == ["mine.csv, is_me: is for collect to say; column left out"]


# -- what stays closed -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [as_zip, as_folder])
def test_private_files_are_never_opened(tmp_path: Path, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / ("me.zip" if make is as_zip else "me"), files())
    touched: list[str] = []
    opened = zipfile.ZipFile.open
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda self, name, *a, **k: touched.append(str(name)) or opened(self, name))
    builtin = io.open
    monkeypatch.setattr("builtins.open", lambda file, *a, **k: touched.append(str(file)) or builtin(file, *a, **k))
    source = XArchive(path)
    collect(source, tmp_path / "people", plan=WHOLE, progress=False)
    data_files = [name for name in touched if "data/" in name]
    assert data_files
    assert not [name for name in data_files if any(name.endswith(private) for private in PRIVATE)]
    assert {Path(name).name for name in source.files.opened} == {
        "manifest.js", "account.js", "profile.js", "following.js", "follower.js", "mute.js", "block.js", "tweets.js",
        "tweets-part1.js", "note-tweet.js", "like.js",
    }  # fmt: skip
    for file in (tmp_path / "people").iterdir():
        assert SECRET.encode() not in file.read_bytes()  # nor is the owner's e-mail address kept


def test_a_manifest_cannot_open_them_either(tmp_path: Path) -> None:
    members = files()
    members["data/manifest.js"] = members["data/manifest.js"].replace("data/tweets-part1.js", "data/direct-messages.js")
    source = XArchive(as_zip(tmp_path / "me.zip", members))
    found = collect(source, tmp_path / "people", plan=WHOLE, progress=False)
    assert "data/direct-messages.js" not in source.files.opened
    assert found.posts == 5  # tweets-part1.js is there, manifest or not
    assert ["'data/direct-messages.js' is named in the manifest" in str(issue) for issue in found.issues] == [True]


# -- hostile and damaged archives --------------------------------------------------------------------------------------------------


def test_a_partial_archive_says_so(tmp_path: Path) -> None:
    members = files()
    members["data/manifest.js"] = manifest(members, isPartialArchive=True)
    assert issues_of(as_zip(tmp_path / "me.zip", members)) == [
        "data/manifest.js: X says that this archive is only a part; ask X for the rest"
    ]


def test_one_broken_record_costs_one_record(tmp_path: Path) -> None:
    members = files("2022")
    members["data/tweet.js"] = members["data/tweet.js"].replace('"id_str": "502"', '"id_str": "502')
    path = as_zip(tmp_path / "me.zip", members)
    assert [post.post_id for post in posts_of(path)] == ["501", "503", "504", "505"]
    (issue,) = issues_of(path)
    assert issue.startswith("data/tweet.js, row 2: not JSON (")
    assert issue.endswith("record left out")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("window.YTD.tweets.part0 = ", "holds no list of records"),
        ('window.YTD.tweets.part0 = {"a": 1}', "holds no list of records"),
        ("no assignment at all", "holds no list of records"),
        ('window.YTD.tweets.part0 = [ {"tweet": {"id_str": "1", "full_text": "Hi"}}, {"tweet"', "all from here on left out"),
        ('window.YTD.tweets.part0 = [ {"tweet": {"id_str": "1", "full_text": "Hi"}}', "ends in the middle"),
        ("window.YTD.tweets.part0 = [ 1, null ]", "not a record"),
        ('window.YTD.tweets.part0 = [ {"tweet": {"full_text": "Hi"}} ]', "has no id or no text"),
        ("window.YTD.tweets.part0 = [" + "[" * 100_000, "nested too deeply"),
        ('window.YTD.tweets.part0 = [{"tweet": {"id": ' + "9" * 5_000 + "}}]", "all from here on left out"),
    ],
)
def test_broken_files_are_listed(tmp_path: Path, text: str, why: str) -> None:
    members = {**files("2019"), "data/tweets.js": text}
    del members["data/tweet.js"]
    found = issues_of(as_zip(tmp_path / "me.zip", members))
    assert any(why in issue for issue in found), found


@pytest.mark.parametrize("where", ["following", "follower", "mute", "block", "like", "note-tweet", "manifest", "profile"])
def test_every_file_may_be_nonsense(tmp_path: Path, where: str) -> None:
    for number, nonsense in enumerate([b"", b"\xff\xfe\x00", b"window.x = [[]]", b'window.x = [{"a": [1]}, 7]', b"= {"]):
        path = as_zip(tmp_path / f"{number}.zip", {**files(), f"data/{where}.js": nonsense})
        data = tf.read_dataset(path)
        assert data.posts.num_rows == 5


@pytest.mark.parametrize(
    "members",
    [
        {"notes.txt": "hello"},
        {"data/account.js": js("account.part0", [])},
        {"data/account.js": js("account.part0", [{"account": {"accountId": "../../etc"}}])},
        {"a/b/data/account.js": js("account.part0", [{"account": {"accountId": "1"}}])},
    ],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, members: dict[str, str]) -> None:
    with pytest.raises(tf.DataError, match=r"me.zip: (not an archive of X|does not say whose)"):
        tf.read_dataset(as_zip(tmp_path / "me.zip", members))


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\5\6" + b"\0" * 18, b"\0" * 5_000, b"PK\5\6" + b"\xff" * 18])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "me.zip").write_bytes(content)
    with pytest.raises(tf.DataError, match=r"me\.zip: "):
        tf.read_dataset(tmp_path / "me.zip")


def test_every_cut_of_a_zip_is_refused_or_read(tmp_path: Path) -> None:
    content = as_zip(tmp_path / "whole.zip", files()).read_bytes()
    for end in range(0, len(content), 997):
        (tmp_path / "me.zip").write_bytes(content[:end])
        with pytest.raises(tf.DataError):
            XArchive(tmp_path / "me.zip").owner  # noqa: B018


def test_flipped_bytes_end_in_a_clear_error_or_an_issue(tmp_path: Path) -> None:
    content = bytearray(as_zip(tmp_path / "whole.zip", files()).read_bytes())
    for at in range(30, len(content), 211):
        damaged = bytearray(content)
        damaged[at] ^= 0xFF
        (tmp_path / "me.zip").write_bytes(damaged)
        try:
            source = XArchive(tmp_path / "me.zip")
            found = [page for kind in source.offers if kind is not Kind.ME for page in all_of(source, kind)]
        except tf.DataError:
            continue  # any other exception fails this test
        assert all(isinstance(page, Page) for page in found)


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "me.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files("2022").items():
            if name != "data/tweet.js":
                archive.writestr(name, text)
        with archive.open("data/tweet.js", "w", force_zip64=True) as member:
            member.write(b"window.YTD.tweet.part0 = [")
            for _ in range(100):
                member.write(b" " * 2**20)
    tracemalloc.start()
    with pytest.raises(tf.DataError, match=r"data/tweet.js unpacks to far more than it says"):
        tf.read_dataset(tmp_path / "me.zip")
    assert tracemalloc.get_traced_memory()[1] < 40 * 2**20
    tracemalloc.stop()


def test_a_record_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    text = 'window.YTD.tweet.part0 = [{"tweet": {"full_text": "' + "x1y2 " * 8 * 2**20
    path = as_folder(tmp_path / "me", {**files("2022"), "data/tweet.js": text})
    del text
    tracemalloc.start()
    assert any("all from here on left out" in issue for issue in issues_of(path))
    assert tracemalloc.get_traced_memory()[1] < 120 * 2**20
    tracemalloc.stop()


def test_paths_out_of_the_archive_are_not_followed(tmp_path: Path) -> None:
    members = {**files(), "../../evil.js": "x", "/data/tweets-part7.js": "x", "data\\tweets-part8.js": "x"}
    path = as_zip(tmp_path / "me.zip", members)
    (issue,) = issues_of(path)
    assert issue.endswith("entries lead out of the archive; not opened")
    assert len(posts_of(path)) == 5


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.js").write_text(js("tweets.part2", [{"tweet": tweet(999, "from outside")}]))
    folder = as_folder(tmp_path / "me", files())
    (folder / "data" / "tweets-part2.js").symlink_to(tmp_path / "outside.js")
    assert "data/tweets-part2.js: a symbolic link; not opened" in issues_of(folder)
    assert len(posts_of(folder)) == 5
    link = zipfile.ZipInfo("data/tweets-part2.js")
    link.external_attr = 0o120777 << 16
    path = as_zip(tmp_path / "me.zip", files())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "../../outside.js")
    assert "data/tweets-part2.js: a symbolic link; not opened" in issues_of(path)


@pytest.mark.parametrize("size", [10, 10**7])
def test_a_member_that_lies_about_its_size_is_listed(tmp_path: Path, size: int) -> None:
    path = as_zip(tmp_path / "me.zip", files("2022"))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
    at = content.index(b"data/tweet.js", start) - 46
    content[at + 24 : at + 28] = size.to_bytes(4, "little")
    path.write_bytes(content)
    found = issues_of(path)
    assert any(issue.startswith("data/tweet.js") for issue in found) or len(posts_of(path)) == 5


def test_the_same_name_twice_is_listed(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "me.zip", files())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("data/block.js", "window.x = []")
    assert "data/block.js: stands in the zip more than once; the last one is read" in issues_of(path)


def test_too_many_entries_are_refused_before_they_are_loaded(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "me.zip", files())
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\5\6")
    content[at + 12 : at + 16] = (2**31).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(tf.DataError, match="entries; archives of X have at most 400,000"):
        XArchive(path)


def test_a_hundred_thousand_parts(tmp_path: Path) -> None:
    members = files("2022")
    del members["data/tweet.js"]
    part = 'window.YTD.tweets.part{} = [{{"tweet": {{"id_str": "{}", "full_text": "Part"}}}}]'
    with zipfile.ZipFile(tmp_path / "me.zip", "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
        for number in range(1, 100_001):
            archive.writestr(f"data/tweets-part{number}.js", part.format(number, number))
    source = XArchive(tmp_path / "me.zip")
    assert [post.post_id for post in source.read(Request(kind=Kind.POSTS, account_ids=(OWNER,), limit=3)).posts] == [
        "1", "2", "3",
    ]  # fmt: skip
    assert len(source.files.names("tweets")) == 100_000


def test_a_large_file_is_read_record_by_record(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "me", files("2022"))
    with open(folder / "data" / "tweet.js", "w", encoding="utf-8") as file:
        file.write("window.YTD.tweet.part0 = [")
        record = json.dumps({"tweet": tweet(0, "Grüße aus dem Netzbetrieb 🚀 " * 8)}, ensure_ascii=False)
        file.writelines(("," if number else "") + record.replace('"0"', f'"{number + 1}"') for number in range(20_000))
        file.write("]")
    tracemalloc.start()
    count = 0
    source = XArchive(folder)
    request = Request(kind=Kind.POSTS, account_ids=(OWNER,), limit=2_000)
    while True:
        page = source.read(request)
        count += len(page.posts)
        if page.next_cursor is None:
            break
        request = Request(kind=Kind.POSTS, account_ids=(OWNER,), limit=2_000, cursor=page.next_cursor)
    assert count == 20_000
    assert (folder / "data" / "tweet.js").stat().st_size > 9 * 2**20
    assert tracemalloc.get_traced_memory()[1] < 9 * 2**20
    tracemalloc.stop()


def test_files_know_what_they_are(tmp_path: Path) -> None:
    opened = ArchiveFiles(as_zip(tmp_path / "me.zip", files()))
    assert repr(opened).startswith("ArchiveFiles('")
    assert opened.names("tweets") == ["data/tweets.js", "data/tweets-part1.js"]
    opened.close()
    with pytest.raises(tf.DataError, match="no such file or folder"):
        ArchiveFiles(tmp_path / "none.zip")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tue Jun 03 19:32:20 +0000 2025", "2025-06-03T19:32:20+00:00"),
        ("Tue Jun 03 19:32:20 +0200 2025", "2025-06-03T17:32:20+00:00"),
        ("Tue Jun 03 19:32:20 -0130 2025", "2025-06-03T21:02:20+00:00"),
        ("2015-01-24 02:02:37 +0000", "2015-01-24T02:02:37+00:00"),
        ("2025-06-03T19:32:20.123Z", "2025-06-03T19:32:20+00:00"),
        ("2025-06-03T19:32:20", "2025-06-03T19:32:20+00:00"),
    ],
)
def test_times(text: str, said: str) -> None:
    moment = time_of(text)
    assert moment is not None
    assert moment.isoformat() == said


@pytest.mark.parametrize("text", [None, 5, "", "soon", "Tue Foo 03 19:32:20 +0000 2025", "2025-13-03T19:32:20Z"])
def test_what_is_no_time(text: object) -> None:
    assert time_of(text) is None
