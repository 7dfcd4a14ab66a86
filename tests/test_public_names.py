"""What `import tweetfocus` offers: complete, documented with examples, and cheap."""

from __future__ import annotations

import ast
import doctest
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import tweetfocus as tf

PACKAGE = Path(tf.__file__).parent
NAMES = [name for name in tf.__all__ if not name.startswith("_")]
HEAVY = ["torch", "sentence_transformers", "ctranslate2", "tweepy", "networkx", "sklearn", "pyarrow", "scipy"]


def _typed_names() -> dict[str, str]:
    """Name -> module, as type checkers see it: the imports under TYPE_CHECKING."""
    found = {}
    for node in ast.walk(ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for statement in node.body:
                assert isinstance(statement, ast.ImportFrom)
                found.update({alias.asname or alias.name: statement.module or "" for alias in statement.names})
    return found


def test_all_is_sorted_and_complete() -> None:
    assert tf.__all__ == [*sorted(tf._HOMES), "__version__"]
    assert list(tf._HOMES) == sorted(tf._HOMES)
    assert dir(tf) == sorted(tf.__all__)
    assert _typed_names() == tf._HOMES


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_at_home_where_the_table_says(name: str) -> None:
    home = import_module(tf._HOMES[name])
    assert getattr(tf, name) is getattr(home, name)
    assert name in home.__all__
    assert getattr(tf, name).__module__ == tf._HOMES[name]


def test_every_error_is_public() -> None:
    assert set(import_module("tweetfocus.errors").__all__) <= set(NAMES)


def test_a_wrong_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'tweetfocus' has no attribute 'recomend'"):
        tf.recomend  # noqa: B018


def _members(owner: type[Any]) -> dict[str, Any]:
    """Public methods and properties that the class defines itself."""
    return {
        name: value
        for name, value in vars(owner).items()
        if not name.startswith("_") and (inspect.isroutine(value) or hasattr(type(value), "__get__"))
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_a_docstring_with_an_example(name: str) -> None:
    documented = inspect.getdoc(getattr(tf, name))
    assert documented
    assert doctest.DocTestParser().get_examples(documented), f"{name} has no >>> example"


@pytest.mark.parametrize("name", [name for name in NAMES if inspect.isclass(getattr(tf, name))])
def test_every_public_method_has_a_docstring(name: str) -> None:
    fields = getattr(getattr(tf, name), "__dataclass_fields__", {})
    undocumented = [
        method
        for method, value in _members(getattr(tf, name)).items()
        if method not in fields and not inspect.getdoc(value) and not isinstance(value, getattr(tf, name))
    ]
    assert undocumented == []


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_module_says_what_it_is_and_what_it_offers(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree)
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    if parts[-1] in {"__init__", "__main__"}:
        return
    module = import_module(".".join(parts))
    assert len(module.__all__) == len(set(module.__all__))
    assert all(hasattr(module, name) for name in module.__all__)


def _fresh(code: str) -> str:
    """What a new interpreter prints that knows nothing but the package."""
    start = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\n"
    return subprocess.run([sys.executable, "-c", start + code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import tweetfocus\nprint(sorted(set({HEAVY!r}) & set(sys.modules)), tweetfocus.__version__)"
    assert _fresh(code) == f"[] {tf.__version__}"


def test_importing_the_package_loads_nothing_but_the_standard_library_and_itself() -> None:
    code = (
        "before = set(sys.modules)\nimport tweetfocus\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    assert _fresh(code) == "['tweetfocus']"


def test_errors_and_records_stay_light() -> None:
    code = f"import tweetfocus\ntweetfocus.Account, tweetfocus.UnknownAccount\nprint(sorted(set({HEAVY!r}) & set(sys.modules)))"
    assert _fresh(code) == "[]"
