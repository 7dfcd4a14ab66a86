"""Are `audit` and `audience` right about the invented world, whose truth is planted, and are they quick with 100,000 posts?

Some limits of both (the chance that a stranger passes, what is off topic, how alike two interests may be) were chosen while looking at
this world, so its figures are what they reach where they were made, not a promise for other data.
"""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.metrics import adjusted_rand_score, roc_auc_score

import tweetfocus
from tweetfocus.data.dataset import Dataset
from tweetfocus.data.demo import demo_dataset
from tweetfocus.data.records import Account, Follow, Post
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.embedding.encoders import HashingEncoder
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.own_posts import OwnPosts, own_posts
from tweetfocus.ranking.relevance import relevance
from tweetfocus.ranking.splitting import Split, propose_split
from tweetfocus.ranking.topics import find_topics
from tweetfocus.verbs.audience import audience
from tweetfocus.verbs.audit import audit

__all__ = ["measure", "table"]

_COLLEAGUES = {"professional", "dormant", "protected", "opted_out", "hero"}
_PRETENDERS = {"link_spammer", "self_promoter"}
_HERO = "@mara_lindqvist"
_SWAPPED = 4  # posts given to each account that gets foreign ones
_MIXTURES = 40
_ADDITIONS = 40


@dataclass(frozen=True, eq=False)
class _World:
    index: AccountIndex
    role: list[str]
    fields: list[set[str]]

    def writers(self, field: str | None = None) -> list[int]:
        """Professionals with one field who write English and at least ten posts."""
        lang = self.index.data.accounts["lang"].to_pylist()
        many = np.diff(self.index.post_offsets)
        return [
            row
            for row in range(len(self.index))
            if self.role[row] == "professional"
            and len(self.fields[row]) == 1
            and lang[row] == "en"
            and many[row] >= 10
            and (field is None or field in self.fields[row])
        ]

    def texts(self, rows: Sequence[int]) -> list[str]:
        """All posts of these accounts."""
        return list(dict.fromkeys(text for row in rows for text in self.index.post_texts(row)))

    def with_posts(self, account: Account, texts: Sequence[str]) -> AccountIndex:
        """The index with more posts by one account."""
        posts = [Post(account_id=account.account_id, post_id=f"new{n}", text=text) for n, text in enumerate(texts)]
        return self.index.add(Dataset.from_records([account], posts=posts), cache=False, progress=False)


def measure(*, cache: Path | None = None, seed: int = 2026) -> dict[str, Any]:
    """All figures.

    Args:
        cache: of vectors.
        seed: of everything that is drawn.
    """
    data = demo_dataset()
    index = AccountIndex.build(data, cache=VectorCache(cache) if cache else True)
    truth = Path(tweetfocus.__file__).parent / "data" / "invented" / "truth.csv"
    with open(truth, encoding="utf-8", newline="") as file:
        known = {record["account_id"]: record for record in csv.DictReader(file)}
    ids = data.accounts["account_id"].to_pylist()
    world = _World(index, [known[i]["role"] for i in ids], [set(filter(None, known[i]["fields"].split(";"))) for i in ids])
    rng = np.random.default_rng(seed)
    return {
        "relevance": _relevance(world),
        "followers of the hero": _followers(world),
        "off-topic posts": _off_topic(world, rng, cache),
        "interests found": _interests(world, rng),
        "focus after off-topic posts": _focus(world, rng),
        "random followers": _random_followers(world, rng),
        "100,000 posts": _speed(rng),
    }


def table(figures: dict[str, Any]) -> str:
    """What `measure` found, as a table for the guide."""
    near, fans, off = figures["relevance"], figures["followers of the hero"], figures["off-topic posts"]
    focus, random, speed = figures["focus after off-topic posts"], figures["random followers"], figures["100,000 posts"]
    rows = [
        (f"{near['people who ask']} people: who shares their field, precision", _percent(near["precision"])),
        ("recall", _percent(near["recall"])),
        ("strangers who pass", f"{100 * near['strangers who pass']:.1f} %"),
        ("spammers and self-promoters who claim the field, and pass", _percent(near["pretenders of the field who pass"])),
        (
            f"the hero's {fans['followers']} followers: of the field as planted, and effective as found",
            f"{fans['of the field, planted']}, {fans['effective, found']} ({fans['effective and of the field']} of them right)",
        ),
        ("spammers among them, found", f"{fans['spammers, found']} of {fans['spammers, planted']}"),
        (f"{off['planted']} posts given to somebody of another field, called off topic: recall", _percent(off["recall"])),
        ("precision (the others' own private posts count as wrong)", _percent(off["precision"])),
        ("area under the curve", f"{off['auc']:.2f}"),
        *(
            (
                f"posts of {k} field{'' if k == '1' else 's'} in one account: that number of interests found",
                _percent(found["right"]),
            )
            for k, found in figures["interests found"].items()
        ),
        (f"off-topic posts added, {focus['additions']} times: focus raised", str(focus["raised"])),
        ("mean change of focus", f"{focus['mean change']:+.2f}"),
        (f"100 random followers for each of {random['people']} people: relevant share raised", str(random["share raised"])),
        ("mean change of the relevant share", f"{random['mean change of the share']:+.2f}"),
        (
            "mean and largest change of influence",
            f"{_signed(random['mean change of influence'])}, {_percent(random['largest change of influence'])}",
        ),
        (
            f"{speed['posts']:,} posts by one account: seconds of a processor for audit, audience",
            f"{speed['audit_cpu_s']:.1f}, {speed['audience_cpu_s']:.1f}",
        ),
    ]
    return "\n".join(["| question | found |", "|---|---:|", *(f"| {question} | {found} |" for question, found in rows)])


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _signed(share: float) -> str:
    return f"{100 * share:+.0f} %"


