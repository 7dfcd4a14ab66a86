"""The numbers that the page's script draws; the page says the same ones in tables."""

from __future__ import annotations

from typing import Any

from tweetfocus.ranking.balance import MEASURES
from tweetfocus.ranking.crowd import Crowd
from tweetfocus.ranking.simulation import Expected
from tweetfocus.verbs.audiences import Audience
from tweetfocus.verbs.audits import Audit

__all__ = ["chart_data", "crowd_parts"]


def chart_data(audit: Audit, audience: Audience, names: tuple[str, ...]) -> dict[str, Any]:
    """One entry for each figure; what could not be judged is left out or None."""
    balance, simulation = audit.balance, audience.simulation
    return {
        "quarters": {
            "names": list(names),
            "rows": [
                {
                    "quarter": q.quarter,
                    "posts": q.posts,
                    "shares": None if q.shares is None else list(q.shares),
                    "on_topic": q.on_topic,
                    "focus": q.focus,
                }
                for q in audit.quarters
            ],
        },
        "balance": {"position": balance.position, "field": balance.peer_position},
        "measures": [
            {"name": MEASURES[m.name], "share": m.share, "low": m.low, "middle": m.middle, "high": m.high}
            for m in balance.measures
        ],
        "crowds": [
            {"name": name, "parts": [{"name": part, "accounts": many} for part, many in crowd_parts(crowd)]}
            for name, crowd in (("followers", audience.followers), ("following", audience.following))
            if len(crowd)
        ],
        "simulation": None if simulation is None else _outcomes(simulation.chosen, simulation.random),
    }


def crowd_parts(crowd: Crowd) -> tuple[tuple[str, int], ...]:
    """A crowd in four parts that add up to it."""
    return (
        ("effective", crowd.effective),
        ("relevant, but silent or spam", crowd.relevant - crowd.effective),
        ("not relevant", crowd.judged - crowd.relevant),
        ("cannot be judged", len(crowd) - crowd.judged),
    )


def _outcomes(chosen: Expected, random: Expected) -> list[dict[str, Any]]:
    """Mean and 95 % interval of what each crowd would bring."""
    rows = (
        ("share your field", chosen.relevant, random.relevant),
        ("engage with you", chosen.engaged, random.engaged),
        ("follow you back", chosen.reciprocal, random.reciprocal),
    )
    sizes = {"chosen_of": chosen.accounts, "random_of": random.accounts}
    return [{"name": name, "chosen": list(one), "random": list(other), **sizes} for name, one, other in rows]
