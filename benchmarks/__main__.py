"""Run benchmarks by name: `python -m benchmarks NAME --help`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks import bots, diversity, import_time, mentions, planted, professions, second_build, social, verbs_audit
from benchmarks.results import settings_before, write_result
from tweetfocus.data.dataset import read_dataset
from tweetfocus.data.demo import demo_dataset
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.errors import TweetfocusError

app = typer.Typer(help="One benchmark per question; each writes its figures to benchmarks/results/.", no_args_is_help=True)

Data = Annotated[Path, typer.Option(metavar="FOLDER", help="A dataset folder: accounts, follows, and if there posts.")]
Cache = Annotated[Path | None, typer.Option(metavar="FILE", help="Keep vectors here between runs.")]
Fewest = Annotated[int, typer.Option(help="Followers of a candidate, at least.")]
Most = Annotated[int | None, typer.Option(help="Follows of a query, at most.")]


@app.command("import-time")
def run_import_time() -> None:
    """How long does `import tweetfocus` take, beside `import numpy`?"""
    _tell("import_time", import_time.measure)


@app.command("second-build")
def run_second_build(
    data: Annotated[Path | None, typer.Option(metavar="FOLDER", help="The invented world by default.")] = None,
) -> None:
    """How much faster is a second build, with the vectors cached?"""
    name = data.name if data else "invented"
    _tell(
        f"second_build-{name}",
        lambda: {"data": name, **second_build.measure(read_dataset(data) if data else demo_dataset())},
    )


@app.command("relevance")
def run_relevance(
    data: Data,
    elsewhere: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Weights of another family of data, see `weights`.")
    ] = None,
    protocol: Annotated[list[str] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    queries: int = 400,
    cold_queries: int = 100,
    validation_queries: int = 100,
    learning_queries: int = 150,
    fewest_followers: Fewest = 2,
    most: Most = None,
    cache: Cache = None,
) -> None:
    """Does the ranking find hidden follows better than tuned peers? Needs the extra benchmark."""
    from benchmarks import relevance

    protocols = tuple(protocol or relevance.PROTOCOLS)
    try:
        found = relevance.measure_folder(
            data,
            elsewhere=elsewhere,
            protocols=protocols,
            queries=queries,
            cold_queries=cold_queries,
            validation_queries=validation_queries,
            learning_queries=learning_queries,
            before=settings_before(f"relevance-{data.name}-hidden_follows"),
            fewest_followers=fewest_followers,
            most=most,
            cache=cache,
        )
        for name, figures in found:
            print(relevance.table(name, figures))
            _write(f"relevance-{data.name}-{name.replace(', ', '-').replace(' ', '_')}", figures)
    except TweetfocusError as error:
        raise typer.BadParameter(str(error)) from error


@app.command("weights")
def run_weights(
    data: Data,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE")],
    fewest_followers: Fewest = 2,
    most: Most = None,
    cache: Cache = None,
) -> None:
    """Learn weights on the training part of a dataset, from judgement alone: for `relevance --elsewhere` on another."""
    from benchmarks import relevance

    relevance.learn_elsewhere(data, fewest_followers=fewest_followers, most=most, cache=cache).save(output)
    print(f"written to {output}")


@app.command("planted")
def run_planted(
    data: Data,
    others: Annotated[list[Path], typer.Option(metavar="FOLDER", help="Datasets of other fields; may be repeated.")],
    queries: int = 50,
    fewest_followers: Fewest = 2,
    most: Most = None,
    cache: Cache = None,
) -> None:
    """Do 10,000 well-known accounts of other fields, or 1,000 link spammers, get into the first 500?"""
    _tell(
        f"planted-{data.name}",
        lambda: planted.measure(data, others, queries=queries, fewest_followers=fewest_followers, most=most, cache=cache),
    )


@app.command("professions")
def run_professions(data: Data, cache: Cache = None) -> None:
    """From one sentence, or from five members, find the other members of a profession."""
    _tell(f"professions-{data.name}", lambda: professions.measure(data, cache=cache))


@app.command("diversity")
def run_diversity(cache: Cache = None) -> None:
    """Does each of a person's two fields get its share of the top, and what does that cost?"""
    _tell("diversity", lambda: diversity.measure(cache=cache))


@app.command("bots")
def run_bots(
    data: Data,
    cache: Cache = None,
    refit: Annotated[bool, typer.Option(help="Print the means and weights that the package should hold.")] = False,
) -> None:
    """How well does the automation signal tell automated accounts? Needs the columns bot (0 or 1) and last_post."""
    try:
        known = read_dataset(data)
        if refit:
            print(bots.refit(known))
        else:
            _tell("bots", lambda: bots.measure(known, VectorCache(cache) if cache else None))
    except TweetfocusError as error:
        raise typer.BadParameter(str(error)) from error


@app.command("verbs-audit")
def run_verbs_audit(cache: Cache = None) -> None:
    """Are `audit` and `audience` right about the invented world, and quick with 100,000 posts?"""
    _tell("verbs_audit", lambda: verbs_audit.measure(cache=cache))


@app.command("mentions")
def run_mentions(cache: Cache = None) -> None:
    """How often does the classifier of mentions tell questions, comments and thanks apart?"""
    _tell("mentions", lambda: mentions.measure(VectorCache(cache) if cache else None))


@app.command("social")
def run_social(cache: Cache = None) -> None:
    """Do inbox, follow_back and plan find what was planted in the invented world?"""
    _tell("social-invented", lambda: social.measure(cache))


@app.command("report")
def run_report() -> None:
    """How long does a report of 500 people and 20,000 points take, and is it fluent? Needs the extra browser."""
    from benchmarks import report

    _tell("report", report.measure)


def _tell(name: str, measure: Callable[[], dict[str, Any]]) -> None:
    try:
        figures = measure()
    except TweetfocusError as error:
        raise typer.BadParameter(str(error)) from error
    print(json.dumps(figures, indent=1))
    _write(name, figures)


def _write(name: str, figures: dict[str, Any]) -> None:
    print(f"written to {write_result(name, figures)}")


if __name__ == "__main__":
    app(prog_name="python -m benchmarks")
