"""Sphinx settings. Build with `python -m sphinx -W --keep-going -b html docs docs/_build/html`; nothing is fetched."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout beside this file, not an installed copy

import tweetfocus

project = "tweetfocus"
author = "The tweetfocus authors"
copyright = author
version = release = tweetfocus.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
default_role = "code"  # a single backtick in a docstring is code
nitpicky = True
# what belongs to others: without a network there is no inventory of their documentation to link to
nitpick_ignore_regex = [
    ("py:class", "Figure"),  # of matplotlib
    ("py:class", r"tweetfocus\.sources\.records\..+"),  # inside the state, not for others
    ("py:class", r"tweetfocus\.index\.rounded\.RoundedRows"),  # inside the index
    # inside the kernels
    ("py:class", r"(tweetfocus\.kernels\.(kinship\.Surroundings|int8_products\.Maker|lines\.Lines)|Adjacency|Doubles|Rows)"),
    (
        "py:.*",
        r"(collections\.abc|datetime|decimal|networkx|np|npt|numpy|os|pathlib|pyarrow|random|scipy|sqlite3|typing)\..+|csr_array|Floats",
    ),
]

myst_heading_anchors = 3

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
maximum_signature_line_length = 88
napoleon_use_rtype = False
napoleon_custom_sections = [("Attributes", "params_style")]  # a plain list, since one entry may name several fields

html_theme = "furo"
html_title = f"tweetfocus {version}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]

_ARRAY = re.compile(r"~numpy\.ndarray\[tuple\[~typing\.Any, \.\.\.\], ~numpy\.dtype\[(~numpy\.\w+)\]\]")
_ARRAY_LIKE = re.compile(r"~numpy\._typing\._array_like\._Buffer \|.*?_NestedSequence\[complex \| bytes \| str\]")

_SIZE = re.compile(r"\|(\w[\w ]*)\|")


def _sign(app: Any, what: str, name: str, obj: Any, options: Any, args: str | None, result: str | None) -> Any:
    """Write the types of arrays as the source does, not as NumPy spells them out, and an empty dict as one."""
    return tuple(
        text
        and _ARRAY_LIKE.sub(
            "~numpy.typing.ArrayLike", _ARRAY.sub(r"~numpy.typing.NDArray[\1]", text.replace("<factory>", "{}"))
        )
        for text in (args, result)
    )


def _prepare(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Our docstrings are for people first: |A| is the size of a set, 0 .. n a range, and a property begins with a
    sentence."""
    lines[:] = [_SIZE.sub(r"\|\1\|", line).replace("0 .. n", "0 … n") for line in lines]
    if what in ("attribute", "property") and lines:
        lines[:0] = ["..", ""]  # Napoleon takes what stands before a colon in the first line for a type


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-signature", _sign)
    app.connect("autodoc-process-docstring", _prepare, priority=400)
