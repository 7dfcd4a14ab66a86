"""The archive that X gives to every user: a source that needs no key and costs nothing.

It knows whom the owner follows, but only by id. Bios come from elsewhere: a table of the user's, or the API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tweetfocus.data.records import Account, Follow, Issue, Post
from tweetfocus.errors import DataError
from tweetfocus.sources.archive_files import ArchiveFiles, read_records, read_value
from tweetfocus.sources.archive_records import Note, count_of, like_of, note_of, owner_of, pair_of, post_of, unwrap
from tweetfocus.sources.source import Kind, Like, Offer, Page, Request

__all__ = ["XArchive"]

_PAGE = 2_000
_FILES = {
    Kind.FOLLOWINGS: "following",
    Kind.FOLLOWERS: "follower",
    Kind.POSTS: "tweets",
    Kind.LIKES: "like",
    Kind.MUTES: "mute",
    Kind.BLOCKS: "block",
}
# what manifests call the types whose files have other names
_MANIFEST = {"note-tweet": ("noteTweet",), "tweets": ("tweets", "tweet")}
Record = Post | Follow | Like | Issue


class XArchive:
    """An X archive as a source: the zip as it was downloaded, or its unpacked folder.

    Only the files for account, profile, followings, followers, posts, likes, mutes and blocks are opened. Messages, phone numbers,
    addresses, advertising data and everything else stay closed, whatever a manifest says.

    Args:
        path: the zip or the folder.

    Raises:
        DataError: not an archive of X, or one that cannot be read.

    Example:
        >>> import pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp()) / "archive"
        >>> (folder / "data").mkdir(parents=True)
        >>> said = 'window.YTD.account.part0 = [{"account": {"accountId": "7", "username": "ana"}}]'
        >>> _ = (folder / "data" / "account.js").write_text(said)
        >>> XArchive(folder).read(Request(kind=Kind.ME, limit=1)).accounts[0].username
        'ana'
    """

    name = "x-archive"
    platform = "x"
    handle: str | None = None
    offers: Mapping[Kind, Offer] = MappingProxyType(
        {Kind.ME: Offer(most=1, others=False)} | {kind: Offer(most=_PAGE, others=False) for kind in _FILES}
    )

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        self.files = ArchiveFiles(self.path)
        self._owner: Account | None = None
        self._issues: list[Issue] = []
        self._known: set[str] | None = None
        self._at: dict[Kind, tuple[int, Iterator[tuple[Record, list[Account]]]]] = {}

    def __repr__(self) -> str:
        return f"XArchive({str(self.path)!r})"

    def price(self, request: Request) -> Decimal:
        """Nothing."""
        return Decimal(0)

    def read(self, request: Request) -> Page:
        """The next records of one type; `ME` also tells what is odd about the archive as a whole."""
        if request.kind is not Kind.ME:
            return self._page(request)
        owner = self.owner
        return Page(accounts=(owner,), items=1, issues=tuple(self._issues))

    @property
    def owner(self) -> Account:
        """Whose archive it is."""
        if self._owner is None:
            manifest = self._manifest()
            account = self._first("account")
            owner = owner_of(manifest, unwrap(account, "account"), unwrap(self._first("profile"), "profile"))
            if owner is None:
                raise DataError(f"{self.path}: does not say whose archive it is; data/account.js has no accountId")
            counts = {name: self._count(manifest, name) for name in ("following", "follower")}
            self._owner = replace(owner, following_count=counts["following"], followers_count=counts["follower"])
        return self._owner

    def _first(self, kind: str) -> Mapping[str, Any]:
        """The one record of a small file; empty where there is none."""
        for name in self.files.names(kind):
            if name.endswith("user_details.js"):
                found = read_value(self.files, name)
                return found if isinstance(found, dict) else {}
            for record in read_records(self.files, name):
                if isinstance(record, Issue):
                    self._issues.append(record)
                else:
                    return record
        return {}

    def _manifest(self) -> Any:
        """The manifest, with what it says that does not fit the files; archives before 2019 have none."""
        self._issues = list(self.files.issues)
        names = self.files.names("manifest")
        if not names:
            return {}
        try:
            manifest = read_value(self.files, names[0])
        except DataError as error:
            self._issues.append(Issue(names[0], None, None, f"{error}; the files are read by their names"))
            return {}
        info = manifest.get("archiveInfo") if isinstance(manifest, dict) else None
        if isinstance(info, dict) and info.get("isPartialArchive") in (True, "true"):
            self._issues.append(Issue(names[0], None, None, "X says that this archive is only a part; ask X for the rest"))
        for kind in (*_FILES.values(), "note-tweet"):
            there = {name[name.index("data/") :] for name in self.files.names(kind)}
            for listed in _listed(manifest, kind):
                name = listed.get("fileName")
                if name not in there and count_of(listed.get("count")) != 0:
                    why = "is named in the manifest, but is not a file of that kind or not there; left out"
                    self._issues.append(Issue(names[0], None, kind, f"{str(name)[:100]!r} {why}"))
        return manifest

    def _count(self, manifest: Any, kind: str) -> int | None:
        counts = [count_of(listed.get("count")) for listed in _listed(manifest, kind)]
        known = [count for count in counts if count is not None]
        return sum(known) if known and len(known) == len(counts) else None

    def _page(self, request: Request) -> Page:
        kind, start = request.kind, int(request.cursor or 0)
        at, records = self._at.get(kind, (-1, iter(())))
        if at != start:  # another place than where the last page ended: read up to it again
            # the iterator must not know this object: files close as soon as both are gone
            people = self._people() if kind is Kind.POSTS else set()
            records = _records(self.files, kind, self.owner.account_id, people)
            for _ in range(start):
                next(records, None)
        taken: list[tuple[Record, list[Account]]] = []
        for record in records:
            taken.append(record)
            if len(taken) == request.limit:
                break
        ended = len(taken) < request.limit
        self._at[kind] = (start + len(taken), records)
        found = [record for record, _ in taken]
        pairs = tuple(record for record in found if isinstance(record, Follow))
        named = {account.account_id: account for _, accounts in taken for account in accounts}
        return Page(
            accounts=tuple(named.values()),
            posts=tuple(record for record in found if isinstance(record, Post)),
            likes=tuple(record for record in found if isinstance(record, Like)),
            follows=pairs if kind in (Kind.FOLLOWINGS, Kind.FOLLOWERS) else (),
            mutes=pairs if kind is Kind.MUTES else (),
            blocks=pairs if kind is Kind.BLOCKS else (),
            issues=tuple(record for record in found if isinstance(record, Issue)),
            next_cursor=None if ended else str(start + len(taken)),
            items=len(taken),
        )

    def _people(self) -> set[str]:
        """Ids of followings and followers: of the accounts that posts name, only these are kept."""
        if self._known is None:
            pairs = [pair for kind in (Kind.FOLLOWINGS, Kind.FOLLOWERS) for pair, _ in _records(self.files, kind, "", set())]
            self._known = {pair.target_id or pair.source_id for pair in pairs if isinstance(pair, Follow)}
        return self._known


def _records(files: ArchiveFiles, kind: Kind, owner: str, people: set[str]) -> Iterator[tuple[Record, list[Account]]]:
    """All records of a kind in the order of the files, each with those of `people` that it names."""
    if kind is Kind.POSTS:
        yield from _posts(files, owner, people)
        return
    file_kind = _FILES[kind]
    for name in files.names(file_kind):
        for number, record in enumerate(read_records(files, name), 1):
            if isinstance(record, Issue):
                yield record, []
                continue
            made = like_of(record, owner) if kind is Kind.LIKES else pair_of(record, file_kind, owner)
            yield made or Issue(name, number, None, "names no account or post; record left out"), []


def _posts(files: ArchiveFiles, owner: str, people: set[str]) -> Iterator[tuple[Record, list[Account]]]:
    """Posts, the long ones whole; then the long ones whose beginning was not found among the posts."""
    notes: dict[int, list[Note]] = {}
    for name in files.names("note-tweet"):
        for number, record in enumerate(read_records(files, name), 1):
            note = note_of(record) if not isinstance(record, Issue) else None
            if note is not None:
                notes.setdefault(int(note.created_at.timestamp()), []).append(note)
            else:
                why = "has no id, time or text; record left out"
                yield record if isinstance(record, Issue) else Issue(name, number, None, why), []
    for name in files.names("tweets"):
        for number, record in enumerate(read_records(files, name), 1):
            if isinstance(record, Issue):
                yield record, []
                continue
            post, mentioned = post_of(record, owner)
            if post is None:
                yield Issue(name, number, None, "has no id or no text; record left out"), []
                continue
            named = [account for account in mentioned if account.account_id in people]
            yield (_whole(post, notes) if notes else post), named
    for _, found in sorted(notes.items()):
        for note in found:
            long = Post(account_id=owner, post_id=note.note_id, text=note.text, created_at=note.created_at, urls=note.urls)
            yield long, []


def _listed(manifest: Any, kind: str) -> list[dict[str, Any]]:
    """What the manifest says about the files of one type."""
    types = manifest.get("dataTypes") if isinstance(manifest, dict) else None
    found: list[dict[str, Any]] = []
    for name in _MANIFEST.get(kind, (kind,)):
        entry = types.get(name) if isinstance(types, dict) else None
        files = entry.get("files") if isinstance(entry, dict) else None
        found += [listed for listed in files if isinstance(listed, dict)] if isinstance(files, list) else []
    return found


def _whole(post: Post, notes: dict[int, list[Note]]) -> Post:
    """The post with the text of its long form, which is then used up."""
    if post.created_at is None:
        return post
    second = int(post.created_at.timestamp())
    for near in range(second - 3, second + 4):
        for note in notes.get(near, ()):
            if note.continues(post):
                notes[near].remove(note)
                return replace(post, text=note.text, urls=note.urls or post.urls)
    return post
