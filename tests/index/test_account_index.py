from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tweetfocus as tf
import tweetfocus.data
from tweetfocus.data.assembly import SCHEMAS
from tweetfocus.data.dataset import Dataset, read_dataset
from tweetfocus.data.records import Account, Follow, Post
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.embedding.encoders import HashingEncoder
from tweetfocus.embedding.texts import speaking_texts
from tweetfocus.errors import DataError, Mismatch, StorageError, UnknownAccount
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.building import Facet
from tweetfocus.verbs.recommend import recommend

from ..embedding.counting_encoder import CountingEncoder

WORLD = Path(tweetfocus.data.__file__).parent / "invented"
D = 64  # dimensions: enough to tell texts apart, few enough to be quick
OWN = ("bio_vectors", "post_vectors", "post_rows", "post_offsets")


def _build(data: Dataset, **options: Any) -> AccountIndex:
    return AccountIndex.build(data, encoder=HashingEncoder(D), cache=False, **options)


@pytest.fixture(scope="module")
def world() -> AccountIndex:
    return _build(read_dataset(WORLD))


@pytest.fixture(scope="module")
def people() -> Dataset:
    """Thirty of the invented people, with what they post and whom of each other they follow."""
    return _only(read_dataset(WORLD), slice(0, 30))


@pytest.fixture(scope="module")
def index(people: Dataset) -> AccountIndex:
    return _build(people)


def _only(data: Dataset, which: slice) -> Dataset:
    accounts = data.accounts[which]
    ids = accounts["account_id"].combine_chunks()
    posts = data.posts.filter(pc.is_in(data.posts["account_id"], value_set=ids))
    both = pc.and_(*(pc.is_in(data.follows[column], value_set=ids) for column in ("source_id", "target_id")))
    return Dataset.from_frames(accounts, posts=posts, follows=data.follows.filter(both))


def _arrays(index: AccountIndex) -> Iterator[tuple[str, np.ndarray]]:
    for name in OWN:
        yield name, getattr(index, name)
    for part in fields(index):
        value = getattr(index, part.name)
        for field in fields(value) if is_dataclass(value) and not isinstance(value, Dataset) else ():
            if isinstance(getattr(value, field.name), np.ndarray):
                yield f"{part.name}.{field.name}", getattr(value, field.name)


def _assert_equal(one: AccountIndex, other: AccountIndex) -> None:
    for (name, array), (_, twin) in zip(_arrays(one), _arrays(other), strict=True):
        assert array.dtype == twin.dtype, name
        np.testing.assert_array_equal(array, twin, err_msg=name)
    assert one.words.vocabulary == other.words.vocabulary
    for name in SCHEMAS:
        assert getattr(one.data, name) == getattr(other.data, name), name
    for name in ("encoder_fingerprint", "fingerprint", "max_posts"):
        assert getattr(one, name) == getattr(other, name)
    assert repr(one) == repr(other)
    everybody = [one.data.account_id(row) for row in range(len(one))]
    assert [one.fields_of(who) for who in everybody] == [other.fields_of(who) for who in everybody]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# -- building ------------------------------------------------------------------------------------------------------------------


def test_rows_are_aligned(index: AccountIndex, people: Dataset) -> None:
    n = len(people)
    assert len(index) == len(index.graph) == len(index.bio_vectors) == len(index.signals.posts) == n == 30
    assert len(index.post_offsets) == len(index.facets.offsets) == len(index.words.indptr) == n + 1
    assert len(index.post_vectors) == len(index.post_rows) == len(index.facets.post_facets) == index.post_offsets[-1]
    owner = np.repeat(np.arange(n), np.diff(index.post_offsets))
    np.testing.assert_array_equal(people.post_authors[index.post_rows], owner)


