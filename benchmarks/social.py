"""Inbox, following back and the plan of the invented world's hero, against what was planted, with the default model.

The mail is that of `tests/world/mail.py`: mentions with what they are for, answers to some of them, and the small talk among the posts
of her followers. What counts as on topic was chosen while looking at this world, so that figure flatters.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import tweetfocus as tf
from tests.world.mail import ANSWERED, HERO, MAIL, SMALL_TALK, SPAM, mail
from tests.world.plant import END, FOLDER

__all__ = ["measure"]

_KINDS = ("question", "comment", "thanks", "repost", "other")
Truth = dict[str, dict[str, str]]


def measure(cache: Path | None = None) -> dict[str, Any]:
    """Counts of what was planted and of what was found."""
    with open(FOLDER / "truth.csv", encoding="utf-8", newline="") as file:
        truth = {record["account_id"]: record for record in csv.DictReader(file)}
    index = tf.AccountIndex.build(mail(tf.demo_dataset()), cache=tf.VectorCache(cache) if cache else True, progress=False)
    return {
        "inbox": _inbox(index),
        "follow_back": _follow_back(index, truth),
        "plan": _plan(index, truth),
    }


def _as_of() -> datetime:
    return END.astimezone(UTC)


def _inbox(index: tf.AccountIndex) -> dict[str, Any]:
    found = tf.inbox(index, f"@{HERO}", as_of=_as_of(), n=500)
    lists = (*found.waiting, *found.thanks, *found.reposts, *found.other)
    shown = {kind: {mention.text for mention in lists if mention.kind == kind} for kind in _KINDS}
    planted = {kind: {text for _, _, of, text in MAIL if of == kind} for kind in _KINDS}
    everything = set().union(*shown.values())
    many = tf.inbox(index, f"@{HERO}", as_of=_as_of(), n_reposts=5000, per_person=500, days=None).worth_reposting
    return {
        "planted": {kind: len(texts) for kind, texts in planted.items()},
        "found_as_planted": {kind: len(texts & shown[kind]) for kind, texts in planted.items()},
        "planted_others_shown_as_questions": len(shown["question"] & (set().union(*planted.values()) - planted["question"])),
        "answered": {"planted": len(ANSWERED), "shown": len(everything & {text for *_, text in ANSWERED})},
        "spam": {"planted": len(SPAM), "shown": len(everything & {text for *_, text in SPAM})},
        "worth_reposting": {"shown": len(many), "small_talk": sum(post.text.startswith(SMALL_TALK) for post in many)},
    }


def _follow_back(index: tf.AccountIndex, truth: Truth) -> dict[str, Any]:
    found = tf.follow_back(index, f"@{HERO}", as_of=_as_of(), n=500, n_reconsider=500)
    graph, row = index.graph, index.data.row(f"@{HERO}")
    fans = {index.data.account_id(int(r)) for r in set(graph.followers(row)) - set(graph.following(row))}
    followed = [index.data.account_id(int(r)) for r in graph.following(row)]
    shown = {follower.account_id for follower in found.followers}
    return {
        "followers_not_followed": dict(Counter(_role(truth[account]) for account in sorted(fans))),
        "followers_shown": dict(Counter(_role(truth[account]) for account in sorted(shown))),
        "followings": dict(Counter(_role(truth[account]) for account in followed)),
        "followings_to_reconsider": dict(Counter(_role(truth[item.account_id]) for item in found.reconsider)),
        "left_out": dict(Counter(drop.code.value for drop in found.dropped)),
    }


def _plan(index: tf.AccountIndex, truth: Truth) -> dict[str, Any]:
    found = tf.plan(index, f"@{HERO}", as_of=_as_of(), today=date(2026, 3, 2))
    to_find = sum(record["relevant"] == "1" and record["followed_by_hero"] == "0" for record in truth.values())
    return {
        "relevant_and_not_followed": to_find,
        "planned": dict(Counter(_role(truth[account.account_id]) for account in found.accounts)),
        "coverage": sorted(found.coverage.values(), reverse=True),
    }


def _role(record: dict[str, str]) -> str:
    return "relevant" if record["relevant"] == "1" else record["role"]
