"""Plants the invented world: reads the hand-written people and posts beside this file, adds times, follows and the truth.

`python -m tests.world.plant` (re)writes accounts.csv, posts.csv, follows.csv and truth.csv in tweetfocus/data/invented, the
demo dataset of the package; `plant()` returns the same four texts. The same text files always give the same csv files.

- Colleagues (professional, dormant, protected, opted_out) follow 26-39 % of each of their fields, drawn by a hidden
  attractiveness that has nothing to do with follower counts, and follow back 40 % of the others who follow them there: in the
  end most follow 35-55 % of their field.
- 8 % of the people with one of data engineering and energy systems also follow a part of the other; colleagues follow 2-4 % of
  the professionals elsewhere. Whoever replies to, mentions or reposts somebody follows them with 70 %.
- Hobby accounts follow half of each other and two to five professionals, and are followed by 3-5 % of the professionals.
- A celebrity is followed by 25-45 % of all people; a self-promoter by 8-15 %, in the field they claim by 20 %; both follow few.
- Link spammers follow 25-40 % of everybody and 70 % of each other; 2-4 % of those they follow fall for it and follow back.
- The hero follows 45 % of the professionals of her two fields, rather those she talks with, and a few others, counted out in
  `_plant_hero`; a third of these professionals follow her, among them some whom she does not follow.
- Posts lie in the last 150 days, at least one in the last 20; those of dormant accounts end 250-500 days before the end; link
  spammers post in bursts every few hours, and their accounts are young.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

__all__ = ["COLLEAGUES", "END", "FOLDER", "Follows", "Person", "plant", "read_people"]

SEED = 20260301
END = datetime(2026, 3, 1, tzinfo=UTC)
FOLDER = Path(__file__).resolve().parents[2] / "tweetfocus" / "data" / "invented"
COLLEAGUES = ("professional", "dormant", "protected", "opted_out")
MEAN_LIKES = {"celebrity": 900, "self_promoter": 60, "link_spammer": 1}  # everybody else: 7

Follows = set[tuple[str, str]]


@dataclass(frozen=True)
class Person:
    """One block of a text file; `fields` is empty for people without a profession in this world."""

    username: str
    name: str
    lang: str
    role: str
    fields: tuple[str, ...]
    followers: int
    following: int
    bio: str
    posts: tuple[str, ...]

    @property
    def pull(self) -> float:
        """Hidden attractiveness: how gladly others follow this account."""
        return _rng("pull", self.username).lognormvariate(0, 0.7)

    @property
    def talks_with(self) -> list[str]:
        """Whom the account replies to, mentions or reposts."""
        return sorted({name.lower() for post in self.posts for name in re.findall(r"@(\w+)", post)} - {self.username})


def _rng(*what: str) -> Random:
    return Random(" ".join([str(SEED), *what]))


def read_people() -> dict[str, Person]:
    """Everybody in the people_*.txt files, by username, in order of username."""
    people: dict[str, Person] = {}
    for path in sorted(Path(__file__).parent.glob("people_*.txt")):
        for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
            head, bio, *posts = block.strip().split("\n")
            username, name, lang, role, fields, followers, following = (part.strip() for part in head[3:].split("|"))
            if username in people:
                raise ValueError(f"{path.name}: {username} is there twice")
            having = tuple(f.strip() for f in fields.split(",") if f.strip() != "none")
            texts = tuple(post[2:].strip() for post in posts)
            bio = "" if bio == "-" else bio.strip()
            people[username] = Person(username, name, lang, role, having, int(followers), int(following), bio, texts)
    return dict(sorted(people.items()))


def _times(person: Person) -> list[datetime]:
    """When the person's posts were written, one time per post, in no order."""
    rng, count = _rng("times", person.username), len(person.posts)
    if person.role == "link_spammer":
        at = END - timedelta(days=rng.uniform(0, 10))
        times: list[datetime] = []
        while len(times) < count:  # backwards, burst by burst
            times += [at := at - timedelta(seconds=rng.randint(40, 500)) for _ in range(rng.randint(2, 4))]
            at -= timedelta(hours=rng.uniform(2, 7))
        times = times[:count]
    else:
        latest = rng.randint(250, 499) if person.role == "dormant" else rng.randint(0, 19)
        oldest = latest + 150 if person.role == "dormant" else 149
        days = [latest] + [rng.randint(latest, oldest) for _ in range(count - 1)]
        times = [END - timedelta(days=day + 1) + timedelta(hours=rng.uniform(5, 22)) for day in days]
    rng.shuffle(times)
    return [time.replace(microsecond=0) for time in times]


