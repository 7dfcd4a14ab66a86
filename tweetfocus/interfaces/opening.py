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

from tweetfocus.embedding.encoders import Encoder, HashingEncoder, default_encoder
from tweetfocus.embedding.int8 import Int8Encoder
from tweetfocus.errors import TweetfocusError
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.storage import load

__all__ = ["AsJson", "Index", "Model", "Quiet", "encoder_of", "open_index", "print_json", "remark", "reporting", "working"]


class Model(StrEnum):
    """Encoders that the command line can make by itself."""

    MINILM = "minilm"
    MINILM_INT8 = "minilm-int8"
    HASHING = "hashing"


_ENCODERS: dict[Model, type[HashingEncoder] | type[Int8Encoder] | None] = {
    Model.HASHING: HashingEncoder,
    Model.MINILM: None,
    Model.MINILM_INT8: Int8Encoder,
}

Index = Annotated[Path, typer.Argument(metavar="INDEX", help="An index folder, as `tweetfocus build` made it.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bars and no remarks.")]

AsJson = Annotated[bool, typer.Option("--json", help="Everything, as JSON.")]


def encoder_of(model: Model) -> Encoder:
    """The encoder of that name."""
    made = _ENCODERS[model]
    return default_encoder() if made is None else made()


def open_index(folder: Path, quiet: bool = False) -> AccountIndex:
    """Open an index with the encoder it was made with, if that is one the command line knows."""
    with working(f"opening {folder}", quiet):
        fingerprint = load(folder, verify=False)[2]["encoder"]
        known = [encoder for encoder in map(encoder_of, Model) if encoder.fingerprint == fingerprint]
        return AccountIndex.open(folder, encoder=known[0] if known else None)


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
