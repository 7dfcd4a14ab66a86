"""The command line. Each command reads, calls one verb, and prints; errors are one line on standard error.

Exit codes: 0 done, 1 an error of ours (the message says what to do), 2 wrong usage, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from tweetfocus.data.dataset import Dataset
from tweetfocus.data.demo import demo_dataset
from tweetfocus.data.tables import find_table, replacing
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.evaluation.evaluate import evaluate as evaluate_index
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.interfaces import audit_cli, report_cli, social_cli
from tweetfocus.interfaces.collect_cli import app as collect_app
from tweetfocus.interfaces.collect_open_cli import bluesky, mastodon
from tweetfocus.interfaces.opening import AsJson, EncoderName, Index, Model, Quiet, print_json, working
from tweetfocus.interfaces.opening import encoder_of as _encoder
from tweetfocus.interfaces.opening import open_index as _open
from tweetfocus.interfaces.opening import remark as _remark
from tweetfocus.interfaces.opening import reporting as _reporting
from tweetfocus.interfaces.terminal import (
    evaluation_tables,
    issues_text,
    left_out_text,
    profile,
    profile_text,
    recommendation_table,
    result_console,
    timings_text,
)
from tweetfocus.sources.forgetting import forget_collected
from tweetfocus.sources.reading import read_dataset
from tweetfocus.verbs.recommend import recommend as recommend_verb
from tweetfocus.verbs.recommendations import Recommendations

__all__ = ["app", "main"]

app = typer.Typer(
    name="tweetfocus",
    help="Whom should a professional follow? Ranks accounts by shared professional interests, with the reasons.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(collect_app, name="collect")
collect_app.command("bluesky")(bluesky)
collect_app.command("mastodon")(mastodon)


@app.command()
def build(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="A dataset folder (accounts, and if there posts and follows), or an X archive."),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="INDEX", help="Where the index goes.")],
    encoder: EncoderName = Model.MINILM,
    cache: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep vectors here instead of in your cache folder.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Keep no vectors between builds.")] = False,
    max_posts: Annotated[int, typer.Option(min=0, help="The newest posts of an account to read.")] = 200,
    issues: Annotated[Path | None, typer.Option(metavar="FILE", help="Write all records that could not be read here.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read a dataset folder, embed its bios and posts, and write an index."""
    if cache and no_cache:
        raise typer.BadParameter("choose one of --cache and --no-cache")
    with _reporting():
        data = read_dataset(folder)
        _remark(f"{folder}: {data}", quiet)
        if data.issues:
            typer.echo(issues_text(data.issues), err=True)
        if issues is not None:
            with replacing(issues) as file:
                file.writelines(f"{issue}\n".encode() for issue in data.issues)
        store: VectorCache | bool = VectorCache(cache) if cache else not no_cache
        index = AccountIndex.build(data, encoder=_encoder(encoder), cache=store, max_posts=max_posts, progress=not quiet)
        index.save(output)
        _remark(f"{output}: {index}", quiet)
        if as_json:
            print_json({"index": str(output), **_counts(index), "issues": [str(issue) for issue in data.issues]})
        else:
            _remark(f"next: tweetfocus recommend {output} {_example(data)}", quiet)


@app.command()
def evaluate(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A dataset folder with follows: they are hidden and looked for again.")
    ],
    queries: Annotated[int, typer.Option(min=1, help="How many accounts to ask about, at most.")] = 100,
    encoder: EncoderName = Model.MINILM,
    cache: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep vectors here instead of in your cache folder.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draw other follows to hide.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    quiet: Quiet = False,
) -> None:
    """Hide follows of your own data, look for them again, and compare the ranking with simpler ones."""
    with _reporting():
        data = read_dataset(folder)
        _remark(f"{folder}: {data}", quiet)
        store: VectorCache | bool = VectorCache(cache) if cache else True
        index = AccountIndex.build(data, encoder=_encoder(encoder), cache=store, progress=not quiet)
        found = evaluate_index(index, queries=queries, seed=seed, progress=not quiet)
        if as_json:
            typer.echo(json.dumps({"results": found.to_dicts(), "notes": found.notes}, ensure_ascii=False, indent=1))
        else:
            console = result_console()
            for table in evaluation_tables(found):
                console.print(table)
        for note in found.notes:
            _remark(f"note: {note}", quiet)


