"""The invented world keeps what its planter promises, and the package carries exactly what the planter makes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from statistics import mean, median

import pytest

from tweetfocus.data.dataset import Dataset, read_dataset

from .plant import COLLEAGUES, END, FOLDER, Follows, Person, plant, read_people

HERO = "mara_lindqvist"


@pytest.fixture(scope="module")
def people() -> dict[str, Person]:
    return read_people()


@pytest.fixture(scope="module")
def world() -> Dataset:
    return read_dataset(FOLDER)


@pytest.fixture(scope="module")
def follows(world: Dataset) -> Follows:
    sources, targets = world.pair_rows("follows")
    return {(str(world.username(s)), str(world.username(t))) for s, t in zip(sources, targets, strict=True)}


@pytest.fixture(scope="module")
def near(people: dict[str, Person]) -> set[str]:
    fields = set(people[HERO].fields)
    return {p.username for p in people.values() if p.role == "professional" and fields & set(p.fields)}


def _of(people: dict[str, Person], *roles: str) -> list[str]:
    return [name for name, p in people.items() if p.role in roles]


def test_package_carries_what_is_planted() -> None:
    planted = plant()
    assert set(planted) == {"accounts.csv", "posts.csv", "follows.csv", "truth.csv"}
    for name, content in planted.items():
        assert (FOLDER / name).read_bytes() == content.encode(), f"{name}: run python -m tests.world.plant"


def test_reads_without_issues(world: Dataset, people: dict[str, Person]) -> None:
    assert world.issues == ()
    assert len(world) == len(people) >= 200
    assert Counter(world.posts["text"].to_pylist()) == Counter(text for p in people.values() for text in p.posts)
    assert world.posts.num_rows >= 3000
    assert sum(p.lang == "fr" for p in people.values()) >= 25


def test_flags(world: Dataset, people: dict[str, Person]) -> None:
    accounts = world.accounts.to_pylist()
    assert [a["username"] for a in accounts if a["is_me"]] == [HERO]
    assert world.username(world.row("@me")) == HERO
    assert all(a["is_source"] for a in accounts)
    assert {a["username"] for a in accounts if a["protected"]} == set(_of(people, "protected"))
    assert {a["username"] for a in accounts if a["discoverable"] is False} == set(_of(people, "opted_out"))


def test_ids_reveal_no_groups(world: Dataset, people: dict[str, Person]) -> None:
    halves = Counter((people[str(world.username(row))].role, row < len(world) / 2) for row in range(len(world)))
    for role in ("professional", "hobby", "link_spammer", "self_promoter"):
        assert 0.2 < halves[role, True] / (halves[role, True] + halves[role, False]) < 0.8


def test_texts(people: dict[str, Person]) -> None:
    writers = defaultdict(set)
    for person in people.values():
        assert person.bio or person.role == "professional"
        assert re.fullmatch(r"[a-z0-9_]{1,15}", person.username)
        assert set(person.talks_with) <= set(people)  # every reply, mention and repost is of somebody who exists
        for text in (person.bio, *person.posts):
            for host in re.findall(r"https?://([^\s/?#)]+)", text):
                assert host.endswith((".example", ".example.org")) or host == "example.org", text
        if person.role == "professional":
            for text in person.posts:
                writers[text].add(person.username)
    assert {text: names for text, names in writers.items() if len(names) > 1} == {}


def test_replies_and_reposts_point_to_whom_they_name(world: Dataset) -> None:
    posts = world.posts.to_pylist()
    for post in posts:
        reply, repost = re.match(r"@(\w+)", post["text"]), re.match(r"RT @(\w+):", post["text"])
        assert post["reply_to_account_id"] == (world.account(f"@{reply[1]}").account_id if reply else None)
        assert post["repost_of_account_id"] == (world.account(f"@{repost[1]}").account_id if repost else None)
    assert sum(post["reply_to_account_id"] is not None for post in posts) > 300
    assert sum(post["repost_of_account_id"] is not None for post in posts) > 80


def test_who_is_active(world: Dataset, people: dict[str, Person]) -> None:
    latest = dict.fromkeys(people, 10_000)
    for author, post in zip(world.post_authors, world.posts.to_pylist(), strict=True):
        name = str(world.username(author))
        assert post["created_at"] < END
        latest[name] = min(latest[name], (END - post["created_at"]).days)
    for name, person in people.items():
        assert 250 <= latest[name] <= 500 if person.role == "dormant" else latest[name] <= 20, name
        account = world.account(f"@{name}")
        assert account.last_post_at
        assert (END - account.last_post_at).days == latest[name]
        assert account.created_at
        assert account.created_at < account.last_post_at


def test_spammers_post_in_bursts(world: Dataset, people: dict[str, Person]) -> None:
    times = defaultdict(list)
    for author, post in zip(world.post_authors, world.posts.to_pylist(), strict=True):
        times[str(world.username(author))].append(post["created_at"])
    for name, person in people.items():
        span = (max(times[name]) - min(times[name])).days
        assert span < 5 if person.role == "link_spammer" else span > 20, name


def test_follows_by_role(people: dict[str, Person], follows: Follows) -> None:
    everybody, spammers = len(people), set(_of(people, "link_spammer"))
    followers = Counter(target for source, target in follows if source not in spammers)
    following = Counter(source for source, _ in follows)
    at = {role: [followers[name] for name in _of(people, role)] for role in {p.role for p in people.values()}}
    assert max(at["link_spammer"]) < 0.06 * everybody  # but for their own ring
    assert mean(at["link_spammer"]) < 0.02 * everybody
    assert all(0.15 < following[name] / everybody < 0.5 for name in spammers)
    assert 0.2 * everybody < mean(at["celebrity"]) < 0.45 * everybody
    assert min(at["celebrity"]) > median(followers[name] for name in _of(people, *COLLEAGUES))
    assert all(mean(at["celebrity"]) > 1.5 * mean(counts) for role, counts in at.items() if role != "celebrity")
    assert 0.07 * everybody < mean(at["self_promoter"]) < 0.16 * everybody
    assert all(following[name] <= 10 for name in _of(people, "celebrity", "self_promoter"))


def test_colleagues_follow_each_other_unevenly(people: dict[str, Person], follows: Follows) -> None:
    for field in sorted({f for p in people.values() for f in p.fields}):
        members = [name for name in _of(people, *COLLEAGUES) if field in people[name].fields]
        shares = [sum((a, b) in follows for b in members) / (len(members) - 1) for a in members]
        assert 0.35 < mean(shares) < 0.6, field
        popularity = [sum((a, b) in follows for a in members) / (len(members) - 1) for b in members]
        assert max(popularity) > 2 * min(popularity), field
    among = [(people[s], people[t]) for s, t in follows if people[s].role == people[t].role == "professional"]
    assert sum(bool(set(s.fields) & set(t.fields)) for s, t in among) > 0.65 * len(among)


def test_attractiveness_is_not_the_follower_count(people: dict[str, Person]) -> None:
    professionals = sorted((people[name] for name in _of(people, "professional")), key=lambda p: p.followers)
    half = len(professionals) // 2
    assert 0.7 < mean(p.pull for p in professionals[half:]) / mean(p.pull for p in professionals[:half]) < 1.4


def test_whoever_talks_with_somebody_mostly_follows_them(people: dict[str, Person], follows: Follows) -> None:
    pairs = [(name, other) for name, p in people.items() for other in p.talks_with if HERO not in (name, other)]
    assert len(pairs) > 300
    assert sum(pair in follows for pair in pairs) > 0.7 * len(pairs)


def test_hero(people: dict[str, Person], follows: Follows, near: set[str]) -> None:
    chosen = {target for source, target in follows if source == HERO}
    fans = {source for source, target in follows if target == HERO}
    assert 0.35 < len(chosen & near) / len(near) < 0.55
    rest = Counter(people[name].role for name in chosen - near)
    assert rest == {"celebrity": 2, "self_promoter": 1, "hobby": 1, "dormant": 2, "protected": 1}
    assert 0.25 < len(fans & near) / len(near) < 0.42
    assert Counter(people[name].role == "link_spammer" for name in fans - near) == {True: 8, False: 6}
    assert len((fans & near) - chosen) >= 3
    for field in people[HERO].fields:  # somebody to find, and somebody to find them by, in each field
        assert min(Counter(name in chosen for name in near if field in people[name].fields).values()) >= 8


def test_truth(people: dict[str, Person], follows: Follows, near: set[str]) -> None:
    header, *lines = plant()["truth.csv"].splitlines()
    assert header == "account_id,username,role,fields,relevant,followed_by_hero"
    rows = [line.split(",") for line in lines]
    assert {row[1] for row in rows} == set(people)
    assert {row[1] for row in rows if row[4] == "1"} == near
    assert {row[1] for row in rows if row[5] == "1"} == {target for source, target in follows if source == HERO}
    assert all((row[2], tuple(filter(None, row[3].split(";")))) == (people[row[1]].role, people[row[1]].fields) for row in rows)