def test_vectors_are_those_of_the_cleaned_texts(index: AccountIndex) -> None:
    for row in (0, 7, 29):
        own = slice(index.post_offsets[row], index.post_offsets[row + 1])
        expected = HashingEncoder(D).encode([index.bio(row), *index.post_texts(row)]).astype(np.float16)
        np.testing.assert_array_equal(index.bio_vectors[row], expected[0].astype(np.float32))
        np.testing.assert_array_equal(index.post_vectors[own], expected[1:])
        assert index.has_bio[row]


def test_graph_is_the_follows(index: AccountIndex, people: Dataset) -> None:
    source, target = people.pair_rows("follows")
    assert len(source) > 20
    assert index.graph.out_matrix.toarray().sum() == len(source)
    assert index.graph.out_matrix.toarray()[source, target].all()


def test_no_accounts_are_no_index() -> None:
    with pytest.raises(DataError, match="no accounts"):
        _build(Dataset.from_records())


def test_one_account_without_anything() -> None:
    index = _build(Dataset.from_records([Account(account_id="1")]))
    assert index.fields_of("1") == ()
    assert not index.has_bio[0]
    assert index.nearest_posts(0, np.ones(D, np.float32), 3) == []
    assert repr(index) == "AccountIndex(1 accounts, 0 with text, 0 follows, encoder hashing-64)"


def test_one_account_with_text() -> None:
    posts = [Post(account_id="1", text=f"Heat pumps in house {word}") for word in ("one", "two", "three")]
    index = _build(Dataset.from_records([Account(account_id="1", bio="Heat pumps")], posts=posts))
    (facet,) = index.fields_of("1", posts=2)
    assert facet.share == 1
    assert len(facet.posts) == 2
    assert facet.words == ()  # nobody else's words to tell them from


def test_accounts_without_text_or_follows_beside_others(tmp_path: Path) -> None:
    accounts = [
        Account(account_id="1", bio="Heat pumps"),
        Account(account_id="2", bio="🚀"),
        Account(account_id="3", bio="Pumps"),
    ]
    index = _build(
        Dataset.from_records(accounts, follows=[Follow(source_id="1", target_id="3"), Follow(source_id="3", target_id="4")])
    )
    index.save(tmp_path)
    for either in (index, AccountIndex.open(tmp_path)):
        assert either.fields_of("1") == (Facet(1.0, ("pumps",), ()),)
        assert either.fields_of("2") == either.fields_of("4") == ()
        assert either.graph.following(1).tolist() == either.graph.followers(1).tolist() == []
        assert either.has_bio.tolist() == [True, False, True, False]
        assert np.isnan(either.facets.focus).all()


def test_hostile_texts(tmp_path: Path) -> None:
    bios = [
        "x" * 1_000_000,
        "null\0bytes and words",
        "\u202eright to left\u202c עברית",
        "🚀👩\u200d💻 pumps",
        "&#" + "9" * 5_000,
        "<" * 10_000,
    ]
    accounts = [Account(account_id=str(i), bio=bio) for i, bio in enumerate(bios)]
    index = _build(Dataset.from_records(accounts, posts=[Post(account_id=str(i), text=bio) for i, bio in enumerate(bios)]))
    index.save(tmp_path)
    _assert_equal(index, AccountIndex.open(tmp_path))
    assert index.has_bio.tolist() == [True, True, True, True, False, False]


@pytest.mark.parametrize("most", [0, 1, 3])
def test_no_more_posts_than_wanted(people: Dataset, most: int) -> None:
    index = _build(people, max_posts=most)
    assert np.diff(index.post_offsets).tolist() == [most] * 30  # everybody there has written more
    whole = speaking_texts(people)
    for row in range(30):
        assert index.post_texts(row) == list(whole.posts[whole.offsets[row + 1] - most : whole.offsets[row + 1]])


def test_fingerprint_names_data_encoder_and_settings(index: AccountIndex, people: Dataset) -> None:
    others = [
        AccountIndex.build(people, encoder=HashingEncoder(16), cache=False),
        _build(people, max_posts=5),
        _build(people.forget(people.account_id(0))),
    ]
    assert len({index.fingerprint, *(other.fingerprint for other in others)}) == 4
    assert _build(people).fingerprint == index.fingerprint