def _draw(among: Iterable[Person], count: int, rng: Random, favour: dict[str, float] | None = None) -> list[Person]:
    """`count` different people, by attractiveness times `favour` (1 where nothing is said)."""
    keys = [(rng.random() ** (1 / (p.pull * (favour or {}).get(p.username, 1))), p.username, p) for p in among]
    return [p for *_, p in sorted(keys, key=lambda key: key[:2], reverse=True)[:count]]


def _plant_colleagues(people: Sequence[Person], follows: Follows) -> None:
    rng, colleagues = _rng("colleagues"), [p for p in people if p.role in COLLEAGUES]
    two = {"data engineering", "energy systems"}
    ones = [p for p in colleagues if len(two & set(p.fields)) == 1]
    crossing = {p.username for p in rng.sample(ones, round(0.08 * len(ones)))}
    for source in colleagues:
        for field in sorted({*source.fields, *(two if source.username in crossing else ())}):
            field_people = [p for p in colleagues if field in p.fields and p != source]
            count = round(rng.uniform(0.26, 0.39) * len(field_people))
            follows.update((source.username, p.username) for p in _draw(field_people, count, rng))
    fields = {p.username: set(p.fields) for p in people}
    follows.update((t, s) for s, t in sorted(follows) if fields[s] & fields[t] and (t, s) not in follows and rng.random() < 0.4)
    for source in colleagues:
        share = rng.uniform(0.02, 0.04)
        elsewhere = [p for p in colleagues if p.role == "professional" and not set(p.fields) & set(source.fields)]
        follows.update((source.username, p.username) for p in elsewhere if rng.random() < share)
    for person in people:
        follows.update((person.username, name) for name in person.talks_with if rng.random() < 0.7)


def _plant_others(people: Sequence[Person], follows: Follows) -> None:
    rng = _rng("others")
    of = {role: [p for p in people if p.role == role] for role in sorted({p.role for p in people})}
    for one in of["hobby"]:
        share = rng.uniform(0.03, 0.05)
        follows.update((p.username, one.username) for p in of["professional"] if rng.random() < share)
        follows.update((one.username, p.username) for p in of["hobby"] if p != one and rng.random() < 0.5)
        follows.update((one.username, p.username) for p in rng.sample(of["professional"], rng.randint(2, 5)))
    public = [p for p in people if p.role in (*COLLEAGUES, "hobby")]
    for one in of["celebrity"] + of["self_promoter"]:
        share = rng.uniform(0.25, 0.45) if one.role == "celebrity" else rng.uniform(0.08, 0.15)
        for p in public:
            if rng.random() < (0.2 if set(p.fields) & set(one.fields) else share):
                follows.add((p.username, one.username))
        few = rng.randint(0, 3) if one.role == "celebrity" else rng.randint(3, 9)
        liked = of["celebrity"] if one.role == "celebrity" else public + of["celebrity"] + of["self_promoter"]
        follows.update((one.username, p.username) for p in rng.sample(liked, few) if p != one)
    for one in of["link_spammer"]:
        follows.update((one.username, p.username) for p in of["link_spammer"] if p != one and rng.random() < 0.7)
        share, back = rng.uniform(0.25, 0.4), rng.uniform(0.02, 0.04)
        caught = [p for p in people if p.role != "link_spammer" and rng.random() < share]
        follows.update((one.username, p.username) for p in caught)
        follows.update(
            (p.username, one.username) for p in caught if p in public and p.role != "dormant" and rng.random() < back
        )


