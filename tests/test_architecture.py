"""The picture is a test: the layers in docs/architecture.md against the import statements of the package."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import tweetfocus

PACKAGE = Path(tweetfocus.__file__).parent
PAGE = PACKAGE.parent / "docs" / "architecture.md"

Imports = dict[str, set[str]]
Layers = list[list[str]]


def read_layers(page: str) -> Layers:
    """The lines of the fenced block right after the heading "Layers", from top to bottom, each a list of folders."""
    found = re.search(r"^##+ Layers\s*\n+```\w*\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert found, "docs/architecture.md has no fenced block right after a heading 'Layers'"
    return [[folder.strip() for folder in line.split("|")] for line in found[1].splitlines() if line.strip()]


def read_modules(package: Path) -> dict[str, ast.Module]:
    """Every module of the package by its dotted name."""
    modules = {}
    for path in sorted(package.rglob("*.py")):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return modules


def read_imports(modules: Mapping[str, ast.Module], packages: set[str]) -> Imports:
    """Which modules each module imports, wherever the import stands: inside functions and under TYPE_CHECKING too."""
    return {name: set(_imports(name, tree, set(modules), name in packages)) - {name} for name, tree in modules.items()}


def _imports(name: str, tree: ast.Module, known: set[str], is_package: bool) -> Iterator[str]:
    root = name.partition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == root)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:  # one dot is the folder that the module stands in
                parts = name.split(".")
                here = parts[: len(parts) - node.level + is_package]
                source = ".".join([*here, *([source] if source else [])])
            if source.split(".")[0] == root:
                yield from (f"{source}.{a.name}" if f"{source}.{a.name}" in known else source for a in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            target = node.args[0].value
            if called in {"import_module", "__import__"} and isinstance(target, str) and target.split(".")[0] == root:
                yield target


def _packages(package: Path) -> set[str]:
    folders = [path.parent.relative_to(package).parts for path in package.rglob("__init__.py")]
    return {".".join([package.name, *parts]) for parts in folders}


def folder_of(module: str) -> str | None:
    """`data` for tweetfocus.data.graph; None for the package itself and its `__main__`, which stand in front of all of them."""
    _, *below = module.split(".")
    return below[0] if below and below[0] != "__main__" else None


def upward(imports: Imports, layers: Layers) -> list[str]:
    """Imports of a higher line, or of a folder that has no place."""
    line = {folder: number for number, folders in enumerate(layers) for folder in folders}
    found = []
    for module, targets in imports.items():
        for target in targets:
            source_folder, target_folder = folder_of(module), folder_of(target)
            if source_folder is None:
                continue
            if target_folder is None:
                if line[source_folder] > 0:
                    found.append(f"{module} imports the front door, {target}")
            elif line[target_folder] < line[source_folder]:
                found.append(f"{module} imports {target}, which lies above it")
    return sorted(found)


def both_ways(imports: Imports, layers: Layers) -> list[str]:
    """Folders of one line that import each other."""
    pairs = {(folder_of(module), folder_of(target)) for module, targets in imports.items() for target in targets}
    return [
        f"{one} and {other} import each other"
        for folders in layers
        for one in folders
        for other in folders
        if one < other and (one, other) in pairs and (other, one) in pairs
    ]


def cycle(imports: Imports) -> list[str]:
    """Some import cycle between modules, or nothing."""
    done: set[str] = set()

    def search(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        for target in sorted(imports.get(module, ())):
            if found := search(target, [*path, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(imports) if (found := search(module, []))), [])


@pytest.fixture(scope="module")
def layers() -> Layers:
    return read_layers(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def imports() -> Imports:
    return read_imports(read_modules(PACKAGE), _packages(PACKAGE))


def test_every_folder_has_one_place(layers: Layers, imports: Imports) -> None:
    named = [folder for folders in layers for folder in folders]
    assert len(named) == len(set(named))
    assert {folder for module in imports if (folder := folder_of(module))} <= set(named)


def test_nothing_imports_upward(layers: Layers, imports: Imports) -> None:
    assert upward(imports, layers) == []


def test_folders_of_one_line_do_not_import_each_other(layers: Layers, imports: Imports) -> None:
    assert both_ways(imports, layers) == []


def test_no_cycles(imports: Imports) -> None:
    assert " -> ".join(cycle(imports)) == ""


def test_every_module_holds_one_idea() -> None:
    lengths = {str(path.relative_to(PACKAGE)): len(path.read_text("utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert {name: lines for name, lines in lengths.items() if lines >= 400} == {}


# -- the test is tested: each rule is broken once in a package made for it ---------------------------------------------------------

SOUND = {
    "__init__.py": "def __getattr__(name):\n    from importlib import import_module\n    return import_module('shop.till.sell')\n",
    "till/__init__.py": "",
    "till/sell.py": "import numpy\nfrom shop.stock import shelf\nfrom .change import coins\n",
    "till/change.py": "from shop.errors import Empty\n",
    "stock/__init__.py": "",
    "stock/shelf.py": "from ..errors import Empty\nfrom shop.doors.lock import close\n",
    "doors/__init__.py": "",
    "doors/lock.py": "",
    "errors.py": "",
}
SHOP = [["till"], ["stock", "doors"], ["errors"]]


def _read(folder: Path, changes: Mapping[str, str]) -> Imports:
    for name, source in {**SOUND, **changes}.items():
        path = folder / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return read_imports(read_modules(folder / "shop"), _packages(folder / "shop"))


def test_layers_are_read_from_the_page() -> None:
    page = "# Shop\n\n## Layers\n\n```text\ntill\nstock | doors\n\nerrors\n```\n\nMore\n\n```\nother\n```\n"
    assert read_layers(page) == SHOP
    with pytest.raises(AssertionError, match="no fenced block"):
        read_layers("## Layers\n\nSome words first.\n\n```\ntill\n```\n")


def test_a_sound_package_passes(tmp_path: Path) -> None:
    imports = _read(tmp_path, {})
    assert imports["shop.till.sell"] == {"shop.stock.shelf", "shop.till.change"}
    assert imports["shop.stock.shelf"] == {"shop.errors", "shop.doors.lock"}
    assert (upward(imports, SHOP), both_ways(imports, SHOP), cycle(imports)) == ([], [], [])


@pytest.mark.parametrize(
    "source",
    [
        "from shop.till import sell\n",
        "import shop.till.sell\n",
        "from ..till.sell import price\n",
        "from .. import till\n",
        "def later():\n    from shop.till.sell import price\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.till.sell import Price\n",
        "import importlib\nimportlib.import_module('shop.till.sell')\n",
        "from shop import price\n",
    ],
)
def test_an_upward_import_is_found(tmp_path: Path, source: str) -> None:
    found = upward(_read(tmp_path, {"doors/lock.py": source}), SHOP)
    assert len(found) == 1
    assert found[0].startswith("shop.doors.lock imports ")


def test_two_folders_of_one_line_are_found(tmp_path: Path) -> None:
    imports = _read(tmp_path, {"doors/key.py": "from shop.stock import shelf\n"})
    assert both_ways(imports, SHOP) == ["doors and stock import each other"]
    assert cycle(imports) == []


@pytest.mark.parametrize("source", ["from .sell import price\n", "def later():\n    from shop.till import sell\n"])
def test_a_cycle_is_found(tmp_path: Path, source: str) -> None:
    first, second, again = cycle(_read(tmp_path, {"till/change.py": source}))
    assert first == again
    assert {first, second} == {"shop.till.change", "shop.till.sell"}
