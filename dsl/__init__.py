"""The language: the names that users of it need; everything else is in the modules.

>>> from dsl import parse, run, show
>>> from dsl.primitives import CORE
>>> program = parse("lambda xs: map(lambda x: x * 2, xs)", CORE)
>>> run(program, [(1, 2, 3)], CORE)
(2, 4, 6)
>>> show(program, CORE)
'lambda xs: map(lambda x: x * 2, xs)'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dsl.errors import DslError
from dsl.laws import (
    absorbing,
    associative,
    commutative,
    idempotent,
    identity,
    involution,
    left_identity,
    right_identity,
)
from dsl.library import Library
from dsl.primitive import primitive
from dsl.program import Program
from dsl.type_system import Equatable, Ordered, Range, Type
from dsl.values import Failure, Some, TooLarge, Undefined

if TYPE_CHECKING:
    from dsl.inference import infer
    from dsl.interpreter import run
    from dsl.parser import parse
    from dsl.printer import show

__all__ = [
    "DslError",
    "Equatable",
    "Failure",
    "Library",
    "Ordered",
    "Program",
    "Range",
    "Some",
    "TooLarge",
    "Type",
    "Undefined",
    "absorbing",
    "associative",
    "commutative",
    "idempotent",
    "identity",
    "infer",
    "involution",
    "left_identity",
    "parse",
    "primitive",
    "right_identity",
    "run",
    "show",
]

_LATER = {"infer": "dsl.inference", "parse": "dsl.parser", "run": "dsl.interpreter", "show": "dsl.printer"}
"""Imported when first asked for: every module of the package passes here, and few need the parser."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
