"""The source text of definitions with everything that they refer to, so that a script can stand alone."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType
from typing import Any

PACKAGE = "models"


@dataclass
class Sources:
    """Import lines, and definitions in an order in which each comes after those that it needs."""

    imports: set[str] = field(default_factory=set)
    definitions: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, targets: Iterable[Callable[..., Any]]) -> None:
        """Collect the definitions of `targets` that are this package's own."""
        for target in targets:
            module = inspect.getmodule(target)
            if module is not None and module.__name__.split(".")[0] == PACKAGE:
                self._collect(module.__name__, target.__name__)

    def text(self) -> str:
        """All definitions, as they stand in their files, two blank lines apart."""
        return "\n\n\n".join(self.definitions.values())

    def _collect(self, module: str, name: str) -> None:
        if (module, name) in self.definitions:
            return
        statement, source = _statements(module)[name]
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] == PACKAGE:
            original = next(alias.name for alias in statement.names if (alias.asname or alias.name) == name)
            self._collect(statement.module or "", original)
            return
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self.imports.add(_single_import(statement, name))
            return
        own = _statements(module)
        for used in _names(statement):
            if used in own and used != name:
                self._collect(module, used)
        self.definitions[module, name] = source


def _names(statement: ast.stmt) -> list[str]:
    """Names that a definition uses, in the order of their appearance, each once."""
    found = [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return list(dict.fromkeys(found))


def _single_import(statement: ast.Import | ast.ImportFrom, name: str) -> str:
    alias = next(alias for alias in statement.names if (alias.asname or alias.name.split(".")[0]) == name)
    renamed = f" as {alias.asname}" if alias.asname else ""
    if isinstance(statement, ast.Import):
        return f"import {alias.name}{renamed}"
    return f"from {statement.module} import {alias.name}{renamed}"


@lru_cache(maxsize=64)
def _statements(module: str) -> dict[str, tuple[ast.stmt, str]]:
    """Every name that a module defines or imports at its top level, with its statement and source text."""
    loaded: ModuleType = importlib.import_module(module)
    text = inspect.getsource(loaded)
    lines = text.splitlines()
    found: dict[str, tuple[ast.stmt, str]] = {}
    for statement in ast.parse(text).body:
        first = min([statement.lineno, *[decorator.lineno for decorator in getattr(statement, "decorator_list", [])]])
        source = "\n".join(lines[first - 1 : statement.end_lineno])
        for name in _defined(statement):
            found[name] = (statement, source)
    return found


def _defined(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Import(names=names):
            return [alias.asname or alias.name.split(".")[0] for alias in names]
        case ast.ImportFrom(names=names):
            return [alias.asname or alias.name for alias in names]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return []
