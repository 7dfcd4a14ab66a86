"""The documentation is true: its snippets run, its commands parse, its tables say what the code says."""

from __future__ import annotations

import contextlib
import doctest
import re
import shlex
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from typer.testing import CliRunner

import tweetfocus as tf
from tweetfocus.data.assembly import REQUIRED, SCHEMAS
from tweetfocus.data.columns import ARROW_TYPES
from tweetfocus.interfaces.cli import app
from tweetfocus.ranking.candidates import default_generators
from tweetfocus.ranking.features import FEATURES
from tweetfocus.ranking.weights import default_weights

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *ROOT.glob("README.md")])
WITH_THE_MODEL = {"quickstart.md"}  # loads the real model, as its reader does; everywhere else hashing takes its place

_FENCE = re.compile(r"^```(?P<kind>\S*) *(?P<argument>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, caption and text, and the line its text begins on."""

    kind: str
    caption: str | None
    text: str
    line: int


def _blocks(page: Path) -> Iterator[Block]:
    source = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(source):
        text, caption = found["body"], None
        if named := re.match(r":caption: (.+)\n\n", text):
            text, caption = text[named.end() :], named[1]
        yield Block(found["kind"], caption, text, source.count("\n", 0, found.start("body")) + 1)


def _run(block: Block, page: Path, names: dict[str, Any]) -> None:
    if ">>>" in block.text:
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        test = doctest.DocTestParser().get_doctest(block.text, names, page.name, str(page), block.line - 1)
        report: list[str] = []
        failed = doctest.DocTestRunner(optionflags=flags).run(test, out=report.append, clear_globs=False).failed
        names.update(test.globs)  # a doctest works on a copy
        assert not failed, "\n".join(report)
    else:
        code = compile("\n" * (block.line - 1) + block.text, str(page), "exec", dont_inherit=True)
        exec(code, names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tweetfocus.index.account_index.default_cache", lambda: tf.VectorCache(tmp_path / "cache.sqlite"))
    if page.name not in WITH_THE_MODEL:
        monkeypatch.setattr("tweetfocus.index.account_index.default_encoder", tf.HashingEncoder)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in _blocks(page):
        if block.caption:  # a file that the page shows
            Path(block.caption).parent.mkdir(parents=True, exist_ok=True)
            Path(block.caption).write_text(block.text, encoding="utf-8")
        elif block.kind == "python":
            with contextlib.redirect_stdout(None):
                _run(block, page, names)


def _commands() -> list[Any]:
    found = []
    for page in PAGES:
        for block in _blocks(page):
            if block.kind in ("console", "bash"):
                text = block.text.replace("\\\n", " ")
                lines = re.findall(r"(?:^\$ |&& )(?:\S*/)?tweetfocus (.+?)(?= >|$)", text, re.MULTILINE)
                found += [pytest.param(line, id=f"{page.name}: {line}") for line in lines]
    return found


@pytest.mark.parametrize("line", _commands())
def test_commands_parse(line: str) -> None:
    name, *arguments = shlex.split(line)
    program: Any = typer.main.get_command(app)
    if name.startswith("-"):  # an option of the program itself
        assert name in {option for parameter in program.params for option in parameter.opts}
        return
    while hasattr(program, "commands"):  # a group, such as collect
        assert name in program.commands
        program = program.commands[name]
        if hasattr(program, "commands"):
            name, *arguments = arguments
    program.make_context(name, arguments)  # refuses unknown options and missing arguments


# How many blocks of commands each page shows without running them; each is marked so, with its reason, just above it.
NOT_RUN = {
    "README.md": 4,
    "command-line.md": 1,
    "concepts.md": 1,
    "contributing.md": 4,
    "index.md": 1,
    "quickstart.md": 1,
    "relevance.md": 1,
    "report.md": 1,
    "sources-bluesky.md": 2,
    "sources-mastodon.md": 2,
    "sources-x-archive.md": 1,
    "sources-x.md": 2,
    "speed.md": 2,
    "speed_scale.md": 1,
}
WORLD_OF = {"privacy.md": "quickstart.md"}  # goes on where the other page ended
_WHY = re.compile(r"<!-- not run: (\S.+\S) -->\n\Z")


def _why_not_run(page: Path, block: Block) -> str | None:
    """The reason on the line above a block, if it is not run."""
    above = page.read_text(encoding="utf-8").splitlines(keepends=True)[: block.line - 2]
    found = _WHY.search("".join(above))
    return found[1] if found else None


def _command_blocks(page: Path) -> list[Block]:
    return [block for block in _blocks(page) if block.kind in ("console", "bash")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_that_are_not_run_say_why_and_are_counted(page: Path) -> None:
    unrun = [block for block in _command_blocks(page) if _why_not_run(page, block)]
    assert len(unrun) == NOT_RUN.get(page.name, 0)
    assert page.read_text(encoding="utf-8").count("<!-- not run:") == len(unrun)


def _calls(block: Block) -> list[tuple[str, str]]:
    """Each command of a block, with the output that the page shows below it."""
    text = block.text.replace("\\\n", " ")
    if block.kind == "bash":
        return [(line, "") for line in text.splitlines()]
    first, *calls = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not first
    return [(line, shown) for line, _, shown in (call.partition("\n") for call in calls)]


def _same_words(text: str) -> list[str]:
    """Words without progress bars, and without numbers, which another processor may round differently."""
    lines = [line for line in re.split(r"[\r\n]", text) if "%|" not in line and "/text]" not in line]
    return re.sub(r"\d[\d.,]*", "0", "\n".join(lines)).split()


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What most pages begin with: a folder `people` and its index."""
    place = tmp_path_factory.mktemp("docs")
    data = tf.demo_dataset()
    data.write(place / "people")
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    for name in ("people.index", "me.index"):
        index.save(place / name)
    return place


@pytest.mark.parametrize("page", [p for p in PAGES if len(_command_blocks(p)) > NOT_RUN.get(p.name, 0)], ids=lambda p: p.name)
def test_command_blocks_run(page: Path, invented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "work"
    shutil.copytree(invented, place)
    monkeypatch.chdir(place)
    for variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    own = [
        block for block in _blocks(DOCS / WORLD_OF.get(page.name, page.name) if page.parent == DOCS else page) if block.caption
    ]
    if any(str(block.caption).startswith("people/") for block in own):
        shutil.rmtree("people")
        Path("people").mkdir()
    for block in own:
        Path(str(block.caption)).write_text(block.text, encoding="utf-8")
    if page.name in WORLD_OF:
        tf.AccountIndex.build(tf.read_dataset("people"), encoder=tf.HashingEncoder(), cache=False).save("people.index")
    for block in _command_blocks(page):
        if _why_not_run(page, block):
            continue
        for line, shown in _calls(block):
            call, _, target = line.partition(" > ")
            program, *arguments = shlex.split(call)
            assert program == "tweetfocus", f"{page.name}:{block.line} cannot be run here; mark it with its reason"
            # the demo is encoded with the real model by other tests already
            hashed = page.name not in WITH_THE_MODEL or "demo" in arguments[0] or any("-demo" in a for a in arguments)
            with monkeypatch.context() as patched:
                if hashed:
                    patched.setattr("tweetfocus.interfaces.opening.default_encoder", tf.HashingEncoder)
                done = CliRunner().invoke(app, arguments, catch_exceptions=False)
            assert done.exit_code == 0, f"{page.name}:{block.line} $ {line}\n{done.output}"
            if target:
                Path(target).write_text(done.stdout, encoding="utf-8")
                assert done.stdout
            elif shown and not hashed:
                assert _same_words(done.output) == _same_words(shown)


def _table(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    _, _, below = (DOCS / page).read_text(encoding="utf-8").partition(f"# {heading}\n")
    rows = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert rows, f"{page} has no table below {heading!r}"
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in rows[0].splitlines()[2:]]


@pytest.mark.parametrize(
    ("heading", "table"), [("Accounts", "accounts"), ("Posts", "posts"), ("Follows, mutes and blocks", "follows")]
)
def test_schema_tables_list_every_column(heading: str, table: str) -> None:
    rows = _table("concepts.md", heading)
    assert {row[0].strip("*`"): row[1] for row in rows} == SCHEMAS[table]
    assert {row[0].strip("*`") for row in rows if row[0].startswith("**")} == set(REQUIRED[table])
    assert SCHEMAS["follows"] == SCHEMAS["mutes"] == SCHEMAS["blocks"]


def test_every_kind_of_column_is_explained() -> None:
    assert [row[0] for row in _table("concepts.md", "Kinds")] == list(ARROW_TYPES)


def test_feature_table_has_every_feature_and_its_weight() -> None:
    weights = {name: default_weights().values.get(name, 0.0) for name in FEATURES}
    rows = _table("concepts.md", "Score")
    assert {row[0].strip("`"): float(row[2].replace("−", "-")) for row in rows} == weights
    assert {row[0].strip("`"): row[1] for row in rows} == {name: feature.about for name, feature in FEATURES.items()}


def test_codes_stand_in_their_order_of_precedence() -> None:
    assert [row[0].strip("`") for row in _table("concepts.md", "Eligibility")] == [code.value for code in tf.Left]


def test_generators_are_listed() -> None:
    listed = {row[0].strip("`"): re.findall(r"`(\w+)`", row[1]) for row in _table("concepts.md", "Candidates")}
    assert listed == {generator.name: list(getattr(generator, "kinds", ())) for generator in default_generators()}


def test_every_module_has_its_line_in_the_architecture() -> None:
    package = Path(tf.__file__).parent
    modules = {path.relative_to(package).with_suffix("").as_posix() for path in package.rglob("*.py")}
    modules = {name for name in modules if not name.endswith("__init__")}
    listed = re.findall(r"^\| `([\w/]+)` \| \S", (DOCS / "architecture.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert modules <= set(listed)
    assert {name for name in listed if "/" in name} <= modules


def test_the_architecture_says_which_layers_do_not_exist_yet() -> None:
    page, package = (DOCS / "architecture.md").read_text(encoding="utf-8"), Path(tf.__file__).parent
    layers = re.search(r"^## Layers\n\n```text\n(.+?)```\n\n(.+?)\n\n", page, re.MULTILINE | re.DOTALL)
    assert layers
    missing = {
        name
        for name in re.findall(r"\w+", layers[1])
        if not list(package.glob(f"{name}/__init__.py")) + list(package.glob(f"{name}.py"))
    }
    said = re.search(r"\.\s([^.]*) do(?:es)? not exist yet", layers[2])
    assert set(re.findall(r"`(\w+)`", said[1] if said else "")) == missing


def test_the_reference_has_every_public_name() -> None:
    listed = re.findall(r"^   ~tweetfocus\.(\w+)$", (DOCS / "reference.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted([*listed, "__version__"]) == sorted(tf.__all__)


def test_the_reference_has_every_command_and_option() -> None:
    program: Any = typer.main.get_command(app)
    commands = {
        f"{name} {inner}".strip(): below
        for name, command in program.commands.items()
        for inner, below in getattr(command, "commands", {"": command}).items()
    }
    real = {
        name: {option for parameter in command.params for option in parameter.opts if option.startswith("-")}
        for name, command in commands.items()
    }
    _, _, text = (DOCS / "reference.md").read_text(encoding="utf-8").partition("## Command line\n")
    sections = re.findall(r"^### `tweetfocus ([\w -]+)`\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    listed = {name: set(re.findall(r"`(--?[a-z][a-z-]*)", section)) for name, section in sections}
    assert listed == real


def test_the_error_tree_is_that_of_the_code() -> None:
    drawn = textwrap.dedent(re.search(r"^    TweetfocusError\n(?:    .*\n)+", tf.errors.__doc__ or "", re.MULTILINE)[0])  # type: ignore[index]
    assert drawn in (DOCS / "conventions.md").read_text(encoding="utf-8")
