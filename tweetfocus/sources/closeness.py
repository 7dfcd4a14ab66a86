"""Who is near the owner, judged from what has been collected so far: the order in which requests and money are spent.

This is not the ranking of recommendations. It knows no texts and only has to point where more should be read.
"""

from __future__ import annotations

import json
import math
from collections import Counter

from tweetfocus.sources.state import CollectState

__all__ = ["candidates", "close_followings", "followings_of"]


def followings_of(state: CollectState, account_id: str) -> set[str]:
    """Whom an account follows, as far as that is known."""
    found = state.ask("SELECT target_id FROM pairs WHERE kind = 'follows' AND source_id = ?", account_id)
    return {target for (target,) in found}


def close_followings(state: CollectState, me: str) -> list[str]:
    """Whom the owner follows, the closest first; without those whose lists are not open.

    Closeness is the log of how often the owner speaks to them or reposts them, the log of how often they mention the owner, and
    one each for following back and for standing on one of the owner's lists. Among equals, who follows fewer comes first: such a
    list says more, and costs less.
    """
    closed = _closed(state)
    mine, theirs = _spoken_to(state, me), _spoken_by(state, me)
    back = {s for (s,) in state.ask("SELECT source_id FROM pairs WHERE kind = 'follows' AND target_id = ?", me)}
    listed = {t for (t,) in state.ask("SELECT DISTINCT target_id FROM pairs WHERE kind = 'listed'")}
    sizes = dict(state.ask("SELECT account_id, following_count FROM accounts WHERE following_count IS NOT NULL"))

    def closeness(account_id: str) -> float:
        spoken = math.log1p(mine[account_id]) + math.log1p(theirs[account_id])
        return round(spoken + (account_id in back) + (account_id in listed), 9)

    open_ones = followings_of(state, me) - closed - {me}
    return sorted(open_ones, key=lambda i: (-closeness(i), sizes.get(i, math.inf), i))


def candidates(state: CollectState, me: str) -> list[str]:
    """Whom the owner does not follow, those with the most evidence first; without opted-out, muted and blocked ones.

    Evidence is the sum over the owner's followings that follow them, each divided by the log of how many it follows (after Adamic
    and Adar), plus one for following the owner and the log of how often they mention the owner.
    """
    followings = followings_of(state, me)
    evidence: Counter[str] = Counter()
    size = dict(state.ask("SELECT source_id, count(*) FROM pairs WHERE kind = 'follows' GROUP BY source_id"))
    for source in sorted(followings & set(size)):
        for target in followings_of(state, source):
            evidence[target] += 1 / math.log2(2 + size[source])  # type: ignore[assignment]
    for (source,) in state.ask("SELECT source_id FROM pairs WHERE kind = 'follows' AND target_id = ?", me):
        evidence[source] += 1
    for account_id, times in _spoken_by(state, me).items():
        evidence[account_id] += math.log1p(times)  # type: ignore[assignment]
    for (member,) in state.ask("SELECT DISTINCT target_id FROM pairs WHERE kind = 'listed'"):
        evidence[member] += 1
    left_out = followings | _closed(state) | {me}
    found = [i for i in evidence if i not in left_out]
    return sorted(found, key=lambda i: (-round(evidence[i], 9), i))


def _closed(state: CollectState) -> set[str]:
    """Accounts that are not read any further: protected, opted out, gone, muted or blocked."""
    closed = state.ask("SELECT account_id FROM accounts WHERE protected = 1 OR discoverable = 0 OR gone IS NOT NULL")
    return {i for (i,) in closed + state.ask("SELECT target_id FROM pairs WHERE kind IN ('mutes', 'blocks')")}


def _spoken_to(state: CollectState, me: str) -> Counter[str]:
    """How often the owner replied to, quoted, reposted or mentioned each account."""
    names = {str(n).lower(): i for n, i in state.ask("SELECT username, account_id FROM accounts WHERE username IS NOT NULL")}
    spoken: Counter[str] = Counter()
    for *referred, mentions in state.each(
        "SELECT reply_to_account_id, repost_of_account_id, quote_of_account_id, mentions FROM posts WHERE account_id = ?", me
    ):
        named = {names.get(str(who).lower().removeprefix("@"), who) for who in json.loads(mentions or "[]")}
        spoken.update({who for who in {*referred, *named} if who and who != me})
    return spoken


def _spoken_by(state: CollectState, me: str) -> Counter[str]:
    """How often each account mentioned the owner or replied, in the posts that were collected."""
    username = next((name for (name,) in state.ask("SELECT username FROM accounts WHERE account_id = ?", me)), None)
    own = {me, (username or me).lower()}
    spoken: Counter[str] = Counter()
    for author, replied, quoted, mentions in state.each(
        "SELECT account_id, reply_to_account_id, quote_of_account_id, mentions FROM posts WHERE account_id <> ?", me
    ):
        named = {str(who).lower().removeprefix("@") for who in json.loads(mentions or "[]")}
        if me in (replied, quoted) or named & own:
            spoken[author] += 1
    return spoken
