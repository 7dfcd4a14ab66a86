"""The command line, run as a newcomer runs it: real processes, real folders, what they print and how they end."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tweetfocus.data.dataset import read_dataset
from tweetfocus.data.demo import demo_dataset
from tweetfocus.embedding.encoders import HashingEncoder
from tweetfocus.evaluation.evaluate import evaluate
from tweetfocus.index.account_index import AccountIndex

ESCAPE = "\x1b"


def run(*arguments: str | Path, cache: Path, columns: str = "100") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "COLUMNS": columns, "PYTHONWARNINGS": "error"}
    command: Sequence[str] = [sys.executable, "-m", "tweetfocus", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, encoding="utf-8")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A folder with the invented people and their index, made by the command itself."""
    folder = tmp_path_factory.mktemp("world")
    demo_dataset().write(folder / "people", format="csv")
    built = run("build", folder / "people", "-o", folder / "index", "--encoder", "hashing", cache=cache)
    assert built.returncode == 0, built.stderr
    return folder


def test_build_says_what_it_read_what_it_made_and_what_to_do_next(world: Path, cache: Path) -> None:
    built = run("build", world / "people", "-o", world / "again", "--encoder", "hashing", cache=cache)
    assert "239 accounts, 3,198 posts, 5,979 follows" in built.stderr
    assert f"next: tweetfocus recommend {world / 'again'} @mara_lindqvist" in built.stderr
    assert "encoding" not in built.stderr  # the second build of the same people encodes nothing
    assert built.stdout == ""


def test_quiet_build_prints_nothing(world: Path, cache: Path) -> None:
    built = run("build", world / "people", "-o", world / "again", "--encoder", "hashing", "--no-cache", "-q", cache=cache)
    assert (built.returncode, built.stdout, built.stderr) == (0, "", "")


def test_timings_go_to_standard_error(world: Path, cache: Path) -> None:
    plain, asked = (
        run("recommend", world / "index", "@me", "-n", "3", "--json", *more, cache=cache) for more in ([], ["--timings"])
    )
    assert asked.stdout == plain.stdout
    assert [line.split()[0] for line in asked.stderr.splitlines()[-8:]] == [
        *("question", "rules", "evidence", "candidates", "scores", "choice", "reasons"),
        "together",
    ]


def test_recommend_prints_a_table_that_fits_and_has_no_colour_when_piped(world: Path, cache: Path) -> None:
    asked = run("recommend", world / "index", "@me", "-n", "5", cache=cache)
    assert asked.returncode == 0
    assert asked.stderr == ""
    assert ESCAPE not in asked.stdout
    assert max(map(len, asked.stdout.splitlines())) <= 100
    assert "Shares your field" in asked.stdout
    assert "already followed" in asked.stdout


def test_json_holds_everything(world: Path, cache: Path) -> None:
    said = json.loads(run("recommend", world / "index", "@me", "-n", "7", "--json", cache=cache).stdout)
    assert len(said["recommendations"]) == 7
    for rec in said["recommendations"]:
        assert sum(rec["contributions"].values()) == pytest.approx(rec["score"], abs=1e-9)
        assert rec["reasons"]
        assert rec["found_by"]
    assert {"self", "spam", "opted_out"} <= {drop["code"] for drop in said["dropped"]} | {"self"}
    assert said["settings"]["n"] == 7


def test_csv_has_a_line_per_account(world: Path, cache: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("recommend", world / "index", "@me", "-n", "6", "--csv", cache=cache).stdout)))
    assert [row["rank"] for row in rows] == list("123456")
    assert all(row["reasons"] and float(row["score"]) for row in rows)


def test_a_declared_field_and_examples_need_no_account(world: Path, cache: Path) -> None:
    field = json.loads(run("recommend", world / "index", "--interests", "sourdough baking", "--json", cache=cache).stdout)
    assert field["recommendations"]
    like = json.loads(run("recommend", world / "index", "--like", "@camille_dbt", "--json", cache=cache).stdout)
    assert "camille_dbt" not in {rec["username"] for rec in like["recommendations"]}
    assert "camille_dbt" in {drop["username"] for drop in like["dropped"] if drop["code"] == "excluded"}


SITUATIONS = ["hidden follows", "no follows known", "newcomer"]
METHODS = {"weights as given", "weights learned here", "graph alone", "text alone", "most followed", "chance"}