@app.command()
def recommend(
    index: Index,
    who: Annotated[
        str | None, typer.Argument(metavar="WHO", help="Account id or @username; @me is the account marked is_me.")
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="How many accounts.")] = 20,
    interests: Annotated[list[str] | None, typer.Option(help="A professional field in words; may be repeated.")] = None,
    like: Annotated[list[str] | None, typer.Option(metavar="WHO", help="More like this account; may be repeated.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="WHO", help="Not this account; may be repeated.")] = None,
    inactive_days: Annotated[int, typer.Option(min=0, help="Leave out accounts silent for longer; 0 keeps all.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One line per account.")] = False,
    timings: Annotated[bool, typer.Option("--timings", help="How long each stage took, on standard error.")] = False,
    quiet: Quiet = False,
) -> None:
    """Rank accounts to follow, with the reasons: for WHO, for a field (--interests), or like examples (--like)."""
    if as_json and as_csv:
        raise typer.BadParameter("choose one of --json and --csv")
    with _reporting():
        opened = _open(index, quiet)
        with working("ranking", quiet):
            recs = recommend_verb(
                opened, who, n=n, interests=interests, seeds=like, exclude=exclude or (), inactive_days=inactive_days or None
            )
        if as_json:
            _print_json(recs)
        elif as_csv:
            _print_csv(recs)
        else:
            _print_table(recs, quiet)
        if timings:
            typer.echo(timings_text(recs.timings), err=True)


@app.command()
def show(
    index: Index,
    who: Annotated[str, typer.Argument(metavar="WHO", help="Account id or @username.")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show an account as the index sees it: its one or two fields, telling words, nearest posts, focus."""
    with _reporting():
        opened = _open(index, quiet)
        if as_json:
            print_json(profile(opened, who))
        else:
            result_console().print(profile_text(opened, who), end="")


@app.command()
def forget(
    index: Index,
    who: Annotated[str, typer.Argument(metavar="WHO", help="Account id or @username.")],
    dataset: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Forget the person in this dataset folder too.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The vector cache, if it is not in your cache folder.")
    ] = None,
    memory: social_cli.MemoryFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Remove a person from an index, the vector cache, your memory, and the dataset folder: posts, follows and mentions too."""
    with _reporting():
        opened = _open(index, quiet)
        account_id = opened.data.account_id(opened.data.row(who))
        reached: list[str] = []

        def done(place: Path) -> None:
            reached.append(str(place))
            if not (as_json or quiet):
                typer.echo(f"{place}: {who} is forgotten")

        with working(f"forgetting {who}", quiet):
            opened.forget(account_id, cache=VectorCache(cache) if cache else True).save(index)
        done(index)
        kept = social_cli.memory_at(memory)
        if kept.forget(account_id):
            done(kept.path)
        if dataset is not None:
            with working(f"forgetting {who} in {dataset}", quiet):
                if not forget_collected(dataset, account_id, opened.data.username(opened.data.row(who))):
                    table = find_table(dataset, "accounts")
                    read_dataset(dataset).forget(account_id).write(dataset, format=table.suffix[1:] if table else "parquet")
            done(dataset)
        if as_json:
            print_json({"forgotten": account_id, "from": reached})


@app.command()
def demo(
    keep: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Keep the invented dataset and its index here.")] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="How many accounts.")] = 10,
    encoder: EncoderName = Model.MINILM,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run the whole program on an invented world: whom should @mara_lindqvist follow?"""
    with _reporting():
        data = demo_dataset()
        _remark(
            f"An invented world: {len(data):,} accounts, {data.posts.num_rows:,} posts, {data.follows.num_rows:,} follows.",
            quiet,
        )
        _remark("@mara_lindqvist works in two fields, data engineering and energy systems. Whom should she follow?\n", quiet)
        index = AccountIndex.build(data, encoder=_encoder(encoder), progress=not quiet)
        with tempfile.TemporaryDirectory() as scratch:
            folder = keep or Path(scratch)
            data.write(folder / "people")
            index.save(folder / "index")
            opened = _open(folder / "index", quiet)
        if as_json:
            _print_json(recommend_verb(opened, "@mara_lindqvist", n=n))
            return
        console = result_console()
        console.print()
        for number, facet in enumerate(opened.fields_of("@mara_lindqvist"), 1):
            console.print(f"field {number}: {facet}", markup=False)
        console.print()
        _print_table(recommend_verb(opened, "@mara_lindqvist", n=n), quiet)
        if keep:
            _remark(f"\nTry:\n  tweetfocus show {keep / 'index'} @mara_lindqvist", quiet)
            _remark(f"  tweetfocus audit {keep / 'index'} @mara_lindqvist", quiet)
            _remark(f"  tweetfocus audience {keep / 'index'} @mara_lindqvist", quiet)
            _remark(f"  tweetfocus report {keep / 'index'} @mara_lindqvist -o mara.html --open", quiet)
            _remark(f'  tweetfocus recommend {keep / "index"} --interests "coral reefs and kelp"', quiet)
            _remark(f"  tweetfocus recommend {keep / 'index'} --like @camille_dbt --like @wen_pipelines", quiet)
        else:
            _remark("\nKeep the dataset and its index to play with: tweetfocus demo --keep tweetfocus-demo", quiet)


def _counts(index: AccountIndex) -> dict[str, int | str]:
    """What an index holds."""
    data = index.data
    sizes = {"accounts": len(data), "posts": data.posts.num_rows, "follows": data.follows.num_rows}
    return {**sizes, "encoder": index.encoder_fingerprint, "fingerprint": index.fingerprint}


def _example(data: Dataset) -> str:
    """An account for which the next command would have something to say."""
    wanted = data.accounts["is_me"].fill_null(False).to_pylist()
    sources = data.rows_of(data.follows["source_id"])
    return data.label(wanted.index(True) if True in wanted else int(sources[0]) if len(sources) else 0)


def _print_table(recs: Recommendations, quiet: bool) -> None:
    console = result_console()
    if len(recs):
        with console.capture() as captured:
            console.print(recommendation_table(recs))
        typer.echo("\n".join(line.rstrip() for line in captured.get().rstrip().splitlines()) + "\n")
    for note in recs.notes:
        console.print(note, markup=False)
    if recs.dropped and not quiet:
        console.print(f"Left out: {left_out_text(recs)}.", markup=False)


def _print_json(recs: Recommendations) -> None:
    said = {
        "settings": dict(recs.settings),
        "notes": list(recs.notes),
        "recommendations": recs.to_dicts(),
        "dropped": [{"account_id": d.account_id, "username": d.username, "code": d.code.value} for d in recs.dropped],
    }
    typer.echo(json.dumps(said, ensure_ascii=False, indent=1))


def _print_csv(recs: Recommendations) -> None:
    frame = recs.to_frame()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(frame.column_names)
    writer.writerows(zip(*(column.to_pylist() for column in frame.columns), strict=True))


app.command()(audit_cli.audit)
app.command()(audit_cli.audience)
app.command()(report_cli.report)
social_cli.register(app)


def main() -> None:
    """The entry point of the `tweetfocus` command."""
    try:
        app()
    except BrokenPipeError:  # the reader, say `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