def _relevance(world: _World) -> dict[str, Any]:
    """Everybody with a field asks: who of the others shares it? Those who pretend to a field are counted apart."""
    found, pretending = [], []
    pretends = np.array([role in _PRETENDERS for role in world.role])
    for row, fields in enumerate(world.fields):
        if world.role[row] not in ("professional", "hero"):
            continue
        near = np.array([bool(other & fields) for other in world.fields])
        others = np.arange(len(near)) != row
        passes = relevance(world.index, world.index.data.account_id(row)).passes
        honest = others & ~pretends
        hits = (passes & near & honest).sum()
        found.append(
            (
                hits / max((passes & honest).sum(), 1),
                hits / (near & honest).sum(),
                (passes & ~near & honest).sum() / (~near & honest).sum(),
            )
        )
        pretending.append((passes & near & pretends).sum() / max((near & pretends).sum(), 1))
    precision, recall, strangers = np.mean(found, axis=0)
    return {
        "people who ask": len(found),
        "precision": float(precision),
        "recall": float(recall),
        "strangers who pass": float(strangers),
        "precision, worst tenth": float(np.quantile(np.array(found)[:, 0], 0.1)),
        "recall, worst tenth": float(np.quantile(np.array(found)[:, 1], 0.1)),
        "pretenders of the field who pass": float(np.mean(pretending)),
    }


def _followers(world: _World) -> dict[str, Any]:
    found = audience(world.index, _HERO)
    mine = world.fields[world.index.data.row(_HERO)]
    rows = [world.index.data.row(member.account_id) for member in found.followers.members]
    true = [world.role[row] in _COLLEAGUES and bool(world.fields[row] & mine) for row in rows]
    spam = [world.role[row] == "link_spammer" for row in rows]
    pairs = list(zip(found.followers.members, true, spam, strict=True))
    return {
        "followers": len(rows),
        "of the field, planted": sum(true),
        "relevant, found": found.followers.relevant,
        "95 %": list(found.followers.interval or ()),
        "effective, found": found.followers.effective,
        "effective and of the field": sum(member.effective and one for member, one, _ in pairs),
        "spammers, planted": sum(spam),
        "spammers, found": sum(member.spam and one for member, _, one in pairs),
    }


def _off_topic(world: _World, rng: np.random.Generator, cache: Path | None) -> dict[str, Any]:
    """Four posts of two fifths of the people go to somebody of another field: does the audit find them?"""
    data, writers = world.index.data, world.writers()
    given = [row for row in writers if rng.random() < 0.4]
    givers = [row for row in writers if row not in given]
    authors, ids = data.posts["account_id"].to_pylist(), data.posts["post_id"].to_pylist()
    foreign: set[str] = set()
    for row in given:
        strangers = [other for other in givers if not world.fields[other] & world.fields[row]]
        for other in rng.choice(strangers, _SWAPPED, replace=False).tolist():
            post = int(rng.integers(data.post_offsets[other], data.post_offsets[other + 1]))
            authors[post] = data.account_id(row)
            foreign.add(ids[post])
    column = data.posts.column_names.index("account_id")
    posts = data.posts.set_column(column, "account_id", pa.array(authors))
    swapped = Dataset.from_frames(data.accounts, posts=posts, follows=data.follows)
    index = AccountIndex.build(swapped, cache=VectorCache(cache) if cache else True)
    planted: list[bool] = []
    nearness: list[float] = []
    for row in given:
        own = own_posts(index, row)
        topics = find_topics(index, row, own)
        planted += [own.id_of(int(post)) in foreign for post in own.embedded]
        nearness += topics.nearness.tolist()
        limit = topics.off_below
    off, true = np.array(nearness) < limit, np.array(planted)
    return {
        "accounts": len(given),
        "posts": len(true),
        "planted": int(true.sum()),
        "auc": float(roc_auc_score(~true, nearness)),
        "precision": float((off & true).sum() / off.sum()),
        "recall": float((off & true).sum() / true.sum()),
        "of their own posts, off topic": float((off & ~true).sum() / (~true).sum()),
    }