def test_evaluate_prints_a_table_for_each_situation(world: Path, cache: Path) -> None:
    shown = run("evaluate", world / "people", "--encoder", "hashing", "--queries", "4", cache=cache)
    assert shown.returncode == 0, shown.stderr
    assert ESCAPE not in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 100
    assert "239 accounts, 3,198 posts, 5,979 follows" in shown.stderr
    lines = [line for line in shown.stdout.splitlines() if line.strip()]
    assert len(lines) == 3 * (2 + len(METHODS))
    for place, situation in enumerate(SITUATIONS):
        title, heading, *rows = lines[8 * place : 8 * (place + 1)]
        assert re.fullmatch(rf"{situation}: 4 accounts asked about, 2\d\d candidates", title.strip())
        assert re.split("  +", heading.strip()) == [
            "method", "nDCG@10", "95 % interval", "R@100", "P@10", "MRR", "coverage", "followers",
        ]  # fmt: skip
        cells = [re.split("  +", row.strip()) for row in rows]
        assert {name for name, *_ in cells} == METHODS
        assert [row[1] for row in cells] == sorted((row[1] for row in cells), reverse=True)  # the best comes first
        for _, gain, interval, *means, covered, followers in cells:
            low, high = map(float, interval.split(" to "))
            assert low <= float(gain) <= high
            assert all(0 <= float(mean) <= 1 for mean in means)
            assert re.fullmatch(r"\d+ %", covered)
            assert int(followers) > 0


def test_evaluate_as_json_says_what_the_library_says(world: Path, cache: Path) -> None:
    asked = ("evaluate", world / "people", "--encoder", "hashing", "--queries", "3", "--seed", "5", "--json", "-q")
    ended = run(*asked, cache=cache)
    assert (ended.returncode, ended.stderr) == (0, "")
    said = json.loads(ended.stdout, parse_constant=pytest.fail)  # no NaN, which is no JSON
    assert said["notes"] == []
    index = AccountIndex.build(read_dataset(world / "people"), encoder=HashingEncoder(), cache=False)
    expected = evaluate(index, queries=3, seed=5).to_dicts()
    assert len(said["results"]) == len(expected) == 3 * len(METHODS)
    for record, own in zip(said["results"], expected, strict=True):
        assert record == pytest.approx(own, abs=1e-9)


def test_evaluate_says_what_could_not_be_tried(tmp_path: Path, cache: Path) -> None:
    people = tmp_path / "people"
    people.mkdir()
    (people / "accounts.csv").write_text("account_id,bio\n" + "".join(f"{i},Chef number {i}\n" for i in range(15)))
    follows = "".join(f"{a},{b}\n" for a in range(5) for b in range(15) if a != b)
    (people / "follows.csv").write_text("source_id,target_id\n" + follows)
    loud = run("evaluate", people, "--encoder", "hashing", "--queries", "2", cache=cache)
    assert loud.returncode == 0, loud.stderr
    note = "newcomer: not tried; only 5 accounts have complete followings"
    assert f"note: {note}\n" in loud.stderr
    assert "newcomer" not in loud.stdout
    quiet = run("evaluate", people, "--encoder", "hashing", "--queries", "2", "--json", "-q", cache=cache)
    assert quiet.stderr == ""
    assert note in json.loads(quiet.stdout)["notes"]


def test_show_names_the_fields_of_an_account(world: Path, cache: Path) -> None:
    shown = run("show", world / "index", "@mara_lindqvist", cache=cache)
    assert shown.returncode == 0
    assert "focus: 0." in shown.stdout
    assert " % " in shown.stdout


def test_forget_leaves_no_trace_in_index_dataset_and_cache(tmp_path: Path, cache: Path) -> None:
    demo_dataset().write(tmp_path / "people", format="jsonl")
    own = tmp_path / "vectors.sqlite"
    run("build", tmp_path / "people", "-o", tmp_path / "index", "--encoder", "hashing", "--cache", own, cache=cache)
    gone = run("forget", tmp_path / "index", "@tobias_okafor", "--dataset", tmp_path / "people", "--cache", own, cache=cache)
    assert gone.returncode == 0, gone.stderr
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"tobias_okafor" not in left.lower()
    assert run("recommend", tmp_path / "index", "@tobias_okafor", cache=cache).returncode == 1


