"""What is written beneath the fields of a class, read from its source when somebody asks: a server that starts does not ask, and would wait
a third of a second for all of them."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise


@cache
def docstrings_in(module: str) -> Mapping[str, Mapping[str, str]]:
    """The docstrings of all fields of a module's classes, by class and field."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: dict(_beneath_fields(node)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _beneath_fields(node: ast.ClassDef) -> list[tuple[str, str]]:
    return [
        (field.target.id, inspect.cleandoc(text.value.value))
        for field, text in pairwise(node.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    ]
