"""What every command needs: opening an index with its encoder, errors as one line, remarks on standard error."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tweetfocus.embedding.default import default_encoder
from tweetfocus.embedding.encoders import Encoder, HashingEncoder, SentenceTransformerEncoder
from tweetfocus.errors import TweetfocusError
from tweetfocus.index.account_index import AccountIndex

__all__ = [
    "AsJson",
    "EncoderName",
    "Index",
    "Model",
    "Quiet",
    "encoder_of",
    "open_index",
    "print_json",
    "remark",
    "reporting",
    "working",
]


class Model(StrEnum):
    """Encoders that the command line can make by itself."""

    MINILM = "minilm"
    MINILM_FLOAT32 = "minilm-float32"
    HASHING = "hashing"


Index = Annotated[Path, typer.Argument(metavar="INDEX", help="An index folder, as `tweetfocus build` made it.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bars and no remarks.")]

EncoderName = Annotated[
    Model,
    typer.Option(
        help="minilm-float32 does not round to 8 bits, and is slower; hashing needs no model, but compares words only."
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="Everything, as JSON.")]


def encoder_of(model: Model) -> Encoder:
    """The encoder of that name."""
    match model:
        case Model.MINILM:
            return default_encoder()
        case Model.MINILM_FLOAT32:
            return SentenceTransformerEncoder(bfloat16=False)
        case Model.HASHING:
            return HashingEncoder()


def open_index(folder: Path, quiet: bool = False) -> AccountIndex:
    """Open an index, and show that it takes its time."""
    with working(f"opening {folder}", quiet):
        return AccountIndex.open(folder)


@contextlib.contextmanager
def working(what: str, quiet: bool) -> Iterator[None]:
    """Show on standard error that something goes on, as long as it does, where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True, highlight=False).status(escape(what)):
        yield


def print_json(said: Any) -> None:
    """Plain values as JSON on standard output."""
    typer.echo(json.dumps(said, ensure_ascii=False, indent=1, allow_nan=False))


@contextlib.contextmanager
def reporting() -> Iterator[None]:
    """Turn our errors into one line and an exit code; anything else is a defect and keeps its traceback."""
    try:
        yield
    except TweetfocusError as error:
        typer.echo(f"tweetfocus: {error}", err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as stop:
        typer.echo("tweetfocus: stopped; what was encoded so far is kept in the cache", err=True)
        raise typer.Exit(130) from stop


def remark(text: str, quiet: bool) -> None:
    """Say something on standard error, unless it should be quiet."""
    if not quiet:
        typer.echo(text, err=True)