def test_progress_goes_to_standard_error(people: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    _build(people, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "encoding" in err
    assert "interests" in err
    _build(people)
    assert capsys.readouterr() == ("", "")  # not a terminal


def test_a_second_build_encodes_nothing(people: Dataset, index: AccountIndex, tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.sqlite")
    first, second = CountingEncoder(D), CountingEncoder(D)
    AccountIndex.build(people, encoder=first, cache=cache)
    _assert_equal(AccountIndex.build(people, encoder=second, cache=cache), index)
    assert len(first.encoded) > 300
    assert second.batches == []


# -- everybody in the invented world -------------------------------------------------------------------------------------------


def test_everybody_has_fields_that_add_up(world: AccountIndex) -> None:
    two = 0
    for row in range(len(world)):
        found = world.fields_of(world.data.account_id(row), posts=2)
        vectors, shares = world.facet_vectors(row)
        assert 1 <= len(found) <= 2
        two += len(found) == 2
        assert [facet.share for facet in found] == shares.tolist() == sorted(shares, reverse=True)
        assert sum(shares) == pytest.approx(1)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
        own = set(
            world.data.posts["text"][int(world.data.post_offsets[row]) : int(world.data.post_offsets[row + 1])].to_pylist()
        )
        for facet in found:
            assert set(facet.posts) <= own
            assert len(facet.posts) == min(2, len(world.post_texts(row)))
            assert set(facet.words) <= set(world.words.vocabulary)
    assert two > 0


def test_facets_share_out_the_texts(world: AccountIndex) -> None:
    for row in range(0, len(world), 7):
        shared = [text for texts in world.facet_texts(row) for text in texts]
        said = world.post_texts(row) + ([world.bio(row)] if world.has_bio[row] else [])
        assert sorted(shared) == sorted(said)


def test_nearest_posts_by_brute_force(world: AccountIndex) -> None:
    query = HashingEncoder(D).encode(["grid storage and heat"])[0]
    for row in range(0, len(world), 40):
        own = slice(int(world.post_offsets[row]), int(world.post_offsets[row + 1]))
        vectors = world.post_vectors[own].astype(np.float64)
        scores = vectors @ query / np.linalg.norm(vectors, axis=1)
        found = world.nearest_posts(row, query, 4)
        np.testing.assert_allclose([score for _, score in found], np.sort(scores)[::-1][:4], atol=1e-6)
        for text, score in found:
            position = world.data.posts["text"].to_pylist().index(text)
            assert scores[world.post_rows[own].tolist().index(position)] == pytest.approx(score, abs=1e-6)
    assert world.nearest_posts(0, query, 0) == []


def test_unknown_accounts_have_no_fields(index: AccountIndex) -> None:
    with pytest.raises(UnknownAccount):
        index.fields_of("@nobody-at-all")


# -- shuffled input ------------------------------------------------------------------------------------------------------------


def _shuffled(folder: Path, seed: int) -> Dataset:
    """The invented world read from files whose lines and columns stand in another order."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    for name in ("accounts", "posts", "follows"):
        with open(WORLD / f"{name}.csv", encoding="utf-8", newline="") as file:
            records = list(csv.DictReader(file))
        columns = [list(records[0])[i] for i in rng.permutation(len(records[0]))]
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(records[i] for i in rng.permutation(len(records)))
    return read_dataset(folder)


def test_shuffled_files_give_the_same_index_byte_for_byte(world: AccountIndex, tmp_path: Path) -> None:
    world.save(tmp_path / "world")
    _build(_shuffled(tmp_path / "files", 5)).save(tmp_path / "shuffled")
    straight, shuffled = _bytes(tmp_path / "world"), _bytes(tmp_path / "shuffled")
    assert len(straight) > 35
    assert straight == shuffled
    assert AccountIndex.open(tmp_path / "shuffled").fingerprint == world.fingerprint


# -- adding --------------------------------------------------------------------------------------------------------------------


def test_adding_equals_building_and_encodes_only_what_is_new(people: Dataset, index: AccountIndex) -> None:
    first, rest = _only(people, slice(0, 20)), _only(people, slice(20, 30))
    follows = Dataset.from_frames(people.accounts, follows=people.follows)  # some cross from one part to the other
    encoder = CountingEncoder(D)
    old = AccountIndex.build(first, encoder=encoder, cache=False)
    known = set(encoder.encoded)
    encoder.batches.clear()
    new = old.add(rest.merge(follows), cache=False)
    _assert_equal(new, index)
    every = {text for row in range(30) for text in [*index.post_texts(row), index.bio(row)] if text}
    assert sorted(encoder.encoded) == sorted(every - known)
    assert len(encoder.encoded) > 100
    assert len(old) == 20  # and stays as it was


def test_adding_what_is_there_changes_nothing(people: Dataset, index: AccountIndex) -> None:
    encoder = CountingEncoder(D)
    _assert_equal(index.add(people, encoder=encoder, cache=False), index)
    assert encoder.batches == []


def test_adding_to_an_opened_index(people: Dataset, index: AccountIndex, tmp_path: Path) -> None:
    _build(_only(people, slice(0, 29))).save(tmp_path)
    opened = AccountIndex.open(tmp_path, encoder=HashingEncoder(D))
    new = opened.add(people, cache=False)
    new.save(tmp_path)  # over the files that it was made from
    _assert_equal(AccountIndex.open(tmp_path), index)


def test_adding_updates_a_bio() -> None:
    one = Dataset.from_records([Account(account_id="1", bio="Chef"), Account(account_id="2", bio="Heat pumps")])
    two = Dataset.from_records([Account(account_id="1", username="ana", bio="Chef de partie, now a grid planner")])
    encoder = CountingEncoder(D)
    index = AccountIndex.build(one, encoder=encoder, cache=False).add(two, cache=False)
    assert encoder.batches == [["Chef", "Heat pumps"], ["Chef de partie, now a grid planner"]]
    assert index.bio(index.data.row("@ana")) == "Chef de partie, now a grid planner"
    _assert_equal(index, AccountIndex.build(one.update(two), encoder=encoder, cache=False))


def test_adding_with_another_encoder_is_refused(people: Dataset, index: AccountIndex) -> None:
    with pytest.raises(Mismatch, match=r"hashing-64, not with hashing-16; open it with that encoder .* or build it again"):
        index.add(people, encoder=HashingEncoder(16), cache=False)


IDS = st.sampled_from("123456")
SAID = st.sampled_from(
    ["Heat pumps in winter", "Data pipelines at night", "@x ok", "Grid planning and storage", "", "Chef de partie"]
)
DATASETS = st.builds(
    lambda bios, posts, follows: Dataset.from_records(
        [Account(account_id=i, bio=bio) for i, bio in bios.items()],
        posts=[Post(account_id=i, text=text) for i, text in posts],
        follows=[Follow(source_id=a, target_id=b) for a, b in follows],
    ),
    st.dictionaries(IDS, SAID | st.none(), min_size=1),
    st.lists(st.tuples(IDS, SAID)),
    st.lists(st.tuples(IDS, IDS)),
)


@settings(max_examples=15, deadline=None)
@given(DATASETS, DATASETS)
def test_adding_is_building_of_both(one: Dataset, two: Dataset) -> None:
    _assert_equal(_build(one).add(two, cache=False), _build(one.update(two)))


# -- other follows -------------------------------------------------------------------------------------------------------------


def _with_follows(data: Dataset, keep: np.ndarray) -> Dataset:
    return replace(data, follows=data.follows.filter(pa.array(keep)).combine_chunks())


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
def test_other_follows_equal_a_build_with_them(people: Dataset, index: AccountIndex, share: float) -> None:
    fewer = _with_follows(people, np.random.default_rng(7).random(people.follows.num_rows) < share)
    encoder = CountingEncoder(D)
    whole = AccountIndex.build(people, encoder=encoder, cache=False)
    encoder.batches.clear()
    other, fresh = whole.with_follows(fewer), _build(fewer)
    assert encoder.batches == []
    _assert_equal(other, fresh)
    for who in ("@mara_lindqvist", people.account_id(9)):
        assert recommend(other, who, n=30).to_dicts() == recommend(fresh, who, n=30).to_dicts()
    assert (other.fingerprint == index.fingerprint) == (share == 1)
    _assert_equal(whole, index)  # and the index stays as it was


def test_there_and_back_again(people: Dataset, index: AccountIndex) -> None:
    none = _with_follows(people, np.zeros(people.follows.num_rows, dtype=bool))
    _assert_equal(index.with_follows(none).with_follows(people), index)


def test_other_follows_in_an_opened_index(people: Dataset, index: AccountIndex, tmp_path: Path) -> None:
    half = _with_follows(people, np.arange(people.follows.num_rows) % 2 == 0)
    index.save(tmp_path / "whole")
    other = AccountIndex.open(tmp_path / "whole", encoder=HashingEncoder(D)).with_follows(half)
    _assert_equal(other, _build(half))
    other.save(tmp_path / "half")
    _assert_equal(AccountIndex.open(tmp_path / "half"), _build(half))


# -- forgetting ----------------------------------------------------------------------------------------------------------------


def test_forgetting_equals_building_without_the_person(people: Dataset, index: AccountIndex) -> None:
    encoder = CountingEncoder(D)
    person = people.account_id(4)
    without = AccountIndex.build(people, encoder=encoder, cache=False)
    encoder.batches.clear()
    without = without.forget(person, cache=False)
    assert encoder.batches == []
    _assert_equal(without, _build(people.forget(person)))
    with pytest.raises(UnknownAccount):
        without.fields_of(person)
    assert len(index) == len(without) + 1


def test_forgetting_takes_the_persons_texts_out_of_the_cache(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.sqlite")
    accounts = [Account(account_id="1", username="ana", bio="Grid planner"), Account(account_id="2", bio="Chef in Lyon")]
    said = {
        "1": ["Old words of ana", "New words of ana", "Good morning to all"],
        "2": ["Good morning to all", "@ana heat pumps in winter"],
    }
    posts = [
        Post(account_id=who, text=text, post_id=f"{who}{i}") for who, texts in said.items() for i, text in enumerate(texts)
    ]
    posts.append(Post(account_id="2", text="Passed on from ana", repost_of_account_id="1"))
    data = Dataset.from_records(accounts, posts=posts)
    AccountIndex.build(data, encoder=HashingEncoder(D), cache=cache)
    small = AccountIndex.build(data, encoder=HashingEncoder(D), cache=cache, max_posts=1)  # older posts were encoded before
    small.forget("@ana", cache=cache)

    def cached(*texts: str) -> list[int]:
        return cache.get("hashing-64", texts, D)[0].tolist()

    assert cached("Grid planner", "Old words of ana", "New words of ana", "Passed on from ana") == []
    assert cached("Chef in Lyon", "Good morning to all") == [0, 1]  # others said these too


def test_forgetting_somebody_unknown(index: AccountIndex) -> None:
    with pytest.raises(UnknownAccount):
        index.forget("nobody", cache=False)


# -- saving and opening --------------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(index: AccountIndex, tmp_path: Path) -> Path:
    index.save(tmp_path / "index")
    return tmp_path / "index"


@pytest.mark.parametrize("verify", [None, True, False])
def test_an_opened_index_equals_the_saved_one(index: AccountIndex, saved: Path, verify: bool | None) -> None:
    opened = AccountIndex.open(saved, verify=verify)
    _assert_equal(opened, index)
    assert opened.graph.following(0).tolist() == index.graph.following(0).tolist()
    assert opened.signals.of(0) == pytest.approx(index.signals.of(0), nan_ok=True)
    assert [opened.engagement.towards(row) for row in range(30)] == [index.engagement.towards(row) for row in range(30)]


def test_places_in_follow_space_are_saved(index: AccountIndex, saved: Path) -> None:
    opened = AccountIndex.open(saved).follow_space
    assert index.follow_space.items.shape[1] > 5
    for field in fields(index.follow_space):
        mine, theirs = getattr(index.follow_space, field.name), getattr(opened, field.name)
        assert mine.any()
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs)
    vectors, shares = index.facet_vectors(3)
    terms = np.stack([index.words.vector(texts) for texts in index.facet_texts(3)])
    assert opened.place_of(vectors, shares, terms).tolist() == index.follow_space.place_of(vectors, shares, terms).tolist()


def test_opened_arrays_are_mapped(saved: Path) -> None:
    opened = AccountIndex.open(saved)
    kinds = {name: (type(array), type(array.base)) for name, array in _arrays(opened)}
    assert len(kinds) > 25
    assert set(kinds.values()) == {(np.ndarray, np.memmap)}


def test_saving_an_opened_index_gives_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    AccountIndex.open(saved).save(tmp_path / "copy")
    assert _bytes(saved) == _bytes(tmp_path / "copy")
    AccountIndex.open(saved).save(saved)  # over itself
    assert _bytes(saved) == _bytes(tmp_path / "copy")


def test_opening_with_another_encoder_is_refused(saved: Path) -> None:
    with pytest.raises(
        Mismatch, match=r"hashing-64, not with hashing-16; open it with that encoder .* or build it again with this one"
    ):
        AccountIndex.open(saved, encoder=HashingEncoder(16))


def test_texts_of_the_callers_own_need_the_encoder_of_the_index(index: AccountIndex, saved: Path) -> None:
    opened = AccountIndex.open(saved, encoder=HashingEncoder(D))
    vectors = opened.encode(["Heat  pumps @ana", ""])
    np.testing.assert_array_equal(vectors, index.encode(["Heat pumps", ""]))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 0], atol=1e-3)
    np.testing.assert_array_equal(AccountIndex.open(saved).encode(["Heat  pumps @ana", ""]), vectors)


def test_an_encoder_that_nobody_knows_has_to_be_given(index: AccountIndex, people: Dataset, tmp_path: Path) -> None:
    replace(index, encoder_fingerprint="letters-1").save(tmp_path)
    with pytest.raises(Mismatch, match=r"made with the encoder letters-1, not with int8-.*; open it with that encoder"):
        AccountIndex.open(tmp_path).encode(["Heat pumps"])
    with pytest.raises(Mismatch, match="letters-1"):
        AccountIndex.open(tmp_path).add(Dataset.from_records([Account(account_id="new", bio="Chef")]), cache=False)


def test_other_files_where_an_index_should_go(index: AccountIndex, tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id\n1\n")
    with pytest.raises(StorageError, match="holds other files"):
        index.save(tmp_path)
    with pytest.raises(StorageError, match="no index there"):
        AccountIndex.open(tmp_path)


def test_damage_anywhere_is_noticed(saved: Path) -> None:
    files = [path for path in saved.rglob("*") if path.is_file() and path.name != ".lock"]
    assert len(files) > 35
    for path in files:
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        with pytest.raises(StorageError):
            AccountIndex.open(saved)
        path.write_bytes(whole)
    AccountIndex.open(saved)


def test_an_index_that_lacks_a_part(saved: Path) -> None:
    from tweetfocus.index.storage import load, save

    arrays, tables, about = load(saved)
    about = {name: about[name] for name in ("encoder", "fingerprint", "max_posts")}
    save(saved, {name: array for name, array in arrays.items() if name != "facets.focus"}, tables, about)
    with pytest.raises(Mismatch, match=r"holds no facets\.focus; build the index again"):
        AccountIndex.open(saved)
    for name in about:
        save(saved, arrays, tables, {n: value for n, value in about.items() if n != name})
        with pytest.raises(Mismatch, match=f"holds no {name}; build the index again"):
            AccountIndex.open(saved)
        with pytest.raises(Mismatch):
            AccountIndex.open(saved, encoder=HashingEncoder(8))


# -- kills, full disks, company ------------------------------------------------------------------------------------------------

_TWO = """
import os, random, resource, signal, sys, time
from tweetfocus.errors import StorageError
from tweetfocus.index.account_index import AccountIndex

old, new = (AccountIndex.open(folder) for folder in sys.argv[1:3])
folder = sys.argv[3]

def found():
    return AccountIndex.open(folder, verify=True).fingerprint
"""


def _run(program: str, folder: Path, index: AccountIndex) -> str:
    """Run `program` in a process that has two indexes open and may save them to `folder`."""
    index.save(folder / "old")
    _build(index.data.forget(index.data.account_id(0))).save(folder / "new")
    command = [sys.executable, "-c", _TWO + program, *(str(folder / name) for name in ("old", "new", "index"))]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    generation = json.loads((folder / "index" / "manifest.json").read_bytes())["generation"]
    assert sorted(path.name for path in (folder / "index").iterdir()) == [".lock", generation, "manifest.json"]  # no litter
    return ran.stdout


def test_killed_saves_leave_the_old_or_the_new_index(index: AccountIndex, tmp_path: Path) -> None:
    printed = _run(
        """
old.save(folder)
delays = random.Random(3)
for kill in range(20):
    child = os.fork()
    if child == 0:
        while True:
            new.save(folder)
            old.save(folder)
    time.sleep(delays.uniform(0.001, 0.12))
    os.kill(child, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert found() in (old.fingerprint, new.fingerprint)
    assert len(os.listdir(folder)) <= 6, os.listdir(folder)
new.save(folder)
print(found() == new.fingerprint)
""",
        tmp_path,
        index,
    )
    assert printed == "True\n"


def test_a_full_disk_leaves_the_old_index(index: AccountIndex, tmp_path: Path) -> None:
    printed = _run(
        """
old.save(folder)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
for most in (100, 2_000, 5_000, 20_000):  # bytes per file
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        new.save(folder)
    except StorageError as error:
        print("what was there before is unchanged" in str(error), found() == old.fingerprint)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
""",
        tmp_path,
        index,
    )
    assert printed == "True True\n" * 4


def test_two_processes_save_at_once(index: AccountIndex, tmp_path: Path) -> None:
    printed = _run(
        """
children = []
for index in (old, new):
    child = os.fork()
    if child == 0:
        for _ in range(4):
            index.save(folder)
        os._exit(0)
    children.append(child)
print([os.waitpid(child, 0)[1] for child in children], found() in (old.fingerprint, new.fingerprint))
""",
        tmp_path,
        index,
    )
    assert printed == "[0, 0] True\n"


def test_adding_a_shorter_bio_replaces_the_longer_one() -> None:
    old = Dataset.from_records([Account(account_id="1", username="ana", bio="Chef de partie in Lyon")])
    new = Dataset.from_records([Account(account_id="1", bio="Grid planner")])
    index = AccountIndex.build(old, encoder=HashingEncoder(64), cache=False).add(new, cache=False)
    assert index.bio(0) == "Grid planner"
    assert index.data.label(0) == "@ana"


def test_forgetting_needs_no_encoder_at_hand(tmp_path: Path) -> None:
    people = Dataset.from_records([Account(account_id=i, bio=f"Chef number {i}") for i in "123"])
    AccountIndex.build(people, encoder=HashingEncoder(64), cache=False).save(tmp_path / "index")
    assert len(AccountIndex.open(tmp_path / "index").forget("2", cache=False)) == 2


def test_with_follows_refuses_other_accounts() -> None:
    one, two = (tf.Dataset.from_records([tf.Account(account_id=i, bio="Chef")]) for i in "12")
    index = tf.AccountIndex.build(one, encoder=tf.HashingEncoder(), cache=False)
    with pytest.raises(tf.Mismatch, match="very accounts"):
        index.with_follows(two)