def _plant_hero(people: Sequence[Person], follows: Follows) -> None:
    rng, hero = _rng("hero"), next(p for p in people if p.role == "hero")
    near = [p for p in people if p.role == "professional" and set(p.fields) & set(hero.fields)]
    follows -= {pair for pair in follows if hero.username in pair}
    chosen = _draw(near, round(0.45 * len(near)), rng, dict.fromkeys(hero.talks_with, 5.0))
    for role, count in {"celebrity": 2, "self_promoter": 1, "hobby": 1, "dormant": 2, "protected": 1}.items():
        chosen += rng.sample([p for p in people if p.role == role], count)
    favour = {p.username: 2.0 for p in chosen} | {p.username: 8.0 for p in near if hero.username in p.talks_with}
    fans = _draw(near, round(len(near) / 3), rng, favour)
    fans += rng.sample([p for p in people if p.role == "link_spammer"], 8)
    fans += rng.sample([p for p in people if p.role in (*COLLEAGUES, "hobby") and p not in near], 6)
    follows.update((hero.username, p.username) for p in chosen)
    follows.update((p.username, hero.username) for p in fans)


def _csv(columns: str, rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([columns.split(), *rows])
    return out.getvalue()


def _stamp(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def plant() -> dict[str, str]:
    """The csv files of the world: file name -> content."""
    people = list((by_name := read_people()).values())
    ids = dict(zip(by_name, map(str, _rng("ids").sample(range(10**9, 10**10), len(people))), strict=True))
    times = {p.username: _times(p) for p in people}
    follows: Follows = set()
    for step in (_plant_colleagues, _plant_others, _plant_hero):
        step(people, follows)

    rng, born, accounts, posts, truth = _rng("tables"), {}, [], [], []
    hero = next(p for p in people if p.role == "hero")
    for p in people:
        ages = (30, 700) if p.role == "link_spammer" else (1200, 6200)
        born[p.username] = END - timedelta(days=rng.randint(*ages), seconds=rng.randint(0, 86_399))
        flags = (str(p.role == "protected").lower(), str(p.role != "opted_out").lower(), "true" if p == hero else "", "true")
        dates = (_stamp(born[p.username]), _stamp(max(times[p.username])))
        accounts.append((ids[p.username], p.username, p.name, p.bio, p.lang, p.followers, p.following, *dates, *flags))
        relevant = p.role == "professional" and bool(set(p.fields) & set(hero.fields))
        followed = (hero.username, p.username) in follows
        truth.append((ids[p.username], p.username, p.role, ";".join(p.fields), int(relevant), int(followed)))
        for text, time in zip(p.posts, times[p.username], strict=True):
            reply, repost = re.match(r"@(\w+)", text), re.match(r"RT @(\w+):", text)
            near = [ids[found[1].lower()] if found else "" for found in (reply, repost)]
            likes = int(rng.expovariate(1 / MEAN_LIKES.get(p.role, 7)))
            posts.append((_stamp(time), ids[p.username], text, p.lang, *near, likes, int(likes * rng.uniform(0, 0.3))))
    pairs = []
    for source, target in sorted(follows):
        since = max(END - timedelta(days=3 * 365), born[source], born[target])
        until = max(times[source]) if by_name[source].role == "dormant" else END
        pairs.append((ids[source], ids[target], _stamp(since + rng.random() * (until - since))))
    posts = [(1_990_000_000_000 + 1_009 * n, who, text, at, *rest) for n, (at, who, text, *rest) in enumerate(sorted(posts))]
    account_columns = "account_id username name bio lang followers_count following_count created_at last_post_at"
    post_columns = "post_id account_id text created_at lang reply_to_account_id repost_of_account_id like_count repost_count"
    return {
        "accounts.csv": _csv(f"{account_columns} protected discoverable is_me is_source", sorted(accounts)),
        "posts.csv": _csv(post_columns, posts),
        "follows.csv": _csv("source_id target_id created_at", sorted(pairs)),
        "truth.csv": _csv("account_id username role fields relevant followed_by_hero", sorted(truth)),
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in plant().items():
        (FOLDER / name).write_text(content, encoding="utf-8", newline="\n")
