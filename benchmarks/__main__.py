"""Run benchmarks by name: `python -m benchmarks NAME --help`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks import (
    bots,
    diversity,
    encode,
    encode_quality,
    import_time,
    mentions,
    planted,
    professions,
    second_build,
    social,
    verbs_audit,
)
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


@app.command("encode")
def run_encode(
    data: Annotated[list[Path], typer.Option(metavar="FOLDER", help="Bios and posts; may be repeated.")],
    texts: Annotated[int, typer.Option(help="Drawn by a fixed seed.")] = 20_000,
    blocks: Annotated[int, typer.Option(help="Every encoder takes every block, in turn.")] = 10,
) -> None:
    """How many texts a second, beside sentence-transformers as installed?"""
    _tell("encode", lambda: {"data": [folder.name for folder in data], **encode.measure(data, texts=texts, blocks=blocks)})


@app.command("encode-quality")
def run_encode_quality(data: Data) -> None:
    """Does the ranking lose anything with 8-bit vectors? Paired, on the validation parts."""
    _tell(f"encode_quality-{data.name}", lambda: {"data": data.name, **encode_quality.measure_folder(data)})


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


@app.command("walks")
def run_walks(nodes: Annotated[int, typer.Option(help="Of the generated graph.")] = 1_000_000, people: int = 5) -> None:
    """How fast is personalised PageRank for one person, beside scikit-network, igraph and networkx? Needs the first two."""
    from benchmarks import walks

    _tell(f"walks-{nodes}", lambda: walks.measure(nodes, seeds=people))


@app.command("nearest")
def run_nearest(data: Data) -> None:
    """Does a list lose quality when only the people nearest to one are asked?"""
    from benchmarks import nearest

    _tell(f"nearest-{data.name}", lambda: nearest.measure(data))


@app.command("rounded")
def run_rounded(index: Annotated[Path, typer.Argument(metavar="INDEX", help="An index with follows to hide.")]) -> None:
    """Does a list lose quality when it is made of products rounded to 8 bits?"""
    from benchmarks import rounded

    _tell(f"rounded-{index.stem}", lambda: rounded.measure(index))


@app.command("scale")
def run_scale(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the indexes of the generated worlds are, or go.")],
    accounts: Annotated[list[int] | None, typer.Option(help="Only this size; may be repeated.")] = None,
) -> None:
    """How does recommend(n=500) grow from 10,000 to a million accounts, beside the same job written plainly?"""
    from benchmarks import scale

    for n in accounts or (10_000, 100_000, 1_000_000):
        _tell(f"scale-{n}", lambda n=n: scale.in_own_process(n, folder))  # type: ignore[misc]


@app.command("report")
def run_report() -> None:
    """How long does a report of 500 people and 20,000 points take, and is it fluent? Needs the extra browser."""
    from benchmarks import report

    _tell("report", report.measure)


@app.command("similarity")
def run_similarity(
    vectors: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="An index folder or vector cache of real texts; the invented world by default."),
    ] = None,
    accounts: int = 1_000_000,
    approximate: Annotated[int, typer.Option(help="Accounts in the comparison with approximate indexes.")] = 50_000,
    queries: int = 1024,
    only: Annotated[list[str] | None, typer.Option(help="one, batch or approximate; may be repeated, all by default.")] = None,
) -> None:
    """How fast is exact search, beside faiss, NumPy, usearch, scikit-learn and torch? Needs the extra similarity-benchmark."""
    from benchmarks import similarity

    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "one": lambda: similarity.measure_one(real, n=accounts),
        "batch": lambda: similarity.measure_batch(real, n=accounts, m=queries),
        "approximate": lambda: similarity.measure_approximate(real, n=approximate),
    }
    strange = [name for name in only or () if name not in parts]
    if strange:
        raise typer.BadParameter(f"--only {strange[0]}: it must be one of {', '.join(parts)}")
    real = similarity.real_vectors(vectors)
    made_of = {"vectors": "invented" if vectors is None else "real"}
    for name in only or parts:
        _tell(f"similarity-{name}", lambda measure=parts[name]: made_of | measure())


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
