"""Run benchmarks by name."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks import import_time, second_build
from benchmarks.results import write_result
from tweetfocus.data.dataset import read_dataset
from tweetfocus.data.demo import demo_dataset

_ABOUT = {"second_build": second_build.__doc__, "import_time": import_time.__doc__}


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="One file per question.")
    parser.add_argument(
        "name", choices=[*_ABOUT, "all"], help="; ".join(f"{n}: {(d or '').splitlines()[0]}" for n, d in _ABOUT.items())
    )
    parser.add_argument("--data", type=Path, help="a dataset folder; the invented world by default")
    asked = parser.parse_args()
    if asked.name in ("import_time", "all"):
        _tell("import_time", import_time.measure())
    if asked.name in ("second_build", "all"):
        data = read_dataset(asked.data) if asked.data else demo_dataset()
        name = asked.data.name if asked.data else "invented"
        _tell(f"second_build-{name}", {"data": name, **second_build.measure(data)})


def _tell(name: str, figures: dict[str, object]) -> None:
    print(json.dumps(figures, indent=1))
    print(f"written to {write_result(name, figures)}")


if __name__ == "__main__":
    main()
