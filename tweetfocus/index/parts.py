"""The parts of an index as named arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

__all__ = ["part_arrays", "read_part"]

Array = npt.NDArray[Any]
Part = TypeVar("Part")


def part_arrays(name: str, part: Any) -> dict[str, Array]:
    """The fields of a dataclass that are arrays, each under the name of the part and its own.

    Example:
        >>> from tweetfocus.data.graph import FollowGraph
        >>> list(part_arrays("graph", FollowGraph.from_pairs(2, [0], [1])))
        ['graph.out_indptr', 'graph.out_indices', 'graph.in_indptr', 'graph.in_indices']
    """
    values = {f"{name}.{field.name}": getattr(part, field.name) for field in fields(part)}
    return {key: value for key, value in values.items() if isinstance(value, np.ndarray)}


def read_part(name: str, kind: type[Part], arrays: Mapping[str, Array], **others: Any) -> Part:
    """A dataclass from `part_arrays`, and from `others`, fields that are no arrays. What has a default may be missing.

    Raises:
        KeyError: an array is missing.
    """
    found = dict(others)
    for field in fields(cast("Any", kind)):
        key = f"{name}.{field.name}"
        if key in arrays or (field.default is MISSING and field.name not in others):
            found[field.name] = arrays[key]
    return kind(**found)
