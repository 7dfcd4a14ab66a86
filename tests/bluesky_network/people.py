"""Invented people, made on a network with the SDK as people make themselves: accounts, profiles, posts, follows."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from atproto import Client, client_utils, models
from atproto_client.exceptions import RequestErrorBase

from .network import Network

BIOS = {
    "mara": "Data engineer at a grid operator. dbt, Airflow, load profiles.",
    "benno": "Analytics engineer, electricity side. dbt and load profiles.",
    "camille": "dbt models for heat pumps and tariffs. Analytics engineering.",
    "devika": "SCADA historians and substations, and the pipelines behind them.",
    "eva": "Airflow pipelines for load forecasts in distribution networks.",
    "femi": "Load forecasting pipelines, day ahead. dbt and Airflow.",
    "gilles": "Baker. Sourdough, rye and patience.",
    "hana": "Energy data and dbt, seen by people who are signed in.",
    "iris": "Airflow and dbt at a utility. Not for recommendation lists.",
    "jonas": "dbt dbt dbt! Best load profiles! Click here!",
    "kerstin": "Heat pumps, dbt snapshots, tariffs. Analytics engineer.",
    "leif": "Load profiles, but gone by now.",
}
TOPICS = {
    "mara": ["dbt snapshots on the connection register", "Airflow retries before the load profile run"],
    "gilles": ["Rye starter, day nine", "A slow sourdough for cold kitchens"],
}
FIELD = [
    "dbt tests for load profiles caught a tariff",
    "Airflow at night, substations by day",
    "A load forecast from last week",
]
FOLLOWS = {
    "mara": ["benno", "camille", "devika"],
    "benno": ["mara", "eva", "femi", "kerstin", "leif", "jonas"],
    "camille": ["mara", "eva", "hana", "iris", "kerstin"],
    "devika": ["eva", "femi", "gilles", "iris", "jonas"],
    "eva": ["mara", "femi"],
}


@dataclass
class People:
    """Everybody's signed-in client and DID, by name."""

    network: Network
    clients: dict[str, Client] = field(default_factory=dict)
    did: dict[str, str] = field(default_factory=dict)

    def handle(self, name: str) -> str:
        return f"{name}.test"

    def password(self, name: str) -> str:
        return f"password-of-{name}"


def settle_down(network: Network) -> People:
    """Make everybody, with all they say and whom they follow; then what the network's labelers and moderators do."""
    people = People(network)
    for name, bio in BIOS.items():
        client = Client(network.pds)
        client.com.atproto.server.create_account(
            models.ComAtprotoServerCreateAccount.Data(
                handle=people.handle(name), email=f"{name}@people.example", password=people.password(name)
            )
        )
        people.did[name] = _login(client, network, people.handle(name), people.password(name))
        people.clients[name] = client
        own_words = [{"$type": "com.atproto.label.defs#selfLabel", "val": "!no-unauthenticated"}] if name == "hana" else []
        profile: dict[str, Any] = {"$type": "app.bsky.actor.profile", "displayName": name.title(), "description": bio}
        if own_words:
            profile["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": own_words}
        put(client, "app.bsky.actor.profile", profile)
        for text in TOPICS.get(name, FIELD):
            client.send_post(text)
    for name, others in FOLLOWS.items():
        for other in others:
            people.clients[name].follow(people.did[other])
    _talk(people)
    put(
        people.clients["iris"],
        "app.bsky.actor.contentVisibilityDeclaration",
        {"$type": "app.bsky.actor.contentVisibilityDeclaration", "hideFromAlgorithmicRecommendations": True},
    )
    network.settle()
    network.label(people.did["jonas"], "spam")
    network.takedown(people.did["leif"])
    return people


def _login(client: Client, network: Network, handle: str, password: str) -> str:
    """Sign in as soon as the appview has heard of the account."""
    network.settle()
    for _ in range(50):
        try:
            client.login(handle, password)
        except RequestErrorBase:
            time.sleep(0.1)
        else:
            return str(client.me.did)
    raise RuntimeError(f"{handle} cannot sign in")


def put(client: Client, collection: str, record: dict[str, Any]) -> None:
    client.com.atproto.repo.put_record(
        {"repo": client.me.did, "collection": collection, "rkey": "self", "record": record, "validate": False}
    )


def _talk(people: People) -> None:
    """A reply with a mention, a link, a quote, a repost, a like, a list, and a mention of the owner."""
    mara, benno = people.clients["mara"], people.clients["benno"]
    first = benno.send_post("Which grid has open profiles?")
    ref = models.create_strong_ref(first)
    text = client_utils.TextBuilder().mention("@benno.test", people.did["benno"]).text(" see ")
    text.link("paper.example/load", "https://paper.example/load/2026")
    mara.send_post(text, reply_to=models.AppBskyFeedPost.ReplyRef(parent=ref, root=ref))
    mara.send_post("This.", embed=models.AppBskyEmbedRecord.Main(record=ref))
    mara.repost(first.uri, first.cid)
    mara.like(first.uri, first.cid)
    benno.send_post(client_utils.TextBuilder().mention("@mara.test", people.did["mara"]).text(" which dbt version?"))
    made = mara.com.atproto.repo.create_record(
        {
            "repo": people.did["mara"],
            "collection": "app.bsky.graph.list",
            "record": {
                "$type": "app.bsky.graph.list",
                "purpose": "app.bsky.graph.defs#curatelist",
                "name": "Grid",
                "createdAt": mara.get_current_time_iso(),
            },
        }
    )
    for name in ("eva", "femi"):
        item = {"$type": "app.bsky.graph.listitem", "subject": people.did[name], "list": made.uri}
        mara.com.atproto.repo.create_record(
            {
                "repo": people.did["mara"],
                "collection": "app.bsky.graph.listitem",
                "record": item | {"createdAt": mara.get_current_time_iso()},
            }
        )
