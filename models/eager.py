"""PyTorch without its compiler, which nobody here uses: loading it takes most of a second, and 40 MiB in every process that does."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch

COMPILER = "torch._dynamo"


class _Absent(ModuleType):
    """Stands where the compiler would, and answers what PyTorch asks of it in passing; whatever else is asked brings the real one."""

    def disable(self, function: Callable[..., Any], *_options: Any, **_more: Any) -> Callable[..., Any]:
        """A function that the compiler shall leave alone: it does."""
        return function

    def graph_break(self, *_words: Any, **_more: Any) -> None:
        """Where a compiled program would be interrupted: there is none."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(COMPILER) is self:
            del sys.modules[COMPILER], torch._dynamo
            importlib.import_module(COMPILER)
        return getattr(sys.modules[COMPILER], name)


def leave_the_compiler_out() -> None:
    """Let this process do without it, unless it is there already. PyTorch would load it at the first step of an optimizer."""
    if COMPILER not in sys.modules:
        absent = _Absent(COMPILER)
        absent.__path__ = []
        sys.modules[COMPILER] = absent
        torch._dynamo = absent