def _interests(world: _World, rng: np.random.Generator) -> dict[str, Any]:
    """An account made of posts of k fields, four people each: how many interests are found?"""
    fields = sorted({field for row in world.writers() for field in world.fields[row]})
    found: dict[str, Any] = {}
    for k in (1, 2, 3, 4, 5):
        counts: Counter[int] = Counter()
        agreement = []
        for _ in range(_MIXTURES):
            parts = [
                world.texts(rng.choice(world.writers(field), 4, replace=False).tolist())
                for field in rng.choice(fields, k, replace=False)
            ]
            places, truth = _mixed(world, parts)
            split = propose_split(*places)
            counts[max(len(split.accounts), 1)] += 1
            agreement.append(adjusted_rand_score(truth, _labels(split, places[2])))
        found[str(k)] = {
            "found": {str(many): count for many, count in sorted(counts.items())},
            "right": counts[k] / _MIXTURES,
            "adjusted Rand index": float(np.mean(agreement)) if k > 1 else None,
        }
    return found


def _mixed(world: _World, parts: Sequence[Sequence[str]]) -> tuple[Any, list[int]]:
    index = world.with_posts(Account(account_id="mixed"), [text for part in parts for text in part])
    row = index.data.row("mixed")
    posts = own_posts(index, row)
    of = {text: number for number, part in enumerate(parts) for text in part}
    truth = [of[text] for text in index.post_texts(row)]
    return (index, row, posts, find_topics(index, row, posts)), truth


def _labels(split: Split, posts: OwnPosts) -> list[int]:
    """The account that each embedded post would go to."""
    group = {post_id: number for number, account in enumerate(split.accounts) for post_id in account.post_ids}
    return [group.get(posts.id_of(int(post)), 0) for post in posts.embedded]


def _focus(world: _World, rng: np.random.Generator) -> dict[str, Any]:
    """Posts of another field are added, up to as many as there are: focus may only fall."""
    writers, data = world.writers(), world.index.data
    changes = []
    for _ in range(_ADDITIONS):
        row = int(rng.choice([*writers, data.row(_HERO)]))
        strangers = [other for other in writers if not world.fields[other] & world.fields[row]]
        foreign = world.texts(rng.permutation(strangers)[:8].tolist())
        many = int(rng.integers(1, min(len(world.index.post_texts(row)), len(foreign)) + 1))
        account = data.account(data.account_id(row))
        texts = rng.permutation(foreign)[:many].tolist()
        after = audit(world.with_posts(account, texts), account.account_id).focus
        before = audit(world.index, account.account_id).focus
        if before is None or after is None:
            raise AssertionError("an account with ten posts has a focus")
        changes.append(after - before)
    return {"additions": len(changes), "raised": sum(change > 0 for change in changes), "mean change": float(np.mean(changes))}


def _random_followers(world: _World, rng: np.random.Generator) -> dict[str, Any]:
    """A hundred accounts drawn from the index follow each of twenty people: what does that do to share and influence?"""
    data = world.index.data
    shares, influence, raised = [], [], 0
    for row in rng.choice(world.writers(), 20, replace=False).tolist():
        who = data.account_id(row)
        rest = np.setdiff1d(np.arange(len(data)), [*world.index.graph.followers(row).tolist(), row])
        drawn = rng.choice(rest, 100, replace=False).tolist()
        follows = [Follow(source_id=data.account_id(one), target_id=who) for one in drawn]
        before = audience(world.index, who)
        after = audience(world.index.with_follows(data.merge(Dataset.from_records(follows=follows))), who)
        if before.followers.share is None or after.followers.share is None:
            raise AssertionError("followers in the world can be judged")
        shares.append(after.followers.share - before.followers.share)
        raised += after.followers.share > before.followers.share
        if before.influence.score:
            influence.append(after.influence.score / before.influence.score - 1)
    return {
        "people": len(shares),
        "share raised": raised,
        "mean change of the share": float(np.mean(shares)),
        "mean change of influence": float(np.mean(influence)),
        "largest change of influence": float(np.max(np.abs(influence))),
    }


def _speed(rng: np.random.Generator, many: int = 100_000) -> dict[str, Any]:
    """Seconds of both verbs for an account with so many posts, after embedding."""
    data = demo_dataset()
    words = sorted({word for text in data.posts["text"].to_pylist() for word in text.split()})
    drawn = rng.choice(words, (many, 9))
    account = data.account(_HERO)
    posts = [Post(account_id=account.account_id, post_id=f"new{n}", text=" ".join(row)) for n, row in enumerate(drawn.tolist())]
    larger = data.update(Dataset.from_records([account], posts=posts))
    index = AccountIndex.build(larger, encoder=HashingEncoder(), cache=False, max_posts=2 * many)
    found = {"posts": many, "encoder": "hashing"}
    for name, verb in (("audit", audit), ("audience", audience)):
        start, worked = time.perf_counter(), time.process_time()
        verb(index, _HERO)
        found[f"{name}_s"], found[f"{name}_cpu_s"] = time.perf_counter() - start, time.process_time() - worked
    return found