def test_demo_names_relevant_people_and_keeps_its_folder(tmp_path: Path, cache: Path) -> None:
    shown = run("demo", "--encoder", "hashing", "--keep", tmp_path / "kept", "-n", "3", cache=cache)
    assert shown.returncode == 0, shown.stderr
    assert "field 1:" in shown.stdout
    assert (tmp_path / "kept" / "people" / "accounts.parquet").is_file()
    assert "tweetfocus show" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["recommend", "INDEX", "@mara_lindqist"], 1, "did you mean @mara_lindqvist"),
        (["recommend", "INDEX"], 1, "nothing to go by"),
        (["recommend", "nowhere", "@me"], 1, "no index there; make one with"),
        (["recommend", "INDEX", "@me", "--json", "--csv"], 2, "choose one of"),
        (["recommend", "INDEX", "@me", "-n", "0"], 2, "than or equal to 1"),
        (["build", "nowhere", "-o", "x"], 1, "no such folder"),
        (["build", "EMPTY", "-o", "x"], 1, "it needs accounts.parquet or accounts.csv or accounts.jsonl"),
        (["build", "EMPTY"], 2, "Missing option"),
        (["build", "EMPTY", "-o", "x", "--no-cache", "--cache", "y"], 2, "choose one of --cache and --no-cache"),
        (
            ["build", "WRONG", "-o", "x"],
            1,
            "accounts.csv: no column 'account_id', which accounts must have; is it 'accountid'?",
        ),
        (["evaluate", "LONELY", "--encoder", "hashing"], 1, "has at least 10 of them: nobody to ask about"),
        (["evaluate", "nowhere"], 1, "no such folder"),
        (["evaluate", "LONELY", "--queries", "0"], 2, "than or equal to 1"),
        (["fly"], 2, "No such command"),
    ],
)
def test_errors_are_one_clear_line_and_a_code(
    arguments: list[str], code: int, said: str, world: Path, cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "accounts.csv").write_text("accountid,bio\n1,Chef\n")
    (tmp_path / "lonely").mkdir()
    (tmp_path / "lonely" / "accounts.csv").write_text("account_id,bio\n1,Chef\n2,Nurse\n")
    names = ("EMPTY", "WRONG", "LONELY")
    places = {"INDEX": world / "index"} | {name: tmp_path / name.lower() for name in names}
    ended = run(*[places.get(argument, argument) for argument in arguments], cache=cache)
    assert ended.returncode == code
    assert code != 1 or ended.stderr.count("tweetfocus: ") == ended.stderr.splitlines()[-1].startswith("tweetfocus: ") == 1
    assert said in " ".join(ended.stderr.replace("│", " ").split())
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_records_that_cannot_be_read_are_counted_listed_and_written(tmp_path: Path, cache: Path) -> None:
    people = tmp_path / "people"
    people.mkdir()
    bad = "".join(f"{i},Chef,many\n" for i in range(9))
    (people / "accounts.csv").write_text("account_id,bio,followers_count\n10,Nurse,5\n,Ghost,1\n" + bad)
    listed = tmp_path / "issues.txt"
    built = run("build", people, "-o", tmp_path / "index", "--encoder", "hashing", "--issues", listed, cache=cache)
    assert built.returncode == 0
    assert "10 records could not be taken as they stood" in built.stderr
    assert "and 5 more" in built.stderr
    assert len(listed.read_text().splitlines()) == 10
    assert "accounts.csv, row 2, account_id: empty; record left out" in listed.read_text()


def test_a_hostile_bio_cannot_move_the_cursor_or_style_the_page(tmp_path: Path, cache: Path) -> None:
    people = tmp_path / "people"
    people.mkdir()
    hostile = "Grid planner \x1b[31m\x1b]0;owned\x07 [bold red]markup[/] \u202egnp.exe {{7*7}}"
    records = [{"account_id": "1", "bio": "Grid planner"}, {"account_id": "2", "username": "x\x1b[2J", "bio": hostile}]
    (people / "accounts.jsonl").write_text("\n".join(json.dumps(record) for record in records))
    run("build", people, "-o", tmp_path / "index", "--encoder", "hashing", cache=cache)
    shown = (
        run("recommend", tmp_path / "index", "1", cache=cache).stdout + run("show", tmp_path / "index", "2", cache=cache).stdout
    )
    assert "planner" in shown
    assert not any(mark in shown for mark in (ESCAPE, "\x07", "\u202e"))
    assert "[bold red]" in shown


def test_output_cut_short_by_its_reader_is_no_error(world: Path, cache: Path) -> None:
    command = f'"{sys.executable}" -m tweetfocus recommend "{world / "index"}" @me -n 100 --json | head -n 1'
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, env=environment, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_ctrl_c_stops_a_build_cleanly_and_leaves_no_index(tmp_path: Path, cache: Path) -> None:
    people = tmp_path / "people"
    people.mkdir()
    (people / "accounts.csv").write_text("account_id,bio\n" + "".join(f"{i},Grid planner number {i}\n" for i in range(150_000)))
    command = [sys.executable, "-m", "tweetfocus", "build", str(people), "-o", str(tmp_path / "index"), "--encoder", "hashing"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        process.stderr.readline()  # the line that says what was read: from here on it encodes
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert "stopped; what was encoded so far is kept" in said
    assert not (tmp_path / "index").exists()
