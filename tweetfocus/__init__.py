"""tweetfocus: whom should a professional follow?

It embeds bios and posts, builds the follow graph, and ranks candidate accounts by how closely they share a person's professional
interests, with the reasons. Start with `read_dataset`, `AccountIndex.build` and `recommend`.

Importing this package loads nothing heavy: each name brings its own module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from tweetfocus.data.dataset import Dataset as Dataset
    from tweetfocus.data.demo import demo_dataset as demo_dataset
    from tweetfocus.data.graph import FollowGraph as FollowGraph
    from tweetfocus.data.memory import Memory as Memory
    from tweetfocus.data.records import Account as Account
    from tweetfocus.data.records import Follow as Follow
    from tweetfocus.data.records import Issue as Issue
    from tweetfocus.data.records import Post as Post
    from tweetfocus.embedding.cache import VectorCache as VectorCache
    from tweetfocus.embedding.encoders import Encoder as Encoder
    from tweetfocus.embedding.encoders import HashingEncoder as HashingEncoder
    from tweetfocus.embedding.encoders import SentenceTransformerEncoder as SentenceTransformerEncoder
    from tweetfocus.embedding.int8 import Int8Encoder as Int8Encoder
    from tweetfocus.errors import DataError as DataError
    from tweetfocus.errors import EncoderError as EncoderError
    from tweetfocus.errors import InvalidRequest as InvalidRequest
    from tweetfocus.errors import Mismatch as Mismatch
    from tweetfocus.errors import MissingExtra as MissingExtra
    from tweetfocus.errors import NotAuthorized as NotAuthorized
    from tweetfocus.errors import OutOfCredit as OutOfCredit
    from tweetfocus.errors import RateLimited as RateLimited
    from tweetfocus.errors import Refused as Refused
    from tweetfocus.errors import SourceError as SourceError
    from tweetfocus.errors import StaleCursor as StaleCursor
    from tweetfocus.errors import StorageError as StorageError
    from tweetfocus.errors import TweetfocusError as TweetfocusError
    from tweetfocus.errors import Unavailable as Unavailable
    from tweetfocus.errors import UnknownAccount as UnknownAccount
    from tweetfocus.evaluation.evaluate import Evaluation as Evaluation
    from tweetfocus.evaluation.evaluate import evaluate as evaluate
    from tweetfocus.evaluation.learn import learn as learn
    from tweetfocus.index.account_index import AccountIndex as AccountIndex
    from tweetfocus.index.building import Facet as Facet
    from tweetfocus.interfaces.plots import Plot as Plot
    from tweetfocus.interfaces.plots import plot_audience as plot_audience
    from tweetfocus.interfaces.plots import plot_focus as plot_focus
    from tweetfocus.interfaces.plots import plot_scores as plot_scores
    from tweetfocus.interfaces.report.report import Report as Report
    from tweetfocus.interfaces.report.report import report as report
    from tweetfocus.ranking.candidates import CandidateGenerator as CandidateGenerator
    from tweetfocus.ranking.eligibility import Dropped as Dropped
    from tweetfocus.ranking.eligibility import Left as Left
    from tweetfocus.ranking.pacing import Limits as Limits
    from tweetfocus.ranking.reasons import Reason as Reason
    from tweetfocus.ranking.weights import Weights as Weights
    from tweetfocus.sources.collect import collect as collect
    from tweetfocus.sources.plan import CollectPlan as CollectPlan
    from tweetfocus.sources.reading import read_dataset as read_dataset
    from tweetfocus.sources.run import Collected as Collected
    from tweetfocus.sources.source import Source as Source
    from tweetfocus.verbs.audience import audience as audience
    from tweetfocus.verbs.audiences import Audience as Audience
    from tweetfocus.verbs.audit import audit as audit
    from tweetfocus.verbs.audits import Audit as Audit
    from tweetfocus.verbs.follow_back import follow_back as follow_back
    from tweetfocus.verbs.follow_back_items import FollowBacks as FollowBacks
    from tweetfocus.verbs.inbox import inbox as inbox
    from tweetfocus.verbs.inbox_items import Inbox as Inbox
    from tweetfocus.verbs.plan import plan as plan
    from tweetfocus.verbs.plan_items import Plan as Plan
    from tweetfocus.verbs.recommend import recommend as recommend
    from tweetfocus.verbs.recommendations import Recommendation as Recommendation
    from tweetfocus.verbs.recommendations import Recommendations as Recommendations

_HOMES = {
    "Account": "tweetfocus.data.records",
    "AccountIndex": "tweetfocus.index.account_index",
    "Audience": "tweetfocus.verbs.audiences",
    "Audit": "tweetfocus.verbs.audits",
    "CandidateGenerator": "tweetfocus.ranking.candidates",
    "CollectPlan": "tweetfocus.sources.plan",
    "Collected": "tweetfocus.sources.run",
    "DataError": "tweetfocus.errors",
    "Dataset": "tweetfocus.data.dataset",
    "Dropped": "tweetfocus.ranking.eligibility",
    "Encoder": "tweetfocus.embedding.encoders",
    "EncoderError": "tweetfocus.errors",
    "Evaluation": "tweetfocus.evaluation.evaluate",
    "Facet": "tweetfocus.index.building",
    "Follow": "tweetfocus.data.records",
    "FollowBacks": "tweetfocus.verbs.follow_back_items",
    "FollowGraph": "tweetfocus.data.graph",
    "HashingEncoder": "tweetfocus.embedding.encoders",
    "Inbox": "tweetfocus.verbs.inbox_items",
    "Int8Encoder": "tweetfocus.embedding.int8",
    "InvalidRequest": "tweetfocus.errors",
    "Issue": "tweetfocus.data.records",
    "Left": "tweetfocus.ranking.eligibility",
    "Limits": "tweetfocus.ranking.pacing",
    "Memory": "tweetfocus.data.memory",
    "Mismatch": "tweetfocus.errors",
    "MissingExtra": "tweetfocus.errors",
    "NotAuthorized": "tweetfocus.errors",
    "OutOfCredit": "tweetfocus.errors",
    "Plan": "tweetfocus.verbs.plan_items",
    "Plot": "tweetfocus.interfaces.plots",
    "Post": "tweetfocus.data.records",
    "RateLimited": "tweetfocus.errors",
    "Reason": "tweetfocus.ranking.reasons",
    "Recommendation": "tweetfocus.verbs.recommendations",
    "Recommendations": "tweetfocus.verbs.recommendations",
    "Refused": "tweetfocus.errors",
    "Report": "tweetfocus.interfaces.report.report",
    "SentenceTransformerEncoder": "tweetfocus.embedding.encoders",
    "Source": "tweetfocus.sources.source",
    "SourceError": "tweetfocus.errors",
    "StaleCursor": "tweetfocus.errors",
    "StorageError": "tweetfocus.errors",
    "TweetfocusError": "tweetfocus.errors",
    "Unavailable": "tweetfocus.errors",
    "UnknownAccount": "tweetfocus.errors",
    "VectorCache": "tweetfocus.embedding.cache",
    "Weights": "tweetfocus.ranking.weights",
    "audience": "tweetfocus.verbs.audience",
    "audit": "tweetfocus.verbs.audit",
    "collect": "tweetfocus.sources.collect",
    "demo_dataset": "tweetfocus.data.demo",
    "evaluate": "tweetfocus.evaluation.evaluate",
    "follow_back": "tweetfocus.verbs.follow_back",
    "inbox": "tweetfocus.verbs.inbox",
    "learn": "tweetfocus.evaluation.learn",
    "plan": "tweetfocus.verbs.plan",
    "plot_audience": "tweetfocus.interfaces.plots",
    "plot_focus": "tweetfocus.interfaces.plots",
    "plot_scores": "tweetfocus.interfaces.plots",
    "read_dataset": "tweetfocus.sources.reading",
    "recommend": "tweetfocus.verbs.recommend",
    "report": "tweetfocus.interfaces.report.report",
}

__all__ = [*sorted(_HOMES), "__version__"]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tweetfocus' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
